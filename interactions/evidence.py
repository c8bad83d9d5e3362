"""What a document code must contain before the boundary counts it (rulebook 2.1).

A door hands over what was written or ticked; what does not hold is left out, and the boundary then says
that it is missing. What the database knows by itself (a study role, a signed contract, the attendance
list) is filled in and never typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from accounts.models import User
from compliance.policy import Basis, Document, Kind, Side
from kols.models import KOL, Contract, StudyRole
from products.models import PlanItem

if TYPE_CHECKING:
    from interactions.facts import Event, Present, Spoken
    from interactions.materials import Named

_PROMPTED = """
SELECT * FROM crm_prompted(%s::uuid[], %s::uuid[], %s, %s, %s, %s, %s, coalesce(%s, 'infinity'::timestamptz))"""

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
    kols: Sequence[KOL],
    people: Sequence[Present],
    named: Named,
) -> list[tuple[Basis | None, Evidence]]:
    """For each topic the basis that was given and the evidence that holds."""
    plans = _plans(event, topics)
    studies = _held(
        StudyRole.objects.all(), Basis.STUDY_SUPPORT, Kind.STUDY_VISIT, "trial", event, topics, kols
    )
    signed = Contract.objects.filter(signed_at__lte=event.starts_at)
    contracts = _held(signed, Basis.CONTRACTED_BOARD, Kind.ADVISORY_BOARD, "reference", event, topics, kols)
    found: list[tuple[Basis | None, Evidence]] = []
    for topic in topics:
        use = topic.use.pk if topic.use else None
        accepted = {
            code: kept
            for code, given in topic.documents.items()
            if (kept := named.evidence(given) if code == Document.MAT else _accepted(code, given, event))
        }
        if Document.PLAN in topic.documents and (item := plans.get(_item(topic))) and item.use_id == use:
            accepted[Document.PLAN] = {"reference": item.reference, "item": str(item.pk)}
            accepted.setdefault(Document.PURPOSE, {"words": item.purpose})
        if use in studies:
            accepted[Document.TRIAL] = {"trial": studies[use]}
        if use in contracts:
            accepted[Document.CONTRACT] = {"reference": contracts[use]}
        if event.kind in WITH_ATTENDANCE and people:
            accepted[Document.ATT] = {"people": len(people)}
        found.append((topic.basis, accepted))
    return found


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


def _plans(event: Event, topics: Sequence[Spoken]) -> dict[UUID | None, PlanItem]:
    """The plan items named, as far as they were in force at the event."""
    named = [pk for topic in topics if Document.PLAN in topic.documents and (pk := _item(topic))]
    items = PlanItem.objects.filter(pk__in=named, during__contains=event.starts_at) if named else ()
    return {item.pk: item for item in items}


def _held(
    rows: QuerySet[StudyRole] | QuerySet[Contract],
    basis: Basis,
    kind: Kind,
    name: str,
    event: Event,
    topics: Sequence[Spoken],
    kols: Sequence[KOL],
) -> dict[UUID | None, str]:
    """By use, the study or contract that one of the experts there had at the event."""
    uses = [topic.use.pk for topic in topics if topic.use and (topic.basis == basis or event.kind == kind)]
    if not uses or not kols:
        return {}
    then = rows.filter(kol__in=kols, use__in=uses, during__contains=event.starts_at)
    return dict(then.values_list("use_id", name))


def prompted(
    *,
    by: User,
    side: Side,
    event: Event,
    topics: Sequence[Spoken],
    kols: Sequence[KOL],
    days: int,
    left_out: UUID | None = None,
    known_at: datetime | None = None,
) -> frozenset[UUID]:
    """Uses that this person, or anybody of field service, raised with one of these experts shortly before (R-045).

    `days` is how long before (PP-21).

    Asked behind the wall: that somebody did is all that Medical learns of it.
    """
    uses = [str(topic.use.pk) for topic in topics if topic.use and _claims(topic)]
    if not uses or not kols:
        return frozenset()
    experts = [str(kol.pk) for kol in kols]
    with connection.cursor() as cursor:
        cursor.execute(
            _PROMPTED, [experts, uses, event.starts_at, days, by.pk, str(side), left_out, known_at]
        )
        return frozenset(row[0] for row in cursor.fetchall())


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
