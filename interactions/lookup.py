"""What the boundary asks of the database about a contact, in one statement.

Deciding an act costs the same in a company of a million contacts: every part is found by an index, and all of them
travel together. What a part means is said by the module that reads it. The wall holds inside: in the functions the
statement calls, and in the row-level security of the tables it reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Market
from compliance.policy import Side
from products.models import Indication, Period, Use

_STANDING = {
    Side.MEDICAL: """
SELECT jsonb_agg(jsonb_build_array(o.relation_id, r.kol_id, r.use_id,
         CASE WHEN o.owner_id = %(by)s OR EXISTS (SELECT 1 FROM accounts_absencecover c
                     WHERE c.cover_id = %(by)s AND c.absent_id = o.owner_id AND c.during @> %(at)s) THEN 'OWNER'
              WHEN EXISTS (SELECT 1 FROM kols_scientificcontact s
                     WHERE s.msl_id = %(by)s AND s.relation_id = o.relation_id AND s.during @> %(at)s)
              THEN 'SCIENTIFIC_CONTACT' ELSE 'NON_OWNER' END))
  FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id AND o.during @> %(at)s
 WHERE r.kol_id = ANY(%(kols)s::uuid[]) AND r.use_id = ANY(%(uses)s::uuid[])""",
    Side.COMMERCIAL: """
SELECT jsonb_agg(jsonb_build_array(a.kol, a.use, a.area))
  FROM crm_field_accounts(%(by)s, %(kols)s::uuid[], %(at)s, %(until)s) a""",
}
_USES = """
SELECT jsonb_agg(jsonb_build_array(u.id, u.market_id, u.expected_on, n.id, n.product_id, n.area_id,
         (SELECT jsonb_agg(jsonb_build_array(p.entry_id, p.state, p.effective_at, p.promotable_from, upper(p.during)))
            FROM products_period p WHERE p.use_id = u.id AND p.during && tstzrange(%(at)s, %(until)s, '[]'))) ORDER BY u.id)
  FROM products_use u JOIN products_indication n ON n.id = u.indication_id
 WHERE (n.product_id = ANY(%(products)s::uuid[]) OR n.area_id = ANY(%(areas)s::uuid[]) OR n.id = ANY(%(mentioned)s::uuid[]))
   AND u.market_id = ANY(%(markets)s::uuid[])"""
_PARTS = """
SELECT (SELECT jsonb_agg(to_jsonb(c)) FROM crm_contact_facts(%(kols)s::uuid[], %(at)s, %(side)s, %(left_out)s) c),
       (SELECT to_jsonb(p)
          FROM crm_personal_facts(%(by)s, %(side)s, %(kols)s::uuid[], %(uses)s::uuid[], %(at)s, %(cooling)s) p
         WHERE %(about_a_product)s),
       (SELECT jsonb_agg(p) FROM crm_prompted(%(kols)s::uuid[], %(asked)s::uuid[], %(at)s, %(look_back)s, %(by)s, %(side)s,
                 %(left_out)s, coalesce(%(known)s, 'infinity'::timestamptz)) p WHERE cardinality(%(asked)s::uuid[]) > 0),
       (SELECT jsonb_agg(jsonb_build_array(i.id, i.use_id, i.reference, i.purpose)) FROM products_planitem i
         WHERE i.id = ANY(%(items)s::uuid[]) AND i.during @> %(at)s),
       (SELECT jsonb_agg(jsonb_build_array(s.use_id, s.trial)) FROM kols_studyrole s
         WHERE s.kol_id = ANY(%(kols)s::uuid[]) AND s.use_id = ANY(%(studied)s::uuid[]) AND s.during @> %(at)s),
       (SELECT jsonb_agg(jsonb_build_array(c.use_id, c.reference)) FROM kols_contract c
         WHERE c.kol_id = ANY(%(kols)s::uuid[]) AND c.use_id = ANY(%(contracted)s::uuid[]) AND c.during @> %(at)s
           AND c.signed_at <= %(at)s),
       (SELECT jsonb_agg(jsonb_build_array(c.use_id, c.kol_id)) FROM interactions_preclearance c
         WHERE c.author_id = %(by)s AND c.kind = %(kind)s AND c.granted AND c.record_id IS NULL AND c.during @> %(at)s
           AND c.decided_at <= least(%(at)s, coalesce(%(known)s, 'infinity'::timestamptz))
           AND NOT EXISTS (SELECT 1 FROM products_lifecycleentry e LEFT JOIN products_lifecycleentry v ON v.id = e.voids_id
                            WHERE e.use_id = c.use_id AND coalesce(v.effective_at, e.effective_at) <= %(at)s
                              AND CASE WHEN v.id IS NULL THEN e.confirmed_at ELSE e.countersigned_at END
                                  BETWEEN c.decided_at AND coalesce(%(known)s, 'infinity'::timestamptz))),
       (SELECT jsonb_build_array(
          (SELECT jsonb_agg(jsonb_build_array(r.kol_id, r.use_id, lower(o.during)))
             FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id
            WHERE r.kol_id = ANY(%(kols)s::uuid[]) AND o.side = 'COMMERCIAL' AND o.owner_id = ANY(%(reps)s::uuid[])
              AND o.began_with IS NOT NULL AND o.during @> %(at)s
              AND lower(o.during) > %(at)s - make_interval(days => %(introduction)s)),
          (SELECT count(DISTINCT a.interaction_id) FROM interactions_attendee a
             JOIN interactions_attendee c ON c.interaction_id = a.interaction_id AND c.colleague_id = ANY(%(beside)s::uuid[])
             JOIN interactions_interaction i ON i.id = a.interaction_id AND i.status IN ('DRAFT', 'SIGNED')
            WHERE a.kol_id = ANY(%(kols)s::uuid[]) AND a.at < %(at)s
              AND a.at > %(at)s - make_interval(days => %(introduction)s)
              AND a.interaction_id IS DISTINCT FROM %(left_out)s))
         WHERE cardinality(%(beside)s::uuid[]) > 0),
       (SELECT jsonb_agg(jsonb_build_array(f.kol, f.product, f.first_at))
          FROM crm_first_sample_requests(%(kols)s::uuid[], %(at)s, %(side)s, %(left_out)s) f WHERE %(samples)s),
       (<uses>),
       (<standing>)
