"""What the boundary asks of each expert beside the topic: consent, objection, notice, calls, samples.

One statement for all experts of a contact. It runs behind the wall (`crm_contact_facts`): consents are those
of the acting side alone, and of the rest only what the rules need leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_datetime

from compliance import policy
from compliance.policy import Channel, Side
from compliance.policy.things import Consent, ConsentPurpose
from kols.models import KOL

_FACTS = "SELECT * FROM crm_contact_facts(%s::uuid[], %s, %s, %s)"
_PRESCRIBES = {KOL.Licence.VERIFIED: True, KOL.Licence.EXPIRED: False}


@dataclass(frozen=True, kw_only=True)
class Known:
    """Of one expert, as of the event."""

    facts: dict[str, Any] = field(default_factory=dict)
    samples: dict[UUID, int] = field(default_factory=dict)


def known_of(
    kols: Sequence[KOL], at: datetime, side: Side, *, left_out: UUID | None = None
) -> dict[UUID, Known]:
    """By expert what `policy.Person` takes, and how many packs of a product she has had this year."""
    if not kols:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [[str(kol.pk) for kol in kols], at, str(side), left_out])
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["kol"]: _known(row, at, side) for row in rows}


def _known(row: dict[str, Any], at: datetime, side: Side) -> Known:
    told = row["informed_at"]
    # To field service the notice is a bit: neither when it was given nor since when the expert is known.
    since = at if side is Side.COMMERCIAL and told is not None else row["known_since"]
    return Known(
        facts={
            "consents": tuple(_consent(each) for each in _read(row["consents"]) or ()),
            "objects_to_marketing": row["marketing"],
            "do_not_contact": row["contact"],
            "informed_at": told,
            "known_since": since,
            "prescriber": _PRESCRIBES.get(row["licence"]),
            "calls_this_year": row["calls"],
        },
        samples={UUID(product): int(packs) for product, packs in (_read(row["samples"]) or {}).items()},
    )


def _read(value: Any) -> Any:
    import json

    return json.loads(value) if isinstance(value, str) else value


def _consent(each: list[Any]) -> Consent:
    channel, purpose, market, given, withdrawn = each
    return policy.Consent(
        channel=Channel(channel),
        purpose=ConsentPurpose(purpose),
        market=market,
        given_at=parse_datetime(given),
        withdrawn_at=parse_datetime(withdrawn) if withdrawn else None,
    )
