"""G-REC: may these people take over these relations? Facts for many handovers in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from handovers.models import Handover
from handovers.territories import commercial_territories, markets_with_a_tree, people_in

_PEOPLE = """
SELECT u.id, u.is_active,
       coalesce(bool_or(a.during @> %(at)s AND a.role IN ('FIELD_SERVICE', 'FIELD_LEAD')), false)
         AND tstzrange(%(at)s, NULL,
            '[)') <@ coalesce(range_agg(a.during) FILTER (WHERE a.side = 'COMMERCIAL'), '{}'),
       array_agg(m.market_id::text) FILTER (WHERE a.during @> %(at)s)
  FROM accounts_user u
  LEFT JOIN accounts_appointment a ON a.user_id = u.id
  LEFT JOIN accounts_appointment_markets m ON m.appointment_id = a.id
 WHERE u.id = ANY(%(people)s::uuid[])
 GROUP BY u.id, u.is_active
"""


def recipients(pairs: Mapping[Handover, UUID | None], at: datetime) -> dict[UUID, dict[str, bool | None]]:
    """The guards of G-REC for each handover and the person named for it. Run in the name of the product.

    Training, qualification, cooling-off and conflict are not named here: until their records exist the policy
    notes them as not configured.
    """
    people = sorted({str(person) for person in pairs.values() if person})
    known: dict[UUID, tuple[bool, bool, set[str]]] = {}
    if people:
        with connection.cursor() as cursor:
            cursor.execute(_PEOPLE, {"people": people, "at": at})
            known = {row[0]: (row[1], row[2], set(row[3] or ())) for row in cursor.fetchall()}
    homes = commercial_territories([handover.relation_id for handover in pairs], at)
    there = {home: {c.user_id for c in found} for home, found in people_in(homes.values(), at).items()}
    divided = markets_with_a_tree(at)
    answers: dict[UUID, dict[str, bool | None]] = {}
    for handover, person in pairs.items():
        active, in_field, markets = known.get(person, (False, False, set()))  # type: ignore[arg-type]
        home = homes.get(handover.relation_id)
        answers[handover.pk] = {
            "recipient_active": active,
            "recipient_in_field": in_field,
            "market_matches": str(handover.market_id) in markets,
            "territory_matches": person in there.get(home, ()) if handover.market_id in divided else True,  # type: ignore[arg-type]
        }
    return answers
