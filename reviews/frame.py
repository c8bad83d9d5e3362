"""The frame of a draw: every entry recorded in a market and period, with what makes it always or more likely looked at.

Each mark is one question to the database; none of them decides. The words a reviewer reads for a mark are `WORDS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Market, User
from compliance.findings import Finding
from compliance.policy import Basis, Document
from compliance.policy.parameters import parameter
from interactions.models import Change, Interaction, JointVisit, Topic, ValueGiven, WordMark
from interactions.solicitation import shares
from products.models import Period
from reviews.drawing import RANDOM, Entry
from reviews.likeness import alike

WORDS = {
    "deviation": _("A deviation that was told"),
    "boundary_window": _("Close to a day on which the boundary moved"),
    "very_late": _("Entered more than a month late"),
    "date_moved": _("The day was moved across a boundary"),
    "joint_visit": _("A visit of both sides"),
    "initiator_changed": _("First planned, then said to have been asked for"),
    "siuu": _("Information on an unapproved use was given"),
    "preclear": _("Rests on a pre-approval"),
    "value_above_cap": _("A value above the cap"),
    "words_kept": _("Words that were marked and stayed"),
    RANDOM: _("Drawn by chance"),
    "new_staff": _("The author is new in this role"),
    "past_findings": _("A finding about the author was confirmed in the last year"),
    "reactive_share": _("The author's share of requests stands out"),
    "similar_text": _("The text is much like another of the author's"),
    "batch_logging": _("Many entries were made in one go"),
    "odd_hours": _("Entered at night or on a weekend"),
    "added": _("Added by hand"),
}
NEW_FOR = timedelta(days=180)
PAST = timedelta(days=365)
# So many entries within so long, about so many days, are one go.
IN_ONE_GO, WITHIN, ABOUT_DAYS = 5, timedelta(minutes=15), 3
NIGHT = (22, 5)


@dataclass
class Frame:
    """The entries of one market and period, and the marks each of them got."""

    market: Market
    since: datetime
    until: datetime
    reader: User
    always: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    risk: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def entries(self) -> list[Entry]:
        """Every entry there is, deviations included, each with its marks."""
        rows = list(
            Interaction.objects.visible_to(self.reader).logged()
            .filter(market=self.market, recorded_at__gte=self.since, recorded_at__lt=self.until)
            .prefetch_related("topics").order_by("recorded_at", "pk")
        )  # fmt: skip
        ids = [row.pk for row in rows]
        for code, found in self._always(rows, ids):
            self._mark(self.always, code, found)
        for code, found in self._risk(rows):
            self._mark(self.risk, code, found)
        return [self._entry(row) for row in rows] + self._deviations()

    def _mark(self, marks: dict[str, list[str]], code: str, found: Iterable[Any]) -> None:
        for pk in sorted({str(pk) for pk in found if pk is not None}):
            marks[pk].append(code)

    def _entry(self, row: Interaction) -> Entry:
        pk = str(row.pk)
        return Entry(
            kind="interaction", id=pk, group=f"{row.author_id} {self._quarter(row.recorded_at)}", version=row.version,
            always=tuple(self.always.get(pk, ())), risk=tuple(self.risk.get(pk, ())),
        )  # fmt: skip

    def _deviations(self) -> list[Entry]:
        rows = (
            Finding.objects.visible_to(self.reader)
            .filter(source=Finding.Source.DEVIATION, market=self.market, opened_at__gte=self.since, opened_at__lt=self.until)
            .order_by("opened_at", "pk")
            .values_list("deviation", "subject", "opened_at")
        )  # fmt: skip
        return [
            Entry(kind="deviation", id=str(pk), group=f"{who} {self._quarter(at)}", always=("deviation",))
            for pk, who, at in rows
        ]

    def _quarter(self, at: datetime) -> str:
        day = self.market.local_day(at)
        return f"{day.year}-Q{(day.month + 2) // 3}"

    def _always(self, rows: list[Interaction], ids: list[UUID]) -> Iterable[tuple[str, Iterable[Any]]]:
        late = timedelta(days=parameter("PP-02 line_approval_after_days"))
        topics = [topic for row in rows for topic in row.topics.all()]
        changes = Change.objects.filter(interaction__in=ids)
        yield "boundary_window", self._near_a_change(rows)
        yield "very_late", [row.pk for row in rows if row.recorded_at - row.ends_at > late]
        yield "date_moved", [row.pk for row in rows if (row.act or {}).get("moved_across")]
        joint = JointVisit.objects.visible_to(self.reader).filter(Q(medical__in=ids) | Q(field__in=ids))
        yield "joint_visit", [pk for pair in joint.values_list("medical", "field") for pk in pair]
        yield (
            "initiator_changed",
            changes.filter(kind=Change.Kind.INITIATOR, after=Basis.UNSOLICITED_REQUEST).values_list(
                "interaction", flat=True
            ),
        )
        yield "siuu", _with(topics, Document.SIUU)
        yield "preclear", {*_with(topics, Document.PRECLEAR), *_cleared(rows)}
        yield "value_above_cap", self._above_cap(rows, ids)
        kept = WordMark.objects.filter(interaction__in=ids, level="explain")
        yield "words_kept", kept.values_list("interaction", flat=True)

    def _near_a_change(self, rows: list[Interaction]) -> list[UUID]:
        """Within PP-04 of a day on which the zone of something that was talked about changed."""
        window = timedelta(days=parameter("PP-04 boundary_window_days"))
        uses = {topic.use_id for row in rows for topic in row.topics.all() if topic.use_id}
        moved: dict[UUID, list[datetime]] = defaultdict(list)
        zone: dict[UUID, Any] = {}
        for period in Period.objects.filter(use__in=uses).order_by("use", "effective_at"):
            for at in sorted({period.effective_at, period.promotable_from or period.effective_at}):
                if zone.get(period.use_id) != (now := period.zone(at)):
                    if period.use_id in zone:
                        moved[period.use_id].append(at)
                    zone[period.use_id] = now
        return [
            row.pk
            for row in rows
            if any(
                abs(row.starts_at - at) <= window
                for topic in row.topics.all() if topic.use_id for at in moved[topic.use_id]
            )
        ]  # fmt: skip

    def _above_cap(self, rows: list[Interaction], ids: list[UUID]) -> list[UUID]:
        """A record says so itself: the boundary kept the code among its reasons."""
        given = set(ValueGiven.objects.filter(interaction__in=ids).values_list("interaction", flat=True))
        return [row.pk for row in rows if row.pk in given and "meal_above_cap" in str(row.decision or "")]

    def _risk(self, rows: list[Interaction]) -> Iterable[tuple[str, Iterable[Any]]]:
        by_author: dict[UUID, list[Interaction]] = defaultdict(list)
        for row in rows:
            by_author[row.author_id].append(row)
        began = dict(
            Appointment.objects.filter(user__in=by_author).order_by("-during").values_list("user", "during")
        )  # the first of each person is read last
        yield "new_staff", [
            row.pk for row in rows
            if (during := began.get(row.author_id)) and during.lower and row.recorded_at - during.lower < NEW_FOR
        ]  # fmt: skip
        confirmed = Finding.objects.visible_to(self.reader).filter(
            subject__in=by_author, opened_at__gte=self.until - PAST, opened_at__lt=self.until,
            history__after=Finding.Status.CONFIRMED,
        )  # fmt: skip
        found = set(confirmed.values_list("subject", flat=True))
        yield "past_findings", [row.pk for row in rows if row.author_id in found]
        outliers = {
            line.author
            for here in shares(self.reader)
            if here.market == self.market
            for line in here.lines
            if line.differs > 0
        }
        yield "reactive_share", [row.pk for row in rows if row.author_id in outliers]
        yield (
            "similar_text",
            [pk for own in by_author.values() for pk in alike([(row.pk, _text(row)) for row in own])],
        )
        yield "batch_logging", [pk for own in by_author.values() for pk in in_one_go(own, self.market)]
        yield "odd_hours", [row.pk for row in rows if self._odd(row.recorded_at)]

    def _odd(self, at: datetime) -> bool:
        local = at.astimezone(self.market.tz)
        return local.weekday() > 4 or local.hour >= NIGHT[0] or local.hour < NIGHT[1]


def _with(topics: Iterable[Topic], document: Document) -> list[UUID]:
    return [topic.interaction_id for topic in topics if str(document) in (topic.documents or {})]


def _cleared(rows: Iterable[Interaction]) -> list[UUID]:
    """Whose receipt rests on a pre-approval."""
    return [
        row.pk
        for row in rows
        if any(topic.get("approved_preclear") for topic in (row.act or {}).get("topics", ()))
    ]


def _text(row: Interaction) -> str:
    return " ".join([row.note, *(f"{topic.shared} {topic.heard}" for topic in row.topics.all())])


def in_one_go(own: list[Interaction], market: Market) -> set[UUID]:
    """Entries of one person made so close together, about so many days, that they were hardly made day by day."""
    found: set[UUID] = set()
    own = sorted(own, key=lambda row: (row.recorded_at, row.pk))
    for first in range(len(own) - IN_ONE_GO + 1):
        lot = own[first : first + IN_ONE_GO]
        days = {market.local_day(row.starts_at) for row in lot}
        if lot[-1].recorded_at - lot[0].recorded_at <= WITHIN and len(days) >= ABOUT_DAYS:
            found |= {row.pk for row in lot}
    return found
