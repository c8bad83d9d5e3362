"""What the boundary asks of each expert beside the topic: consent, objection, notice, calls, samples.

Looked up for all experts of a contact at once, behind the wall (`crm_contact_facts`): consents are those
of the acting side alone, and of the rest only what the rules need leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from compliance import policy
from compliance.policy import Channel, Side
from compliance.policy.things import Consent, ConsentPurpose
from interactions.lookup import instant
from kols.models import KOL

_PRESCRIBES = {KOL.Licence.VERIFIED: True, KOL.Licence.EXPIRED: False}


@dataclass(frozen=True, kw_only=True)
class Known:
    """Of one expert, as of the event."""

    facts: dict[str, Any] = field(default_factory=dict)
    samples: dict[UUID, int] = field(default_factory=dict)


def known_of(rows: Iterable[Mapping[str, Any]], at: datetime, side: Side) -> dict[UUID, Known]:
    """By expert what `policy.Person` takes, and how many packs of a product she has had this year."""
    return {UUID(row["kol"]): _known(row, at, side) for row in rows}


def _known(row: Mapping[str, Any], at: datetime, side: Side) -> Known:
    told = instant(row["informed_at"])
    # To field service the notice is a bit: neither when it was given nor since when the expert is known.
    since = at if side is Side.COMMERCIAL and told is not None else instant(row["known_since"])
    return Known(
        facts={
            "consents": tuple(_consent(each) for each in row["consents"] or ()),
            "objects_to_marketing": row["marketing"],
            "do_not_contact": row["contact"],
            "informed_at": told,
            "known_since": since,
            "prescriber": _PRESCRIBES.get(row["licence"]),
            "calls_this_year": row["calls"],
        },
        samples={UUID(product): int(packs) for product, packs in (row["samples"] or {}).items()},
    )


def _consent(each: list[Any]) -> Consent:
    channel, purpose, market, given, withdrawn = each
    return policy.Consent(
        channel=Channel(channel),
        purpose=ConsentPurpose(purpose),
        market=market,
        given_at=instant(given),
        withdrawn_at=instant(withdrawn),
    )
