"""G-REC: may these people take over these relations? Facts for many handovers in a handful of statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_datetime

from accounts.models import Market
from compliance.packs import in_force
from compliance.policy import Certificate, CertificateKind, DeclineReason
from compliance.policy.eligibility import Recipient, guards_of
from compliance.policy.packs import BASE, packs
from handovers.models import Handover, HandoverStep
from handovers.territories import commercial_territories, markets_with_a_tree, people_in

Pair = tuple[Handover, UUID | None]
Guards = dict[str, bool | None]

# What a person brings along is asked of the one function the boundary asks for a call: certificates, labels, and
# the cooling-off, which on this side follows from appointments alone (decision 12).
_PEOPLE = """
SELECT u.id, u.is_active,
       coalesce(bool_or(a.during @> %(at)s AND a.role IN ('FIELD_SERVICE', 'FIELD_LEAD')), false)
         AND tstzrange(%(at)s, NULL,
            '[)') <@ coalesce(range_agg(a.during) FILTER (WHERE a.side = 'COMMERCIAL'), '{}'),
       array_agg(m.market_id::text) FILTER (WHERE a.during @> %(at)s),
       f.certificates, f.labels, f.former::text[]
  FROM accounts_user u
  LEFT JOIN accounts_appointment a ON a.user_id = u.id
  LEFT JOIN accounts_appointment_markets m ON m.appointment_id = a.id
 CROSS JOIN LATERAL crm_personal_facts(u.id, 'COMMERCIAL', '{}', %(uses)s::uuid[], %(at)s, %(days)s) f
 WHERE u.id = ANY(%(people)s::uuid[])
 GROUP BY u.id, u.is_active, f.certificates, f.labels, f.former
"""


@dataclass(frozen=True)
class _Known:
    """A person of field service as of an instant."""

    active: bool = False
    in_field: bool = False
    markets: frozenset[str] = frozenset()
    certificates: tuple[Certificate, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    former: frozenset[str] = frozenset()


NOBODY = _Known()
COOLING_OFF = "PP-06 cooling_off_days"


def recipients(pairs: Mapping[Handover, UUID | None], at: datetime) -> dict[UUID, Guards]:
    """The guards of G-REC for each handover and the person named for it. Run in the name of the product."""
    found = of_pairs(pairs.items(), at)
    return {handover.pk: found[handover.pk, person] for handover, person in pairs.items()}


def of_pairs(pairs: Iterable[Pair], at: datetime) -> dict[tuple[UUID, UUID | None], Guards]:
    """The same for any number of people each. A constant number of statements; in the name of the product."""
    rows = list(pairs)
    handovers = {handover.relation_id: handover for handover, _ in rows}
    homes = commercial_territories(list(handovers), at)
    there = {home: {c.user_id for c in found} for home, found in people_in(homes.values(), at).items()}
    divided = markets_with_a_tree(at)
    rules = rules_in_force({handover.market_id for handover in handovers.values()}, at)
    days = max(
        (
            number_of(row.relation.use.market.code, rules[row.market_id], COOLING_OFF)
            for row in handovers.values()
        ),
        default=0,
    )
    known = _people({person for _, person in rows if person}, handovers.values(), at, days)
    conflicts = _conflicts(rows)
    answers: dict[tuple[UUID, UUID | None], Guards] = {}
    for handover, person in rows:
        use, held = handover.relation.use, known.get(person, NOBODY) if person else NOBODY
        home = homes.get(handover.relation_id)
        answers[handover.pk, person] = dict(guards_of(Recipient(
            at=at, market=use.market.code, rules=rules[handover.market_id], use=str(use.pk),
            product=str(use.indication.product_id), label=held.labels.get(str(use.pk), ""),
            active=held.active, in_field=held.in_field, in_market=str(handover.market_id) in held.markets,
            in_territory=person in there.get(home, ()) if handover.market_id in divided else True,  # type: ignore[arg-type]
            certificates=held.certificates, former=str(use.pk) in held.former,
            conflict=(handover.relation.kol_id, person) in conflicts,
        )))  # fmt: skip
    return answers


def _people(people: set[UUID], handovers: Iterable[Handover], at: datetime, days: int) -> dict[UUID, _Known]:
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _PEOPLE,
            {
                "people": sorted(map(str, people)),
                "uses": sorted({str(handover.relation.use_id) for handover in handovers}),
                "at": at,
                "days": days,
            },
        )
        return {row[0]: _known(*row[1:]) for row in cursor.fetchall()}


def _known(active: bool, in_field: bool, markets: Any, certificates: Any, labels: Any, former: Any) -> _Known:
    return _Known(
        active, in_field, frozenset(markets or ()),
        tuple(_certificate(each) for each in _read(certificates) or ()), _read(labels) or {},
        frozenset(former or ()),
    )  # fmt: skip


def _certificate(each: list[Any]) -> Certificate:
    kind, use, market, label, since, until = each
    return Certificate(
        kind=CertificateKind(kind), use=use, market=market, label=label, valid_from=parse_datetime(since),
        valid_to=parse_datetime(until) if until else None,
    )  # fmt: skip


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _conflicts(rows: Iterable[Pair]) -> set[tuple[UUID, UUID | None]]:
    """Who has declined an expert for a conflict of interest: it stays declared, whatever the use."""
    rows = list(rows)
    steps = HandoverStep.objects.filter(
        transition="T-08", reason=DeclineReason.CONFLICT, by__in={person for _, person in rows if person},
        handover__relation__kol__in={handover.relation.kol_id for handover, _ in rows},
    )  # fmt: skip
    return set(steps.order_by().values_list("handover__relation__kol", "by").distinct())


def rules_in_force(markets: Iterable[UUID], at: datetime) -> dict[UUID, str]:
    """The version of its rules in force in each market; empty where there is none, and nothing goes over."""
    found = Market.objects.filter(pk__in=list(markets)).annotate(version=in_force(at))
    return {pk: version or "" for pk, version in found.values_list("pk", "version")}


def rules_of(market: Market, at: datetime) -> str:
    """The version in force in one market at an instant; empty where there is none."""
    return rules_in_force([market.pk], at)[market.pk]


def number_of(market: str, version: str, name: str) -> int:
    """A number of the rules in force in a market; where there are none, the one that all markets share."""
    return packs().get((market, version), BASE).parameters[name]
