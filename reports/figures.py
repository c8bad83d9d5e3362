"""The numbers of a territory, read from kept figures in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.models import Post, Territory, User
from accounts.people import team_of, territories_of
from compliance.policy import Side

UNSEEN_DAYS = 90
COVERAGE_GOAL = 85
RECENCY_GOAL = 45
WEEKS = 12


@dataclass(frozen=True)
class Scope:
    """What a manager answers for: whole markets, or some regions of them."""

    markets: frozenset[UUID]
    regions: tuple[str, ...] | None
    team: tuple[UUID, ...]

    @property
    def whole(self) -> bool:
        return self.regions is None


def scope_of(user: User, at: datetime) -> Scope:
    """Every region of the territories this person leads; a root of the tree means the whole market."""
    led = Territory.objects.filter(pk__in=territories_of(user, at), side=Side.MEDICAL)
    nodes = list(led.values("pk", "parent", "market").order_by("pk"))
    roots = {node["market"] for node in nodes if node["parent"] is None}
    markets = frozenset(node["market"] for node in nodes) & user.market_ids
    if markets <= roots or not nodes:
        return Scope(markets or user.market_ids, None, tuple(team_of(user, at)))
    from accounts.models import TerritoryRegion

    regions = TerritoryRegion.objects.filter(
        territory__in=[node["pk"] for node in nodes], during__contains=at
    )
    return Scope(
        markets, tuple(sorted(set(regions.values_list("region", flat=True)))), tuple(team_of(user, at))
    )


_RECENCY = """
SELECT region, tier,
       count(*),
       count(*) FILTER (WHERE last_at >= %(now)s - interval '30 days'),
       count(*) FILTER (WHERE last_at < %(now)s - interval '30 days' AND last_at >= %(now)s - interval '60 days'),
       count(*) FILTER (WHERE last_at < %(now)s - interval '60 days' AND last_at >= %(now)s - interval '90 days')
  FROM reports_pulse
 WHERE market_id = ANY (%(markets)s) AND (%(regions)s::text[] IS NULL OR region = ANY (%(regions)s))
 GROUP BY region, tier
"""
# The median from a count per day: a sort of a few hundred rows instead of one of every expert.
_MEDIAN = """
SELECT day FROM (
  SELECT day, sum(kols) OVER (ORDER BY day) AS upto, sum(kols) OVER () AS total FROM (
    SELECT floor(extract(epoch FROM %(now)s - last_at) / 86400)::int AS day, count(*) AS kols
      FROM reports_pulse
     WHERE market_id = ANY (%(markets)s) AND (%(regions)s::text[] IS NULL OR region = ANY (%(regions)s))
       AND last_at IS NOT NULL AND last_at <= %(now)s
     GROUP BY 1) d) c
 WHERE upto * 2 >= total ORDER BY day LIMIT 1
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


def median_days(scope: Scope, at: datetime) -> int | None:
    """Median days since Medical last met an expert; those never met are left out and counted as uncovered."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN, _facts(scope, at))
        row = cursor.fetchone()
    return row[0] if row else None


def _facts(scope: Scope, at: datetime) -> dict[str, Any]:
    regions = list(scope.regions) if scope.regions is not None else None
    return {"now": at, "markets": list(scope.markets), "regions": regions}


_WORKLOAD = """
SELECT author_id, date_trunc('week', day)::date, sum(contacts)
  FROM reports_daycount WHERE author_id = ANY (%(team)s) AND day >= %(start)s AND day <= %(end)s GROUP BY 1, 2
"""


def workload(scope: Scope, today: date, weeks: int = WEEKS) -> tuple[list[date], dict[UUID, list[int]]]:
    """The Mondays of the last weeks, and each colleague's contacts in them."""
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    counts: dict[UUID, dict[date, int]] = {person: {} for person in scope.team}
    with connection.cursor() as cursor:
        cursor.execute(_WORKLOAD, {"team": list(scope.team), "start": mondays[0], "end": today})
        for author, week, contacts in cursor.fetchall():
            counts[author][week] = contacts
    return mondays, {person: [weeks_of.get(day, 0) for day in mondays] for person, weeks_of in counts.items()}


_PLAN = """
SELECT coalesce((SELECT sum(g.visits) FROM kols_visitgoal g
         WHERE g.market_id = ANY (%(markets)s) AND g.starts_on <= %(today)s AND g.ends_on >= %(today)s
           AND (%(regions)s::text[] IS NULL OR EXISTS (SELECT 1 FROM reports_pulse p
                 WHERE p.kol_id = g.kol_id AND p.market_id = g.market_id AND p.region = ANY (%(regions)s)))), 0),
       coalesce((SELECT sum(c.contacts) FROM reports_daycount c
         WHERE c.market_id = ANY (%(markets)s) AND c.author_id = ANY (%(team)s)
           AND c.day >= %(start)s AND c.day <= %(today)s), 0)
"""


def plan(scope: Scope, at: datetime, today: date) -> tuple[int, int]:
    """Visits planned for this year, and contacts the team has logged in it."""
    facts = _facts(scope, at) | {
        "today": today,
        "start": today.replace(month=1, day=1),
        "team": list(scope.team),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, facts)
        planned, logged = cursor.fetchone()
    return int(planned), int(logged)


def people_of(scope: Scope) -> dict[UUID, tuple[User, str]]:
    """The colleagues of a scope with the name of their territory."""
    posts = (
        Post.objects.filter(Q(user__in=scope.team), leads=False)
        .select_related("user", "territory")
        .order_by("user__family_name", "user__given_name", "user_id")
    )
    return {post.user_id: (post.user, post.territory.name) for post in posts}
