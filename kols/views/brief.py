"""What one reads before a visit, on one sheet; and whom the expert works with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import current
from accounts.http import SignedInRequest
from accounts.models import User
from compliance import reading
from compliance.policy import Role
from interactions.detail import tag_of
from interactions.models import Interaction, Topic
from kols import profile
from kols.band import may_discuss
from kols.forms import CHANNELS, LANGUAGES
from kols.listing import sees_medical
from kols.models import KOL
from kols.network import drawn, neighbours_of
from msl_crm.access import MSLS, OVERSIGHT, allowed

LATELY = 3
"""So many contacts tell how it has been going."""


@allowed(MSLS)
def kol_brief(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The visit brief: who, what was said lately, what is open, what may be discussed today. One A4 when printed."""
    user = request.user
    kol = _known(pk, user)
    lines = profile.lines_of(kol, user)
    year = profile.year_of(kol)
    science = getattr(kol, "science", None)
    context = {
        "kol": kol,
        "science": science,
        "works_at": _now(kol),
        "markets": ", ".join(market["name"] for market in kol.markets),  # type: ignore[attr-defined]
        "languages": ", ".join(str(dict(LANGUAGES).get(code, code)) for code in kol.languages),
        "prefers": dict(CHANNELS[1:]).get(kol.preferred_channel, kol.preferred_channel),
        "may_discuss": may_discuss(kol, lines, Role(user.role), user.pk),
        "contacts": [
            {"record": one, "tags": [tag_of(topic) for topic in one.topics.all()]}
            for one in _lately(kol, user)
        ],
        "open_items": profile.open_items(kol),
        "near": drawn(neighbours_of(kol, user)[:LATELY]),
        "year": year,
        "read_at": current().now,
        "topbar_title": _("Visit brief"),
        "back_url": reverse("kols:detail", args=[kol.pk]),
    }
    return render(request, "kols/kol_brief.html", context)


@allowed(MSLS | OVERSIGHT)
def kol_network(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Everybody who is known to work with the expert: the picture, and every tie in words."""
    kol = _known(pk, request.user)
    reading.note(request.user, kol)
    context = {
        "kol": kol,
        "near": drawn(neighbours_of(kol, request.user)),
        "topbar_title": _("Network"),
        "back_url": reverse("kols:detail", args=[kol.pk]),
    }
    return render(request, "kols/kol_network.html", context)


def _known(pk: UUID, user: User) -> KOL:
    """The expert with what Medical knows; an entry that was merged has no page of its own any more."""
    kol = profile.read_medical(pk, user) if sees_medical(user) else None
    if kol is None or kol.status == KOL.Status.MERGED:
        raise Http404
    return kol


def _now(kol: KOL) -> list[dict[str, Any]]:
    now, instant = current().now, profile.instant
    rows = kol.works_at  # type: ignore[attr-defined]
    return [one for one in rows if one["until"] is None or (instant(one["until"]) or now) > now]


def _lately(kol: KOL, user: User) -> list[Interaction]:
    rows = Interaction.objects.visible_to(user).logged().filter(attendees__kol=kol)
    about = Topic.objects.select_related("use__indication__product", "area", "product")
    return list(
        rows.select_related("author")
        .prefetch_related(Prefetch("topics", about))
        .order_by("-starts_at", "-id")[:LATELY]
    )
