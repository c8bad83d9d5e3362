"""What is known of the acting person on the day: certificates, and what she handled on the other side.

One statement, behind the wall (`crm_personal_facts`): a commercial answer rests on appointments alone, so that
nobody learns from it whom somebody met for Medical (decision 12, R-124).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_datetime

from accounts.models import User
from compliance import policy
from compliance.policy import CertificateKind, Side, Subject
from kols.models import KOL

if TYPE_CHECKING:
    from interactions.facts import Event, Spoken

PRODUCT = frozenset({Subject.USE, Subject.UNLISTED})
_FACTS = """SELECT certificates, labels, former, handed_over, both_sides
              FROM crm_personal_facts(%s, %s, %s::uuid[], %s::uuid[], %s, %s)"""


@dataclass(frozen=True, kw_only=True)
class Skills:
    """Certificates valid at the start of the event, the label of each use then, and uses she may not touch yet.

    `handed_over` is, by use, the instant at which what is hers came from Medical; `both_sides`, that field
    service met one of these experts about the same product that day, which Medical alone is told (R-125).
    """

    certificates: tuple[policy.Certificate, ...] = ()
    labels: dict[UUID, str] = field(default_factory=dict)
    former: tuple[str, ...] = ()
    handed_over: dict[UUID, datetime] = field(default_factory=dict)
    both_sides: bool = False

    def label(self, topic: Spoken) -> str:
        return self.labels.get(topic.use.pk, "") if topic.use else ""

    def first_call(self, topic: Spoken, business_days: int) -> datetime | None:
        """From when field service may first call on what was handed over: PP-07 business days later."""
        at = self.handed_over.get(topic.use.pk) if topic.use else None
        if topic.use is None or at is None:
            return None
        market = topic.use.market
        return market.start_of(market.business_days_after(market.local_day(at), business_days))


def skills_of(
    by: User, side: Side, event: Event, topics: Sequence[Spoken], kols: Sequence[KOL], *, days: int
) -> Skills:
    """Asked only where a product is a topic: nothing else turns on it. `days` is the cooling-off (PP-06)."""
    if not any(topic.subject in PRODUCT for topic in topics):
        return Skills()
    uses = [str(topic.use.pk) for topic in topics if topic.use is not None]
    experts = [str(kol.pk) for kol in kols]
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [by.pk, str(side), experts, uses, event.starts_at, days])
        certificates, labels, former, handed_over, both = cursor.fetchone()
    return Skills(
        certificates=tuple(_certificate(each) for each in _read(certificates) or ()),
        labels={UUID(use): version for use, version in (_read(labels) or {}).items()},
        former=tuple(sorted(str(use) for use in former)),
        handed_over={UUID(use): _instant(at) for use, at in (_read(handed_over) or {}).items()},
        both_sides=bool(both),
    )


def _certificate(each: list[Any]) -> policy.Certificate:
    kind, use, market, label, since, until = each
    return policy.Certificate(
        kind=CertificateKind(kind), use=use, market=market, label=label, valid_from=parse_datetime(since),
        valid_to=parse_datetime(until) if until else None,
    )  # fmt: skip


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
