"""The first day: three things that help, each of which can be skipped.

What was skipped is kept on the device, in a cookie that holds the names of steps and nothing else: the last step
is about the device itself.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

COOKIE = "first_steps"
A_YEAR = 366 * 24 * 3600
KEYS = ("calendar", "kols", "phone")


def skipped(request: HttpRequest) -> set[str]:
    return set(request.COOKIES.get(COOKIE, "").split(".")) & set(KEYS)


def steps_for(request: HttpRequest) -> list[dict[str, Any]]:
    """What is left to show somebody who has not logged anything yet."""
    known = {
        "calendar": {
            "icon": "calendar",
            "title": _("Bring in your calendar"),
            "text": _("Visits fill themselves in from your appointments."),
            "url": address("calendars:calendar"),
            "action": _("Connect"),
        },
        "kols": {
            "icon": "users",
            "title": _("Look at your KOLs"),
            "text": _("Whom you answer to, and whom nobody has met for long."),
            "url": reverse("kols:list"),
            "action": _("Open the list"),
        },
        "phone": {
            "icon": "device-mobile",
            "title": _("Put it on your phone"),
            "text": _("Open this address there, and add it to the home screen from the browser's menu."),
            "url": "",
            "action": "",
        },
    }
    gone = skipped(request)
    return [{"key": key, **step} for key, step in known.items() if key not in gone]


def skip(request: HttpRequest, response: HttpResponse, key: str) -> None:
    """Remember on this device that a step was skipped."""
    kept = ".".join(sorted(skipped(request) | {key} & set(KEYS)))
    response.set_cookie(
        COOKIE, kept, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )


def address(name: str) -> str:
    """The address of a page, or nothing while it does not exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
