"""Whom an expert works with, as far as the product has seen it: committees, trials, meetings, the same house.

One statement, whatever the number. Nothing is inferred about people outside of it: who was only named in a visit
is drawn as not in the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import current
from accounts.models import User
from interactions.models import Attendee, Interaction
from kols.models import KOL, Seat, StudyRole

LISTED = 24
AS_FAR = timedelta(days=3 * 366)
WEIGHT = {"trial": 4, "seat": 3, "met": 2, "house": 1}
MOST_MEETINGS = 3


@dataclass
class Neighbour:
    """Somebody who works with the expert, and all that ties the two."""

    name: str
    pk: UUID | None = None
    ties: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        return sum(WEIGHT[kind] * min(times, MOST_MEETINGS) for (kind, _words), times in self.ties.items())

    @property
    def note(self) -> str:
        """The strongest tie in words."""
        kind, words = max(self.ties, key=lambda tie: (WEIGHT[tie[0]], tie[1]))
        if kind == "met":
            times = self.ties[kind, words]
            return ngettext("met together once", "met together %(n)d times", times) % {"n": times}
        return _("same house") if kind == "house" else words

    def as_node(self) -> dict[str, Any]:
        """As `components/ego_network.html` draws it."""
        return {
            "name": self.name,
            "weight": self.weight,
            "note": self.note,
            "notes": self.in_words(),
            "url": reverse("kols:detail", args=[self.pk]) if self.pk else "",
            "outside": self.pk is None,
        }

    def in_words(self) -> str:
        """Every tie, the strongest first."""
        order = sorted(self.ties, key=lambda tie: (-WEIGHT[tie[0]], tie[1]))
        return "; ".join(Neighbour(self.name, self.pk, {tie: self.ties[tie]}).note for tie in order)


def neighbours_of(kol: KOL, user: User) -> list[Neighbour]:
    """The nearest first, at most as many as one can look through."""
    found: dict[object, Neighbour] = {}
    for pk, title, given, family, suffix, name, kind, words, times in _rows(kol, user):
        whom = KOL(title=title, given_name=given, family_name=family, suffix=suffix).name if pk else name
        near = found.setdefault(pk or name, Neighbour(whom, pk))
        near.ties[kind, words] = near.ties.get((kind, words), 0) + times
    return sorted(found.values(), key=lambda one: (-one.weight, one.name))[:LISTED]


def _rows(kol: KOL, user: User) -> QuerySet[Any, tuple[Any, ...]]:
    """All ties as rows of one shape: the other person, what ties them, how often."""
    at = current().now
    known = KOL.objects.visible_to(user).listed().exclude(pk=kol.pk)
    seats = Seat.objects.filter(
        committee__in=Seat.objects.filter(kol=kol, during__contains=at).values("committee"),
        during__contains=at,
        kol__in=known.values("pk"),
    )
    trials = StudyRole.objects.visible_to(user).filter(
        trial__in=StudyRole.objects.visible_to(user).filter(kol=kol).values("trial"),
        kol__in=known.values("pk"),
    )
    meetings = (
        Interaction.objects.visible_to(user)
        .logged()
        .filter(attendees__kol=kol, starts_at__gte=at - AS_FAR)
        .values("pk")
    )
    together = Attendee.objects.filter(interaction__in=meetings, colleague=None).exclude(kol=kol)
    house = known.filter(main_institution=kol.main_institution_id, specialty=kol.specialty).order_by()
    return _shaped(together, "kol__", "met", Value(""), name=F("name")).union(
        _shaped(seats, "kol__", "seat", F("committee__name")),
        _shaped(trials, "kol__", "trial", F("trial")),
        _shaped(house if kol.main_institution_id else house.none(), "", "house", Value("")),
        all=True,
    )


def _shaped(
    rows: QuerySet[Any], to: str, kind: str, words: Any, name: Any = None
) -> QuerySet[Any, tuple[Any, ...]]:
    person = [f"{to}{part}" for part in ("pk", "title", "given_name", "family_name", "suffix")]
    return (
        rows.order_by()
        .values(*person)
        .annotate(
            called=Cast(name if name is not None else Value(""), CharField()),
            tie=Value(kind, CharField()),
            about=Cast(words, CharField()),
        )
        .annotate(times=Cast(Count("pk"), IntegerField()))
        .values_list(*person, "called", "tie", "about", "times")
    )


def drawn(neighbours: list[Neighbour]) -> list[dict[str, Any]]:
    """As the component takes them."""
    return [one.as_node() for one in neighbours]