""".replace("<uses>", _USES)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for. `uses` are the topics' own, `requested` those of which somebody is said to have asked."""

    by: UUID
    side: Side
    at: datetime
    until: datetime
    kols: tuple[UUID, ...]
    uses: tuple[UUID, ...] = ()
    products: tuple[UUID, ...] = ()
    areas: tuple[UUID, ...] = ()
    mentioned: tuple[UUID, ...] = ()
    markets: Mapping[UUID, Market]
    requested: tuple[UUID, ...] = ()
    items: tuple[UUID, ...] = ()
    studied: tuple[UUID, ...] = ()
    contracted: tuple[UUID, ...] = ()
    about_a_product: bool = False
    cooling_off_days: int = 0
    look_back_days: int = 0
    kind: str = ""
    beside: tuple[UUID, ...] = ()
    reps: tuple[UUID, ...] = ()
    introduction_days: int = 0
    samples: bool = False
    left_out: UUID | None = None
    known: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """The rows as they came, instants as instants."""

    wishes: tuple[dict[str, Any], ...]
    person: dict[str, Any] | None
    prompted: frozenset[UUID]
    items: tuple[tuple[UUID, UUID, str, str], ...]
    studies: dict[UUID, str]
    contracts: dict[UUID, str]
    cleared: tuple[tuple[UUID | None, UUID | None], ...]
    handed_over: tuple[tuple[UUID, UUID, datetime], ...]
    joint_before: int
    first_requests: dict[tuple[UUID, UUID], datetime]
    uses: tuple[Use, ...]
    periods: tuple[Period, ...]
    standing: tuple[list[str], ...]


