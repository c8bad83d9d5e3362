"""Rules C: Medical and field service before the same person (R-060 to R-064)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .facts import Act
from .rulings import Ruling, denied, duty, needing
from .things import MaterialPurpose
from .topics import BEFORE_AUTHORISATION, EVENTS, PRODUCT, activities, contacts, demanding, side, zones
from .words import Activity, Document, Duty, Intent, Side

BOTH = frozenset({Side.MEDICAL, Side.COMMERCIAL})


def _joint(act: Act) -> bool:
    """Both sides with a contact, and not all of it at an event."""
    there = {person.side for person in act.people} | {side(act)}
    elsewhere = EVENTS | {Activity.ADVERSE_EVENT}
    return not BOTH - there and bool(contacts(act)) and bool(activities(act) - elsewhere)


def together(act: Act) -> Iterator[Ruling]:
    """R-060, R-063: no joint visit beside a topic that is not authorised, and none that overlaps with one.

    R-062: what is allowed is kept as two linked records, one for each side, and always sampled.
    """
    if not _joint(act):
        return
    yield duty("R-062", Duty.LINKED_RECORDS, Duty.SAMPLED)
    for topic in act.topics:
        if topic.subject in PRODUCT and zones(topic) & BEFORE_AUTHORISATION:
            found = denied("R-060", "joint_visit", topic=topic.name)
            overlap = act.intent == Intent.RECORD
            yield replace(found, rules=("R-060", "R-063"), duties=(Duty.FINDING,)) if overlap else found


def apart(act: Act) -> Iterator[Ruling]:
    """R-061, R-064: together only to introduce, or as the person asks and Compliance allows; Medical plans it."""
    if not _joint(act):
        return
    if act.intent == Intent.PLAN and side(act) is Side.COMMERCIAL:
        yield denied("R-064", "medical_plans_joint")
    if act.introduction or not demanding(act, "joint_visits"):
        return
    # What the person asked about a topic is no request to see both.
    asked = {Document.REQ} if act.joint_request else set()
    cleared = all(topic.approved_preclear or Document.PRECLEAR in topic.documents for topic in act.topics)
    there = act.documents | asked | ({Document.PRECLEAR} if cleared else set())
    yield needing("R-061", {Document.REQ, Document.PRECLEAR} - there, code="joint_needs_request")


def promotional_by_medical(act: Act) -> Iterator[Ruling]:
    """R-064: Medical hands out no promotional material and no samples."""
    if side(act) is not Side.MEDICAL:
        return
    if act.samples:
        yield denied("R-064", "sample_by_medical")
    for material in act.materials or ():
        if material.purpose == MaterialPurpose.PROMOTIONAL and contacts(act):
            yield denied("R-064", "promotional_by_medical", material=material.name)
