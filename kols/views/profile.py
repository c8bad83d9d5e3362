"""An expert's page: all of it for Medical, the directory for everybody else, 404 where it is not theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import current
from accounts.http import SignedInRequest
from accounts.models import User
from compliance import reading
from compliance.policy import Deed, Role, Side, may
from interactions.models import Interaction
from kols import palette, profile
from kols.band import band_of, may_discuss
from kols.consent_forms import CHANNELS as CONSENT_CHANNELS
from kols.filters import Cursor
from kols.forms import CHANNELS, LANGUAGES
from kols.listing import sees_medical
from kols.models import KOL, Ownership
from kols.network import drawn, neighbours_of
from kols.timeline import SHOWN, address, in_words_of, timeline_of, what_took_place
from msl_crm.access import FIELD, MEDICAL, MSLS, OVERSIGHT, allowed
from msl_crm.dates import date_in_words, when, within


@allowed(MEDICAL, FIELD, OVERSIGHT, Role.SAFETY)
def kol_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    user = request.user
    medical = sees_medical(user)
    kol = (profile.read_medical if medical else profile.read)(pk, user)
    if kol is None:
        raise Http404
    if kol.status == KOL.Status.MERGED and kol.merged_into_id:
        if not KOL.objects.visible_to(user).filter(pk=kol.merged_into_id).exists():
            raise Http404
        messages.info(request, _("This entry was a double and is now part of this one."))
        return redirect("kols:detail", pk=kol.merged_into_id)
    palette.opened(user, kol)
    if not medical:
        return render(request, "kols/kol_directory.html", _directory(kol, user))
    reading.note(user, kol)
    return render(request, "kols/kol_detail.html", _page(request, kol, user))


def _page(request: SignedInRequest, kol: KOL, user: User) -> dict[str, Any]:
    lines = profile.lines_of(kol, user)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else ""
    role = Role(user.role)
    year, open_items = profile.year_of(kol), profile.open_items(kol)
    return {
        **_common(kol, user),
        "seats": _dated(kol.seats_on),  # type: ignore[attr-defined]
        "facts": [_last_contact(kol, user), _plan(year), _open(open_items), _next(year.next)],
        "band": band_of(lines),
        "timeline": timeline_of(kol, user, lines, shown=shown, before=_before(request)),
        "older_pages": bool(request.GET.get("before")),
        "shown": shown,
        "tabs": [
            {
                "url": f"?show={name}#timeline" if name else "?#timeline",
                "text": text,
                "current": name == shown,
            }
            for name, text in SHOWN.items()
        ],
        "open_items": open_items,
        "near": drawn(neighbours_of(kol, user)),
        "brief_url": reverse("kols:brief", args=[kol.pk]) if role in MSLS else "",
        "may_discuss": may_discuss(kol, lines, role, user.pk) if role in MSLS else [],
        "lines": [line for line in lines if line.now is not None],
        "past_lines": [line for line in lines if line.now is None],
        "science": getattr(kol, "science", None),
        "may_edit": may(role, Deed.EDIT_KOL).allowed,
        "may_edit_science": may(role, Deed.EDIT_SCIENCE).allowed,
        "may_relate": may(role, Deed.OPEN_RELATION).allowed,
        "may_assign": may(role, Deed.ASSIGN_OWNER).allowed,
    }


def _before(request: SignedInRequest) -> Cursor | None:
    try:
        cursor = Cursor.decode(request.GET["before"])
        current().now.fromisoformat(cursor.place)
    except (KeyError, ValueError):
        return None
    return cursor if current().now.fromisoformat(cursor.place).tzinfo else None


def _common(kol: KOL, user: User) -> dict[str, Any]:
    """Head, places and numbers: the directory, for everybody who may open the page."""
    now = current().now
    works_at = _dated(kol.works_at)  # type: ignore[attr-defined]
    present = [one for one in works_at if one["until"] is None or one["until"] > now]
    function = next((one["function"] for one in present if one["main"]), "")
    return {
        "kol": kol,
        "topbar_title": kol.name,
        "back_url": reverse("kols:list"),
        "headline": ", ".join(word for word in (kol.specialty, function) if word),
        "works_at": present,
        "worked_at": [one for one in works_at if one not in present],
        "log_url": _with(address("interactions:new"), kol)
        if user.role in MSLS or user.role == Role.FIELD_SERVICE
        else "",
        "plan_url": _with(address("interactions:plan"), kol)
        if user.role in MSLS or user.role == Role.FIELD_SERVICE
        else "",
        "may_i_url": _with(address("interactions:may_i"), kol)
        if user.role in MSLS or user.role in (Role.FIELD_SERVICE, Role.FIELD_LEAD, Role.COMPLIANCE)
        else "",
        "own": user.side is Side.COMMERCIAL,
        "prefers": dict(CHANNELS[1:]).get(kol.preferred_channel, kol.preferred_channel),
        "channels": dict(CONSENT_CHANNELS),
        "agreed": list(
            dict.fromkeys(dict(CONSENT_CHANNELS).get(one["channel"], one["channel"]) for one in kol.agreed)  # type: ignore[attr-defined]
        ),
        "languages": [dict(LANGUAGES).get(code, code) for code in kol.languages],
    }


def _dated(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows out of JSON with their instants as such."""
    instant = profile.instant
    return [{**row, "since": instant(row["since"]), "until": instant(row["until"])} for row in rows]


