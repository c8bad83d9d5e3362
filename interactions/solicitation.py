"""How often topics are said to have been asked for, person by person against colleagues (R-047, R-156).

For Compliance alone: a share far above the colleagues' is a reason to look at records, and proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from math import sqrt
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.models import Market, User
from compliance.policy import Basis
from interactions.models import Compartment, Interaction

PERIOD = timedelta(days=365)
# Below these a share is noise, and a colleague would be recognised in the comparison.
ENOUGH_TOPICS = 20
ENOUGH_COLLEAGUES = 3
# Two-sided, 95 %.
Z = 1.959964


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    asked: int = 0
    total: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.asked + other.asked, self.total + other.total)

    def __sub__(self, other: Share) -> Share:
        return Share(self.asked - other.asked, self.total - other.total)

    @property
    def value(self) -> float:
        return self.asked / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval: honest for few topics and for shares near nought and one."""
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def in_words(self) -> str:
        low, high = self.interval
        return _("%(asked)d of %(total)d, %(share)s (95 in 100 times between %(low)s and %(high)s)") % {
            "asked": self.asked, "total": self.total, "share": _percent(self.value), "low": _percent(low),
            "high": _percent(high),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person in one market, beside all colleagues there."""

    person: User | None
    number: int
    share: Share
    others: Share
    colleagues: int
    author: UUID | None = None

    @property
    def name(self) -> str:
        """Named only where the market lets employees be named in comparisons."""
        return self.person.name if self.person else _("Person %(n)d") % {"n": self.number}

    @property
    def comparable(self) -> bool:
        enough = min(self.share.total, self.others.total) >= ENOUGH_TOPICS
        return enough and self.colleagues >= ENOUGH_COLLEAGUES

    @property
    def differs(self) -> int:
        """1 above the colleagues, -1 below, 0 where the intervals meet or there is too little to say."""
        if not self.comparable:
            return 0
        (low, high), (their_low, their_high) = self.share.interval, self.others.interval
        return int(low > their_high) - int(high < their_low)

    @property
    def verdict(self) -> str:
        if self.colleagues < ENOUGH_COLLEAGUES:
            return _("Fewer than three colleagues: not compared.")
        if not self.comparable:
            return _("Fewer than twenty topics: nothing can be said yet.")
        return {
            1: _("Asked for clearly more often than with colleagues. Look at the records."),
            -1: _("Asked for clearly less often than with colleagues."),
            0: _("Cannot be told apart from colleagues."),
        }[self.differs]


@dataclass
class InMarket:
    """A market with the people of Medical there, those who differ most first."""

    market: Market
    lines: list[Line] = field(default_factory=list)


def shares(reader: User) -> list[InMarket]:
    """Every person of Medical with a topic in the last year, never the reader herself."""
    found = _counted(reader)
    people = User.objects.in_bulk({author for _market, author in found})
    answer = []
    for market in Market.objects.filter(pk__in={market for market, _author in found}):
        here = {author: share for (pk, author), share in found.items() if pk == market.pk}
        everybody = sum(here.values(), Share())
        lines = [
            Line(
                person=people[author] if market.staff_names_in_comparisons else None, number=number, share=share,
                others=everybody - share, colleagues=len(here) - 1, author=author,
            )
            for number, (author, share) in enumerate(sorted(here.items()), 1)
            if author != reader.pk
        ]  # fmt: skip
        lines.sort(key=lambda line: (-line.differs, -line.share.value, line.number))
        answer.append(InMarket(market, lines))
    return answer


def _counted(reader: User) -> dict[tuple[UUID, UUID], Share]:
    asked = Q(topics__basis=Basis.UNSOLICITED_REQUEST)
    rows: Any = (
        Interaction.objects.visible_to(reader)
        .logged()
        .filter(compartment=Compartment.MEDICAL, starts_at__gte=now() - PERIOD)
        .filter(topics__basis__in=[Basis.UNSOLICITED_REQUEST, Basis.PROACTIVE])
        .order_by()
        .values_list("market", "author")
        .annotate(asked=Count("topics", filter=asked), total=Count("topics"))
    )
    return {(market, author): Share(asked, total) for market, author, asked, total in rows}


def _percent(value: float) -> str:
    return f"{value * 100:.0f} %"
