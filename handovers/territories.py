"""Which territory of field service an expert belongs to, and who works there. Sets in, mappings out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.models import Market, User
from accounts.people import elsewhere, people_with
from compliance.policy import Role

_TERRITORY = """
SELECT r.id, crm_field_territory(r.kol_id, u.market_id, %(at)s)
  FROM kols_relation r JOIN products_use u ON u.id = r.use_id
 WHERE r.id = ANY(%(relations)s::uuid[])
"""
_PEOPLE = """
WITH RECURSIVE up AS (
  SELECT t.id AS origin, t.id, t.parent_id, 0 AS depth FROM accounts_territory t
     WHERE t.id = ANY(%(territories)s::uuid[])
  UNION ALL
  SELECT up.origin, t.id, t.parent_id, up.depth + 1 FROM up JOIN accounts_territory t ON t.id = up.parent_id
)
SELECT up.origin, p.user_id, u.given_name || ' ' || u.family_name, a.role, up.depth, p.leads
  FROM up
  JOIN accounts_post p ON p.territory_id = up.id AND p.during @> %(at)s
  JOIN accounts_user u ON u.id = p.user_id AND u.is_active
  JOIN accounts_appointment a ON a.user_id = u.id AND a.during @> %(at)s AND a.side = 'COMMERCIAL'
   AND a.role IN ('FIELD_SERVICE', 'FIELD_LEAD')
 ORDER BY up.origin, up.depth, p.leads, u.family_name, u.given_name, u.id
"""
_MARKETS_WITH_A_TREE = """
SELECT DISTINCT t.market_id FROM accounts_territory t
 WHERE t.side = 'COMMERCIAL'
   AND (EXISTS (SELECT 1 FROM accounts_territoryregion r WHERE r.territory_id = t.id AND r.during @> %(at)s)
        OR EXISTS (SELECT 1 FROM kols_alignment a WHERE a.territory_id = t.id AND a.during @> %(at)s))
"""


@dataclass(frozen=True)
class Candidate:
    """Somebody of field service in an expert's territory (depth 0) or in one above it."""

    user_id: UUID
    name: str
    role: str
    depth: int
    leads: bool


def commercial_territories(relations: Iterable[UUID], at: datetime) -> dict[UUID, UUID | None]:
    """The territory of field service for each relation's expert.

    Alignment first, else main institution's region.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TERRITORY, {"relations": [str(pk) for pk in relations], "at": at})
        return dict(cursor.fetchall())


def people_in(territories: Iterable[UUID | None], at: datetime) -> dict[UUID, list[Candidate]]:
    """Who of field service works in each territory or leads above it, the nearest first."""
    wanted = sorted({str(pk) for pk in territories if pk})
    found: dict[UUID, list[Candidate]] = {}
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_PEOPLE, {"territories": wanted, "at": at})
            for origin, *rest in cursor.fetchall():
                found.setdefault(origin, []).append(Candidate(*rest))
    return found


def markets_with_a_tree(at: datetime) -> set[UUID]:
    """Markets whose field service is divided into territories; elsewhere everybody works everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKETS_WITH_A_TREE, {"at": at})
        return {row[0] for row in cursor.fetchall()}


def field_leads(relation: UUID, market: Market, at: datetime) -> list[User]:
    """The leads of field service whose tree the expert of a relation stands in; where nobody's, all of the market."""
    place = commercial_territories([relation], at).get(relation)
    leads = people_with(Role.FIELD_LEAD, market, at)
    return [lead for lead in leads if place not in elsewhere(lead, [market.pk], at).territories] or leads