def _with(url: str, kol: KOL) -> str:
    return f"{url}?kol={kol.pk}" if url else ""


def _last_contact(kol: KOL, user: User) -> dict[str, Any]:
    met = getattr(kol, "last_contact", None)
    if met is None:
        return {
            "label": _("Last contact"),
            "value": _("never"),
            "text": _("Medical has not met this expert yet."),
        }
    one = met.interaction
    who, what = _("You") if one.author_id == user.pk else one.author.name, what_took_place(one)
    return {"label": _("Last contact"), "value": when(met.at), "text": f"{who}: {within(what)}"}


def _plan(year: profile.Year) -> dict[str, Any]:
    if not year.goal:
        visits = ngettext("%(n)d contact", "%(n)d contacts", year.made) % {"n": year.made}
        return {"label": _("This year"), "value": visits, "text": _("No goal is set.")}
    share = (current().now.timetuple().tm_yday / 365) * year.goal
    value = _("%(made)d of %(goal)d visits") % {"made": year.made, "goal": year.goal}
    meter = {"value": min(year.made, year.goal), "goal": share, "total": year.goal}
    return {"label": _("This year's plan"), "value": value, "meter": meter}


def _open(items: list[Any]) -> dict[str, Any]:
    text = (
        _("Due %(day)s") % {"day": date_in_words(items[0]["due_on"])} if items else _("Nothing is waiting.")
    )
    return {"label": _("Open items"), "value": len(items), "text": text}


def _next(one: dict[str, Any] | None) -> dict[str, Any]:
    if one is None:
        return {"label": _("Next"), "value": _("nothing planned")}
    place = one["place"] or one["institution"]
    words = ", ".join(word for word in (in_words_of(one["kind"], one["channel"]), place) if word)
    url = address("interactions:detail", one["id"])
    return {"label": _("Next"), "value": when(one["at"]), "text": words, "url": url}


def _directory(kol: KOL, user: User) -> dict[str, Any]:
    """What the directory says, and for field service what is its own: ownerships and calls."""
    held = Ownership.objects.visible_to(user).filter(relation__kol=kol)
    held = held.select_related("owner", "relation__use__indication__product", "relation__use__market")
    calls = Interaction.objects.visible_to(user).logged().filter(attendees__kol=kol)
    return {
        **_common(kol, user),
        "held": list(held.order_by("-during", "id")),
        "calls": [
            {
                "icon": "map-pin", "tone": "green", "title": what_took_place(one), "at": one.starts_at,
                "url": address("interactions:detail", one.pk),
            }
            for one in calls.order_by("-starts_at", "-id")[:20]
        ],
        "now": current().now,
    }  # fmt: skip
