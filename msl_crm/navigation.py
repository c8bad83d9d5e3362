"""What each role finds in the side bar, and the person and theme the shell shows.

A plain table from role to places. An entry whose page does not exist is left out, so the table may run ahead
of the pages. Counts come from functions that the apps register; they are asked only for people who see them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from msl_crm.offline.key import device_of
from msl_crm.offline.words import words

Count = Callable[[HttpRequest], int]
_counts: dict[str, Count] = {}


@dataclass(frozen=True)
class Place:
    """A page in the navigation: the name of its address, what it is called, its icon, its group."""

    name: str
    label: Any
    icon: str
    group: str = ""

    def with_label(self, label: Any) -> Place:
        return Place(self.name, label, self.icon, self.group)


TODAY = Place("home", _("Today"), "sun")
HOME = TODAY.with_label(_("Home"))
KOLS = Place("kols:list", _("KOLs"), "users")
ACCOUNTS = KOLS.with_label(_("Accounts"))
CALENDAR = Place("calendars:calendar", _("Calendar"), "calendar")
VISITS = Place("interactions:list", _("Visits"), "calendar-event")
INBOX = Place("handovers:inbox", _("Inbox"), "inbox")
PRODUCTS = Place("products:list", _("Products"), "flask", "boundary")
HANDOVERS = Place("handovers:list", _("Handovers"), "arrows-right-left", "boundary")
TERRITORY = Place("reports:territory", _("Territory"), "map-2")
DESK = Place("compliance:desk", _("Desk"), "shield-check", "oversight")
DEVIATIONS = Place("compliance:deviations", _("Deviations"), "alert-triangle", "oversight")
REVIEW = Place("reviews:queue", _("Review"), "list-check", "oversight")
FINDINGS = Place("compliance:findings", _("Findings"), "flag", "oversight")
QUESTIONS = Place("reviews:questions", _("Inspection"), "clipboard-check", "oversight")
TRAIL = Place("compliance:trail", _("Trail"), "history", "oversight")
SAFETY = Place("safety:list", _("Side effects"), "urgent")
IMPORTS = Place("imports:list", _("Imports"), "database-import", "boundary")
MATERIALS = Place("products:materials", _("Materials"), "file-text", "boundary")
RULES = Place("compliance:packs", _("Rules"), "gavel", "boundary")
PROPOSALS = Place("products:proposals", _("To confirm"), "check")
PEOPLE = Place("accounts:users", _("People"), "users")
COVER = Place("accounts:covers", _("Cover"), "user-share", "team")
CERTIFICATES = Place("accounts:certificates", _("Certificates"), "certificate", "team")
GLASS = Place("accounts:glass", _("Break-glass"), "lock", "oversight")
RIGHTS = Place("accounts:rights", _("Rights"), "users", "oversight")
ORGANISATION = Place("accounts:organisation", _("Organisation"), "building")
LOG_VISIT = Place("interactions:new", _("Log visit"), "plus")
LOG_CALL = LOG_VISIT.with_label(_("Log call"))
CALLS = VISITS.with_label(_("Calls"))
MAY_I = Place("interactions:may_i", _("May I?"), "scale")
# What somebody heard about a side effect is taken from everybody, whatever the role.
SIDE_EFFECT = Place("safety:new", _("Report a side effect"), "urgent", "safety")

GROUPS: dict[str, Any] = {
    "": "",
    "boundary": _("Boundary"),
    "team": _("Team"),
    "oversight": _("Oversight"),
    "safety": _("Safety"),
}
PLACES: dict[str, tuple[Place, ...]] = {
    "MSL": (TODAY, KOLS, CALENDAR, VISITS, PRODUCTS, HANDOVERS, MATERIALS),
    "MSL_LEAD": (TERRITORY, KOLS, CALENDAR, VISITS, PRODUCTS, HANDOVERS, MATERIALS, COVER, CERTIFICATES),
    "MEDICAL_INFORMATION": (HOME, KOLS, CALENDAR, VISITS, PRODUCTS, MATERIALS),
    "CLINICAL_RESEARCH": (HOME, KOLS, CALENDAR, VISITS, PRODUCTS),
    "FIELD_SERVICE": (INBOX, ACCOUNTS, CALENDAR, CALLS, PRODUCTS, MATERIALS),
    "FIELD_LEAD": (
        INBOX,
        KOLS.with_label(_("Accounts")),
        CALENDAR,
        CALLS,
        PRODUCTS,
        HANDOVERS,
        COVER,
        CERTIFICATES,
    ),
    "PRODUCT_MANAGER": (HOME, PRODUCTS, MATERIALS),
    "SAFETY": (HOME, SAFETY, PRODUCTS),
    "COMPLIANCE": (
        DESK,
        REVIEW,
        FINDINGS,
        DEVIATIONS,
        TRAIL,
        QUESTIONS,
        KOLS,
        VISITS,
        PRODUCTS,
        HANDOVERS,
        SAFETY,
        MATERIALS,
        CERTIFICATES,
    ),
    "AUDITOR": (QUESTIONS, DESK, REVIEW, FINDINGS, DEVIATIONS, TRAIL, KOLS, VISITS, PRODUCTS, HANDOVERS),
    "PRIVACY": (HOME, KOLS, RULES),
    "REGULATORY": (PROPOSALS, PRODUCTS, MATERIALS, IMPORTS, RULES),
    "MARKET_ACCESS": (HOME, PRODUCTS),
    "ADMIN": (HOME, PEOPLE, ORGANISATION, RIGHTS, GLASS),
}
MAIN_ACTION: dict[str, Place] = {
    **dict.fromkeys(("MSL", "MSL_LEAD"), LOG_VISIT),
    "FIELD_SERVICE": LOG_CALL,
}
# Who may ask what the boundary says of a contact; the page itself decides again.
MAY_ASK = frozenset(
    (
        "MSL",
        "MSL_LEAD",
        "MEDICAL_INFORMATION",
        "CLINICAL_RESEARCH",
        "FIELD_SERVICE",
        "FIELD_LEAD",
        "COMPLIANCE",
    )
) | {"AUDITOR"}
# G and this letter lead there, wherever the person is; the first of her places with a letter has it.
GO = {
    "home": "t",
    "reports:territory": "t",
    "compliance:desk": "t",
    "products:proposals": "t",
    "kols:list": "k",
    "calendars:calendar": "c",
    "handovers:inbox": "i",
    "accounts:notices": "i",
    "handovers:list": "h",
}
THEMES = ("light", "dark", "system")
ON_PHONE = 4


def counted(name: str) -> Callable[[Count], Count]:
    """Register the number shown beside a place. It must be one cheap query and obey `visible_to`."""

    def register(count: Count) -> Count:
        _counts[name] = count
        return count

    return register


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the navigation, the person and the theme, worked out when the template asks."""
    user = getattr(request, "user", None)
    theme = getattr(user, "theme", "") or "system"
    theme = theme if theme in THEMES else "system"
    groups = cache(lambda: groups_for(request))
    return {
        "theme": theme,
        "device": SimpleLazyObject(lambda: device_of(user)),
        "device_words": SimpleLazyObject(words),
        "nav": SimpleLazyObject(groups),
        "nav_action": SimpleLazyObject(lambda: _entry(MAIN_ACTION.get(role_of(user)), request)),
        "nav_may_i": SimpleLazyObject(lambda: _entry(MAY_I, request) if role_of(user) in MAY_ASK else None),
        "nav_phone": SimpleLazyObject(lambda: phone_places(request, groups())),
        "nav_search": _address("search"),
        "nav_notices": SimpleLazyObject(
            lambda: _entry(Place("accounts:notices", _("Notices"), "bell"), request)
        ),
        "nav_profile": _address("accounts:profile"),
        "nav_role": SimpleLazyObject(lambda: role_label(user)),
    }


