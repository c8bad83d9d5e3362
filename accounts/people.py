"""Who works for whom, today and on any day: the two trees of a market (decision 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts.acting import current, now
from accounts.models import AbsenceCover, Custodian, Market, Territory, User
from compliance.policy import Role

_TEAM = """
WITH RECURSIVE tree AS (
  SELECT p.territory_id AS id FROM accounts_post p
   WHERE p.user_id = %(lead)s AND p.leads AND p.during @> %(at)s
  UNION
  SELECT t.id FROM accounts_territory t JOIN tree ON t.parent_id = tree.id
)
SELECT DISTINCT p.user_id FROM accounts_post p JOIN tree ON tree.id = p.territory_id WHERE p.during @> %(at)s
"""
_TREE = """
WITH RECURSIVE tree AS (
  SELECT p.territory_id AS id FROM accounts_post p WHERE p.user_id = %s AND p.during @> %s::timestamptz
  UNION
  SELECT t.id FROM accounts_territory t JOIN tree ON t.parent_id = tree.id
)
SELECT id FROM tree
"""


_ELSEWHERE = """
WITH RECURSIVE tree AS (
  SELECT p.territory_id AS id FROM accounts_post p
   WHERE p.user_id = %(lead)s AND p.leads AND p.during @> %(at)s
  UNION
  SELECT t.id FROM accounts_territory t JOIN tree ON t.parent_id = tree.id
), others AS (
  SELECT t.id FROM accounts_territory t
   WHERE t.side = 'COMMERCIAL' AND t.market_id = ANY(%(markets)s::uuid[]) AND t.id NOT IN (SELECT id FROM tree)
)
SELECT ARRAY(SELECT id FROM others),
       ARRAY(SELECT DISTINCT p.user_id FROM accounts_post p JOIN others ON others.id = p.territory_id
              JOIN accounts_user u ON u.id = p.user_id AND u.is_active WHERE p.during @> %(at)s)
"""


@dataclass(frozen=True)
class Elsewhere:
    """What of field service in her markets is somebody else's to lead: territories, and who works there."""

    territories: tuple[UUID, ...]
    people: tuple[UUID, ...]

    @property
    def nothing(self) -> bool:
        return not self.territories


def elsewhere(lead: User, markets: Iterable[UUID], at: datetime | None = None) -> Elsewhere:
    """The territories of field service in these markets outside of this lead's tree, with their people.

    What is nobody's, an expert in no territory or the account of somebody who left, is not elsewhere: a lead
    who can see it can give it to somebody. Asked once per transaction and person.
    """
    at = at or now()
    wanted = sorted(map(str, markets))
    memo: dict[tuple[str, UUID, str, datetime], Elsewhere] = current().memo
    key = ("elsewhere", lead.pk, ",".join(wanted), at)
    if key not in memo:
        team = team_of(lead, at)
        with connection.cursor() as cursor:
            cursor.execute(_ELSEWHERE, {"lead": lead.pk, "at": at, "markets": wanted})
            territories, people = cursor.fetchone()
        memo[key] = Elsewhere(tuple(territories), tuple(set(people) - set(team)))
    return memo[key]


def team_of(lead: User, at: datetime | None = None) -> list[UUID]:
    """The people in the territories this person leads and in those below, herself included.

    Asked once per transaction and person; a move of a colleague shows in the next one.
    """
    at = at or now()
    memo: dict[tuple[UUID, datetime], list[UUID]] = current().memo
    if (lead.pk, at) not in memo:
        with connection.cursor() as cursor:
            cursor.execute(_TEAM, {"lead": lead.pk, "at": at})
            memo[lead.pk, at] = [row[0] for row in cursor.fetchall()]
    return memo[lead.pk, at]


def territories_of(user: User, at: datetime | None = None) -> QuerySet[Territory]:
    """The territories this person works in or leads, and those below."""
    tree = RawSQL(_TREE, (user.pk, at or now()))  # noqa: S611 - a constant with parameters
    return Territory.objects.filter(pk__in=tree)


def leads_of(user: User, at: datetime | None = None) -> list[User]:
    """Who leads this person's territory; where nobody does, who leads the one above."""
    at = at or now()
    post = user.posts.filter(during__contains=at).select_related("territory").order_by("leads").first()
    territory = post.territory if post else None
    while territory is not None:
        leads = User.objects.filter(
            posts__territory=territory, posts__leads=True, posts__during__contains=at, is_active=True
        ).exclude(pk=user.pk)
        if found := list(leads.distinct()):
            return found
        territory = territory.parent
    return []


def custodian_of(market: Market, at: datetime | None = None) -> User | None:
    """The MSL lead who owns there what nobody else owns."""
    held = (
        Custodian.objects.filter(market=market, during__contains=at or now()).select_related("user").first()
    )
    return held.user if held else None


def role_at(user: User, at: datetime) -> tuple[Role, frozenset[UUID]] | None:
    """The role and the markets a person had at an instant; None if she had none."""
    held = user.appointments.filter(during__contains=at).prefetch_related("markets").first()
    return (Role(held.role), frozenset(market.pk for market in held.markets.all())) if held else None


def covers(cover: User, absent: User, at: datetime) -> bool:
    """Does the first stand in for the second at that instant?"""
    return AbsenceCover.objects.filter(cover=cover, absent=absent, during__contains=at).exists()


def people_with(role: Role, market: Market | None = None, at: datetime | None = None) -> list[User]:
    """Active people who hold a role at an instant, in a market if one is named."""
    people = User.objects.filter(
        is_active=True, appointments__role=role, appointments__during__contains=at or now()
    )
    if market is not None:
        people = people.filter(appointments__markets=market)
    return list(people.distinct())
