"""What is known of the acting person on the day: certificates, and what she handled on the other side.

Looked up behind the wall (`crm_personal_facts`): a commercial answer rests on appointments alone, so that
nobody learns from it whom somebody met for Medical (decision 12, R-124).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from compliance import policy
from compliance.policy import CertificateKind, Subject
from interactions.lookup import instant

if TYPE_CHECKING:
    from interactions.facts import Spoken

PRODUCT = frozenset({Subject.USE, Subject.UNLISTED})


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


def skills_of(row: Mapping[str, Any] | None) -> Skills:
    """From the row of the look-up, which is there only where a product is a topic: nothing else turns on it."""
    if row is None:
        return Skills()
    return Skills(
        certificates=tuple(_certificate(each) for each in row["certificates"] or ()),
        labels={UUID(use): version for use, version in (row["labels"] or {}).items()},
        former=tuple(sorted(row["former"])),
        handed_over={UUID(use): datetime.fromisoformat(at) for use, at in (row["handed_over"] or {}).items()},
        both_sides=bool(row["both_sides"]),
    )


def _certificate(each: list[Any]) -> policy.Certificate:
    kind, use, market, label, since, until = each
    return policy.Certificate(
        kind=CertificateKind(kind), use=use, market=market, label=label, valid_from=instant(since),
        valid_to=instant(until),
    )  # fmt: skip
