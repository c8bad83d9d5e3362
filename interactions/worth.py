"""Whom to see soon, and why: the longest unseen of the first tier, who is near, who waits for something."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from interactions.models import FollowUp, Interaction
from kols.models import KOL

SHOWN = 3
LOOKED_AT = 20
UNSEEN_DAYS = 30
SOON = timedelta(days=7)


@dataclass
class Reasons:
    """Why somebody is worth seeing: the weight decides the order, the words stand beside the name."""

    weight: float = 0
    words: list[str] = field(default_factory=list)

    def add(self, weight: float, words: str) -> None:
        self.weight += weight
        self.words.append(words)

    @property
    def sentence(self) -> str:
        first, *rest = self.words
        said = ", ".join([f"{first[:1].upper()}{first[1:]}", *rest[:1]])
        return ". ".join([said, *(f"{words[:1].upper()}{words[1:]}" for words in rest[1:])])


def main_of(row: Interaction) -> KOL | None:
    """The expert a contact is with. Ask with its people prefetched."""
    people = [attendee.kol for attendee in row.attendees.all() if attendee.kol is not None]
    return people[0] if people else None


def worth_seeing(user: User, at: datetime, day: list[Interaction]) -> list[dict[str, Any]]:
    """At most three of her experts whom nobody has met for a month, with the reason in words."""
    seen = {kol.pk for row in day if (kol := main_of(row)) is not None}
    kols = list(
        KOL.objects.visible_to(user)
        .listed()
        .filter(relations__ownerships__owner=user, relations__ownerships__during__contains=at)
        .filter(Q(last_contact=None) | Q(last_contact__at__lt=at - timedelta(days=UNSEEN_DAYS)))
        .exclude(pk__in=seen)
        .select_related("science", "last_contact", "main_institution")
        .defer("search")
        .order_by(F("science__tier").asc(nulls_last=True), F("last_contact__at").asc(nulls_first=True), "pk")
        .distinct()[:LOOKED_AT]
    )
    promised = _promised(user, at)
    near = _near(user, at, day)
    reasons = {kol.pk: reasons_for(kol, at, near, promised) for kol in kols}
    kols.sort(key=lambda kol: -reasons[kol.pk].weight)
    return [
        {
            "name": str(kol),
            "text": reasons[kol.pk].sentence,
            "url": reverse("kols:detail", args=[kol.pk]),
            "action": {"url": f"{reverse('interactions:plan')}?kol={kol.pk}", "text": _("Plan")},
        }
        for kol in kols[:SHOWN]
    ]


def reasons_for(kol: KOL, at: datetime, near: dict[str, str], promised: dict[Any, str]) -> Reasons:
    """Tier and time since the last contact; then whether she is near today, and what she waits for."""
    why = Reasons()
    science, last = getattr(kol, "science", None), getattr(kol, "last_contact", None)
    if science is not None:
        why.add(200 / science.tier, science.get_tier_display())
    if last is None:
        why.add(120, _("never met"))
    else:
        days = (at - last.at).days
        why.add(min(days, 360) / 2, _("last seen %(n)s days ago") % {"n": days})
    city = kol.main_institution.city if kol.main_institution else ""
    if city and city in near:
        why.add(60, _("in %(city)s, like your %(time)s") % {"city": city, "time": near[city]})
    if kol.pk in promised:
        why.add(80, _("waits for: %(what)s") % {"what": promised[kol.pk]})
    return why


def _near(user: User, at: datetime, day: list[Interaction]) -> dict[str, str]:
    """The places she will be in today, with the time."""
    found: dict[str, str] = {}
    for row in day:
        kol = main_of(row)
        if kol is not None and kol.main_institution and row.ends_at > at:
            found.setdefault(kol.main_institution.city, row.starts_at.astimezone(user.tz).strftime("%H:%M"))
    return found


def _promised(user: User, at: datetime) -> dict[Any, str]:
    """What somebody waits for that is due within a week, or late."""
    rows = FollowUp.objects.visible_to(user).open().filter(owner=user, kol__isnull=False)
    due = rows.filter(due_on__lte=(at + SOON).date()).order_by("-due_on", "-id")
    return dict(due.values_list("kol", "what")[:50])
