"""Requests: whether one was prompted, was one from the start, or is not needed at all (R-045 to R-047)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .facts import Act, Reason, Topic
from .matrix import LIKE_MSL, Cell
from .packs import Pack
from .rulings import Ruling, needing, unknown
from .words import (
    Activity,
    Audience,
    Basis,
    Document,
    Duty,
    Role,
    Standing,
    Zone,
)

# In the United States: unapproved use of an approved product, to prescribers, with what R-046 asks for.
SIUU = Cell("R-046", "D SIUU MAT")
SIUU_ACTIVITIES = frozenset({Activity.SCIENTIFIC_EXCHANGE, Activity.CONGRESS_MEDICAL})


def unprompted(act: Act, topic: Topic, demanded: tuple[str, ...]) -> tuple[Act, Topic, Ruling | None]:
    """R-045: a request we prompted, or that came after the answer, is none and counts as proactive.

    Medical information may still answer a real need with pre-approval. Act and topic to judge come
    back, with what is to be said besides; nothing where the request stands as it is.
    """
    late = topic.asked_at is not None and topic.asked_at > act.starts_at
    if not late and topic.prompted is None and demanded:
        return act, topic, unknown("prompted_unknown", "R-045", topic=topic.name)
    if not late and not topic.prompted:
        return act, topic, None
    code = "asked_after" if late else "prompted"
    if act.role == Role.MEDICAL_INFORMATION:
        there = act.documents | topic.documents | ({Document.PRECLEAR} if topic.approved_preclear else set())
        cleared = {Document.PRECLEAR} - there
        return act, topic, needing("R-045", cleared, code="prompted_needs_preclear", topic=topic.name)
    told = Ruling(rules=("R-045",), reasons=(Reason.of("R-045", code, topic=topic.name),))
    without = replace(act, documents=act.documents - {Document.REQ})
    return without, replace(topic, basis=Basis.PROACTIVE, documents=topic.documents - {Document.REQ}), told


def may_be_siuu(
    act: Act, topic: Topic, activity: Activity, zone: Zone, standing: Standing, pack: Pack
) -> bool:
    """R-046: whether the market opens that path for this topic. Never for a product with no approval."""
    before = [person for person in act.people if person.audience != Audience.INTERNAL]
    return (
        "siuu" in pack.demands
        and act.role in LIKE_MSL
        and activity in SIUU_ACTIVITIES
        and topic.sibling_open
        and zone is Zone.PRE
        and standing is Standing.PROACTIVE
        and all(person.prescriber is True for person in before)
    )


def changed(act: Act) -> Iterator[Ruling]:
    """R-047: an initiator changed to "the doctor asked" needs a reason and is always sampled."""
    for topic in act.topics:
        if topic.basis == Basis.UNSOLICITED_REQUEST and topic.basis_before not in (None, topic.basis):
            missing = () if act.change_reason else (Document.CHANGE,)
            yield replace(needing("R-047", missing, topic=topic.name), duties=(Duty.SAMPLED,))
