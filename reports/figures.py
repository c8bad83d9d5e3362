"""The numbers of a territory, read from kept figures in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.acting import acting_as, system
from accounts.models import Market, TerritoryRegion, User
from accounts.people import team_of, territories_of
from compliance.policy import Side
from compliance.policy.handover import IN_FLIGHT
from kols.filters import first_day

UNSEEN_DAYS = 90
COVERAGE_GOAL = 85
RECENCY_GOAL = 45
WEEKS = 12


@dataclass(frozen=True)
class Scope:
    """What a manager answers for: whole markets, or some regions of them."""

    markets: tuple[Market, ...]
    regions: tuple[str, ...] | None
    team: tuple[UUID, ...]

    @property
    def whole(self) -> bool:
        return self.regions is None

    @property
    def market_ids(self) -> list[UUID]:
        return [market.pk for market in self.markets]


def scope_of(user: User, at: datetime) -> Scope:
    """Every region of the territories this person leads; a root of the tree means the whole market."""
    led = territories_of(user, at).filter(side=Side.MEDICAL, market__in=user.market_ids)
    nodes = list(led.select_related("market").order_by("market__code", "pk"))
    markets = {node.market_id: node.market for node in nodes}
    team = tuple(team_of(user, at))
    if markets.keys() <= {node.market_id for node in nodes if node.parent_id is None}:
        return Scope(tuple(markets.values()), None, team)
    regions = TerritoryRegion.objects.filter(territory__in=nodes, during__contains=at)
    return Scope(tuple(markets.values()), tuple(sorted(set(regions.values_list("region", flat=True)))), team)


_RECENCY = """
SELECT region, tier,
       sum(kols),
       coalesce(sum(kols) FILTER (WHERE day >= %(month)s), 0),
       coalesce(sum(kols) FILTER (WHERE day < %(month)s AND day >= %(two_months)s), 0),
       coalesce(sum(kols) FILTER (WHERE day < %(two_months)s AND day >= %(three_months)s), 0)
  FROM reports_pulsecount
 WHERE market_id = ANY (%(markets)s) AND (%(regions)s::text[] IS NULL OR region = ANY (%(regions)s))
 GROUP BY region, tier HAVING sum(kols) <> 0
"""


@dataclass(frozen=True)
class Recency:
    """How many experts of a region and tier were seen how recently."""

    region: str
    tier: int | None
    kols: int
    under_30: int
    under_60: int
    under_90: int

    @property
    def seen(self) -> int:
        return self.under_30 + self.under_60 + self.under_90


def recency(scope: Scope, at: datetime) -> list[Recency]:
    """Counts per region and tier, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENCY, _facts(scope, at))
        return [Recency(*row) for row in cursor.fetchall()]


def _facts(scope: Scope, at: datetime) -> dict[str, Any]:
    regions = list(scope.regions) if scope.regions is not None else None
    cutoffs = {"month": 30, "two_months": 60, "three_months": UNSEEN_DAYS}
    return {
        "now": at,
        "markets": scope.market_ids,
        "regions": regions,
        "utc_day": at.astimezone(UTC).date(),
        **{name: first_day(at, days).date() for name, days in cutoffs.items()},
    }


_NUMBERS = """
WITH seen AS (
  SELECT %(utc_day)s - day AS day, sum(kols) AS kols
    FROM reports_pulsecount
   WHERE market_id = ANY (%(markets)s) AND (%(regions)s::text[] IS NULL OR region = ANY (%(regions)s))
     AND day <= %(utc_day)s
   GROUP BY 1)
SELECT
  (SELECT day FROM (SELECT day, sum(kols) OVER (ORDER BY day) AS upto, sum(kols) OVER () AS total FROM seen) c
    WHERE upto * 2 >= total ORDER BY day LIMIT 1),
  (SELECT coalesce(sum(g.visits), 0) FROM kols_visitgoal g
    WHERE g.market_id = ANY (%(markets)s) AND g.starts_on <= %(today)s AND g.ends_on >= %(today)s
      AND (%(regions)s::text[] IS NULL OR EXISTS (SELECT 1 FROM reports_pulse p
            WHERE p.kol_id = g.kol_id AND p.market_id = g.market_id AND p.region = ANY (%(regions)s)))),
  (SELECT coalesce(sum(c.contacts), 0) FROM reports_daycount c
    WHERE c.market_id = ANY (%(markets)s) AND c.author_id = ANY (%(team)s)
      AND c.day >= %(start)s AND c.day <= %(today)s),
  (SELECT count(*) FROM handovers_handover h
    WHERE h.market_id = ANY (%(markets)s) AND h.preparer_id = ANY (%(team)s) AND h.state = ANY (%(waiting)s)),
  (SELECT count(*) FROM handovers_handover h
    WHERE h.market_id = ANY (%(markets)s) AND h.preparer_id = ANY (%(team)s) AND h.state = ANY (%(waiting)s)
      AND h.due_since < %(now)s - interval '30 days')
"""
WAITING = tuple(sorted(map(str, IN_FLIGHT)))


@dataclass(frozen=True)
class Numbers:
    """The single numbers of a territory. `median_days` leaves out experts who were never met."""

    median_days: int | None
    planned: int
    logged: int
    handovers: int
    late_handovers: int


def numbers(scope: Scope, at: datetime, today: date) -> Numbers:
    """Median recency, this year's plan, and handovers under way, in one statement."""
    facts = _facts(scope, at) | {
        "today": today,
        "start": today.replace(month=1, day=1),
        "team": list(scope.team),
        "waiting": list(WAITING),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, facts)
        median, *counts = cursor.fetchone()
    return Numbers(median, *map(int, counts))


_WORKLOAD = """
SELECT u.given_name || ' ' || u.family_name, t.name, date_trunc('week', c.day)::date, sum(c.contacts)
  FROM accounts_post p
  JOIN accounts_user u ON u.id = p.user_id
  JOIN accounts_territory t ON t.id = p.territory_id
  LEFT JOIN reports_daycount c ON c.author_id = p.user_id AND c.day >= %(start)s AND c.day <= %(end)s
 WHERE p.user_id = ANY (%(team)s) AND p.during @> %(now)s AND NOT p.leads
 GROUP BY u.id, 1, 2, 3 ORDER BY u.family_name, u.given_name, u.id
"""


@dataclass(frozen=True)
class Load:
    """A colleague's contacts per week."""

    name: str
    territory: str
    weeks: list[int]


def workload(scope: Scope, at: datetime, today: date, weeks: int = WEEKS) -> tuple[list[date], list[Load]]:
    """The Mondays of the last weeks, and each colleague's contacts in them, in one statement."""
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    counts: dict[tuple[str, str], dict[date, int]] = {}
    with connection.cursor() as cursor:
        facts: dict[str, Any] = {"team": list(scope.team), "now": at, "start": mondays[0], "end": today}
        cursor.execute(_WORKLOAD, facts)
        for name, territory, week, contacts in cursor.fetchall():
            counts.setdefault((name, territory), {})[week] = int(contacts or 0)
    return mondays, [
        Load(name, territory, [of_week.get(day, 0) for day in mondays])
        for (name, territory), of_week in counts.items()
    ]


def fold() -> int:
    """Put the entries of each kind into one; returns how many were. The sums stay as they are."""
    with acting_as(system("put the entries of figures together")), connection.cursor() as cursor:
        cursor.execute("SELECT crm_fold_figures()")
        [(folded,)] = cursor.fetchall()
    return int(folded)