def look(asked: Asked) -> Found:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PARTS.replace("<standing>", _STANDING.get(asked.side, "SELECT NULL")), _parameters(asked)
        )
        wishes, person, prompted, items, studies, contracts, cleared, joint, first, uses, standing = map(
            _read, cursor.fetchone()
        )
    return Found(
        wishes=tuple(wishes),
        person=person or None,
        prompted=frozenset(map(UUID, prompted)),
        items=tuple((UUID(pk), UUID(use), reference, purpose) for pk, use, reference, purpose in items),
        studies={UUID(use): trial for use, trial in studies},
        contracts={UUID(use): reference for use, reference in contracts},
        cleared=tuple((UUID(use) if use else None, UUID(kol) if kol else None) for use, kol in cleared),
        handed_over=tuple(
            (UUID(kol), UUID(use), datetime.fromisoformat(at))
            for kol, use, at in (joint[0] if joint else None) or ()
        ),
        joint_before=joint[1] if joint else 0,
        first_requests={(UUID(kol), UUID(product)): datetime.fromisoformat(at) for kol, product, at in first},
        uses=tuple(_use(row, asked.markets) for row in uses),
        periods=tuple(_period(row[0], period) for row in uses for period in row[6] or ()),
        standing=tuple(standing),
    )


def standing_of(
    by: UUID, side: Side, kols: Iterable[UUID], uses: Iterable[UUID], at: datetime, until: datetime
) -> list[list[str]]:
    """Who the person is to these experts at another instant; the same question as above, alone."""
    if (sql := _STANDING.get(side)) is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, {"by": by, "kols": _texts(kols), "uses": _texts(uses), "at": at, "until": until})
        found: list[list[str]] = _read(cursor.fetchone()[0])
    return found


def _parameters(asked: Asked) -> dict[str, Any]:
    return {
        "by": asked.by, "side": str(asked.side), "at": asked.at, "until": asked.until, "kols": _texts(asked.kols),
        "uses": _texts(asked.uses), "products": _texts(asked.products), "areas": _texts(asked.areas),
        "mentioned": _texts(asked.mentioned), "markets": _texts(asked.markets), "asked": _texts(asked.requested),
        "items": _texts(asked.items), "studied": _texts(asked.studied), "contracted": _texts(asked.contracted),
        "about_a_product": asked.about_a_product, "cooling": asked.cooling_off_days, "look_back": asked.look_back_days,
        "left_out": asked.left_out, "known": asked.known, "kind": asked.kind,
        "beside": _texts(asked.beside), "reps": _texts(asked.reps), "introduction": asked.introduction_days,
        "samples": asked.samples,
    }  # fmt: skip


def _use(row: list[Any], markets: Mapping[UUID, Market]) -> Use:
    pk, market, expected, indication, product, area, _periods = row
    there = markets[UUID(market)]
    use = Use(pk=UUID(pk), market_id=there.pk, expected_on=date.fromisoformat(expected) if expected else None)
    use.market = there
    use.indication = Indication(
        pk=UUID(indication), product_id=UUID(product), area_id=UUID(area) if area else None
    )
    return use


def _period(use: str, row: list[Any]) -> Period:
    entry, state, since, promotable, until = row
    start = datetime.fromisoformat(since)
    return Period(
        entry_id=UUID(entry), use_id=UUID(use), state=state, effective_at=start, promotable_from=instant(promotable),
        during=DateTimeTZRange(start, instant(until), "[)"),
    )  # fmt: skip


def instant(text: str | None) -> datetime | None:
    """An instant as JSON has it."""
    return datetime.fromisoformat(text) if text else None


def _texts(keys: Iterable[UUID]) -> list[str]:
    return [str(key) for key in keys]


def _read(value: Any) -> Any:
    return (json.loads(value) if isinstance(value, str) else value) or []