def role_of(user: Any) -> str:
    """The role's name in capitals, or nothing for a visitor."""
    if user is None or not user.is_authenticated:
        return ""
    return str(getattr(user, "role", "") or "").upper()


def places_of(user: Any) -> list[Place]:
    """The places of a person's role that exist, without their counts."""
    return [place for place in PLACES.get(role_of(user), ()) if _address(place.name)]


def role_label(user: Any) -> str:
    display = getattr(user, "get_role_display", None)
    return str(display()) if display else role_of(user).replace("_", " ").capitalize()


def groups_for(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar of the signed-in person: groups with a title and entries, empty groups left out."""
    entries = [
        (place.group, _entry(place, request))
        for place in (*PLACES.get(role_of(request.user), ()), SIDE_EFFECT)
    ]
    # Of two sections one of which lies below the other, the nearer one is current.
    current = max(
        (entry["url"] for _group, entry in entries if entry and entry["active"]), key=len, default=""
    )
    for _group, entry in entries:
        if entry:
            entry["active"] = entry["active"] and entry["url"] == current
    groups = [
        {"title": title, "places": [entry for group, entry in entries if group == key and entry]}
        for key, title in GROUPS.items()
    ]
    return [group for group in groups if group["places"]]


def phone_places(request: HttpRequest, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first places for the bar at the bottom of a phone; the rest opens from "More"."""
    room = ON_PHONE - 1 if MAIN_ACTION.get(role_of(request.user)) else ON_PHONE
    # The way to Safety stands in "More" with everybody; the bar is for the places of the day.
    daily = [group for group in groups if group["title"] != GROUPS["safety"]]
    entries = {entry["name"]: entry for group in daily for entry in group["places"]}
    # In the order of the table: where the day begins stands first, whatever group it belongs to.
    order = [place.name for place in PLACES.get(role_of(request.user), ()) if place.name in entries]
    return [entries[name] for name in order[:room]]


def _entry(place: Place | None, request: HttpRequest) -> dict[str, Any] | None:
    if place is None or not (url := _address(place.name)):
        return None
    count = _counts.get(place.name)
    return {
        "url": url,
        "name": place.name,
        "key": GO.get(place.name, ""),
        "label": place.label,
        "icon": place.icon,
        "count": count(request) if count else 0,
        "active": _is_open(url, request.path),
    }


def _is_open(url: str, path: str) -> bool:
    """A section is current on all pages below it; the front page only on itself."""
    return path == url or (url.strip("/") != "" and path.startswith(url))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
