"""What a document code must contain before the boundary counts it (rulebook 2.1).

A door hands over what was written or ticked; what does not hold is left out, and the boundary then says
that it is missing. What the database knows by itself (a study role, a signed contract, the attendance
list) is filled in and never typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from compliance.policy import Basis, Document, Kind

if TYPE_CHECKING:
    from interactions.facts import Event, Present, Spoken
    from interactions.lookup import Found
    from interactions.materials import Named

Evidence = dict[Document, dict[str, object]]

# A sentence or a number, typed. PRECLEAR is not among them: nobody clears herself.
TYPED = frozenset(
    {
        Document.PURPOSE,
        Document.RESP,
        Document.NEED,
        Document.PAYER,
        Document.ROSTER,
    }
)
TICKED = frozenset({Document.STATUS, Document.SMPC})
WITH_ATTENDANCE = frozenset(
    {Kind.SCIENTIFIC_LECTURE, Kind.INTERNAL_TRAINING, Kind.EXTERNAL_TRAINING, Kind.ADVISORY_BOARD}
)


def checked(
    *,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    named: Named,
    found: Found,
) -> list[tuple[Basis | None, Evidence]]:
    """For each topic the basis that was given and the evidence that holds."""
    plans = {item: (use, reference, purpose) for item, use, reference, purpose in found.items}
    answer: list[tuple[Basis | None, Evidence]] = []
    for topic in topics:
        use = topic.use.pk if topic.use else None
        accepted = {
            code: kept
            for code, given in topic.documents.items()
            if (kept := named.evidence(given) if code == Document.MAT else _accepted(code, given, event))
        }
        item = _item(topic) if Document.PLAN in topic.documents else None
        planned = plans.get(item) if item else None
        if planned and planned[0] == use:
            accepted[Document.PLAN] = {"reference": planned[1], "item": str(item)}
            accepted.setdefault(Document.PURPOSE, {"words": planned[2]})
        if use in found.studies:
            accepted[Document.TRIAL] = {"trial": found.studies[use]}
        if use in found.contracts:
            accepted[Document.CONTRACT] = {"reference": found.contracts[use]}
        if event.kind in WITH_ATTENDANCE and people:
            accepted[Document.ATT] = {"people": len(people)}
        answer.append((topic.basis, accepted))
    return answer


def _accepted(code: Document, given: Mapping[str, object], event: Event) -> dict[str, object]:
    """The evidence as it is kept, or nothing if it does not hold."""
    if code in TYPED:
        words = str(given.get("words") or "").strip()
        return {"words": words} if words else {}
    if code in TICKED:
        return {"said": True} if given.get("said") else {}
    if code == Document.REQ:
        question = str(given.get("question") or "").strip()
        asked_at = given.get("asked_at") or event.starts_at
        instant = parse_datetime(asked_at) if isinstance(asked_at, str) else asked_at
        in_time = isinstance(instant, datetime) and instant.tzinfo is not None and instant <= event.ends_at
        return {"question": question, "asked_at": instant} if question and in_time else {}
    return {}


def _item(topic: Spoken) -> UUID | None:
    given = topic.documents.get(Document.PLAN, {}).get("item")
    try:
        return given if isinstance(given, UUID) else UUID(str(given))
    except ValueError:
        return None


def looked_for(event: Event, topics: Sequence[Spoken]) -> dict[str, Any]:
    """What the look-up has to find for the evidence of these topics, by its names.

    Plan items that were named, as far as they were in force at the event; the studies and signed contracts
    that one of the experts had then, where the contact is about such; and the uses that somebody is said to
    have asked about: whether this person, or anybody of field service, had raised them shortly before (R-045).
    That somebody did is all that Medical learns of it.
    """
    return {
        "items": tuple(pk for t in topics if Document.PLAN in t.documents and (pk := _item(t))),
        "studied": _about(event, topics, Basis.STUDY_SUPPORT, Kind.STUDY_VISIT),
        "contracted": _about(event, topics, Basis.CONTRACTED_BOARD, Kind.ADVISORY_BOARD),
        "requested": tuple(topic.use.pk for topic in topics if topic.use and _claims(topic)),
    }


def _about(event: Event, topics: Sequence[Spoken], basis: Basis, kind: Kind) -> tuple[UUID, ...]:
    return tuple(t.use.pk for t in topics if t.use and (t.basis == basis or event.kind == kind))


def was_prompted(topic: Spoken, found: frozenset[UUID]) -> bool | None:
    """The answer for one topic; nothing where no request is claimed, and nobody looked."""
    if not _claims(topic):
        return None
    return topic.use is not None and topic.use.pk in found


def asked_at(accepted: Evidence, event: Event) -> datetime | None:
    """When the request came. One made during the contact came before its answer."""
    instant = accepted.get(Document.REQ, {}).get("asked_at")
    return min(instant, event.starts_at) if isinstance(instant, datetime) else None


def _claims(topic: Spoken) -> bool:
    return topic.basis is Basis.UNSOLICITED_REQUEST or Document.REQ in topic.documents
