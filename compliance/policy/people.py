"""Rules E and I: training, qualification, how often, and who changed sides (R-070 to R-077, R-124, R-125)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from .facts import Act, Topic
from .matrix import LIKE_MSL
from .rulings import Ruling, denied, duty, needing, unknown
from .things import Certificate, CertificateKind, MaterialPurpose
from .topics import (
    BEFORE_AUTHORISATION,
    NOT_DETAILING,
    PRODUCT,
    activities,
    contacts,
    demanding,
    number,
    side,
    zones,
)
from .words import Activity, Basis, Document, Duty, Kind, Side, Subject

PROMOTION = frozenset(
    {
        *(Activity.PRODUCT_CALL, Activity.CONGRESS_STAND, Activity.SAMPLE),
        *(Activity.SCIENTIFIC_LECTURE, Activity.EXTERNAL_TRAINING),
    }
)


def _held(
    held: Iterable[Certificate], act: Act, kind: CertificateKind, market: str, topic: Topic | None = None
) -> bool:
    """Whether a certificate of that kind held when it took place."""
    if topic is None:
        return any(each.covers(kind, act.starts_at, market) for each in held)
    uses = (topic.ref, topic.product)
    return any(each.covers(kind, act.starts_at, market, uses, topic.label) for each in held)


def training_before(act: Act) -> Iterator[Ruling]:
    """R-070: field service learns of what is not authorised only close to its day, and signs for internal use."""
    commercial = side(act) is Side.COMMERCIAL
    taught = commercial or any(person.side == Side.COMMERCIAL for person in act.people)
    if not taught or Activity.INTERNAL_TRAINING not in activities(act):
        return
    for topic in act.topics:
        if topic.subject not in PRODUCT or not zones(topic) & BEFORE_AUTHORISATION:
            continue
        for material in act.materials or ():
            if material.purpose != MaterialPurpose.INTERNAL:
                yield denied("R-070", "training_material", material=material.name)
        for market in demanding(act, "training_window"):
            yield from _window(act, topic)
            if not commercial:
                continue
            if act.certificates is None:
                yield unknown("certificates_unknown", "R-070")
            elif not _held(act.certificates, act, CertificateKind.INTERNAL_USE_ONLY, market, topic):
                yield denied("R-070", "internal_use_unsigned", topic=topic.name)


def _window(act: Act, topic: Topic) -> Iterator[Ruling]:
    if topic.submitted is None:
        yield unknown("submission_unknown", "R-070", topic=topic.name)
    elif not topic.submitted:
        yield denied("R-070", "training_before_submission", topic=topic.name)
    days = number(act, "PP-13 training_before_target_days")
    if topic.expected_at is None:
        yield unknown("expected_unknown", "R-070", topic=topic.name)
    elif act.starts_at < topic.expected_at - timedelta(days=days):
        yield denied("R-070", "training_too_early", topic=topic.name, days=str(days))


def trained(act: Act) -> Iterator[Ruling]:
    """R-072: field service promotes only what it was trained for, by the label of that day."""
    if side(act) is not Side.COMMERCIAL or not contacts(act) or not activities(act) & PROMOTION:
        return
    for market in demanding(act, "product_training"):
        if act.certificates is None:
            yield unknown("certificates_unknown", "R-072")
            continue
        for topic in act.topics:
            held = topic.subject != Subject.USE or _held(
                act.certificates, act, CertificateKind.PRODUCT_TRAINING, market, topic
            )
            if not held:
                yield denied("R-072", "not_trained", topic=topic.name)


def qualified(act: Act) -> Iterator[Ruling]:
    """R-072: who informs about a product is qualified, where the market asks for it."""
    demand = "qualification_field" if side(act) is Side.COMMERCIAL else "qualification_medical"
    asked = side(act) is Side.COMMERCIAL or act.role in LIKE_MSL
    about = any(topic.subject in PRODUCT for topic in act.topics)
    if not asked or not about or not contacts(act) or not activities(act) - NOT_DETAILING:
        return
    for market in demanding(act, demand):
        if act.certificates is None:
            yield unknown("certificates_unknown", "R-072")
        elif not _held(act.certificates, act, CertificateKind.QUALIFICATION, market):
            yield denied("R-072", "not_qualified", market=market)


def frequency(act: Act) -> Iterator[Ruling]:
    """R-077: one call too many in a year, unasked, needs the manager's reason."""
    if (
        side(act) is not Side.COMMERCIAL
        or act.kind != Kind.PRODUCT_CALL
        or not demanding(act, "call_frequency")
    ):
        return
    asked = act.topics and all(topic.basis == Basis.UNSOLICITED_REQUEST for topic in act.topics)
    for person in contacts(act) if not asked else ():
        if person.calls_this_year is None:
            yield unknown("calls_unknown", "R-077")
        elif person.calls_this_year >= number(act, "PP-15 unsolicited_calls_per_year"):
            given = act.manager_reason or Document.MANAGER in act.documents
            yield needing("R-077", () if given else (Document.MANAGER,), code="too_many_calls")


def changed_sides(act: Act) -> Iterator[Ruling]:
    """R-124: nobody meets experts about what she handled on the other side a short while ago."""
    if not contacts(act) or not activities(act) - NOT_DETAILING:
        return
    for topic in act.topics:
        if topic.subject in PRODUCT and {topic.ref, topic.product} & set(act.former):
            yield denied("R-124", "cooling_off", topic=topic.name)


def same_day(act: Act) -> Iterator[Ruling]:
    """R-125: both sides on one day is told to Medical and sampled; field service never learns of it."""
    if act.other_side_that_day and side(act) is Side.MEDICAL and not act.introduction:
        yield duty("R-125", Duty.TELL_MEDICAL, Duty.SAMPLED)


def first_call(act: Act) -> Iterator[Ruling]:
    """R-125: a first call before its day is sampled, never refused."""
    if side(act) is Side.COMMERCIAL and activities(act) & PROMOTION:
        early = [t for t in act.topics if t.first_call_from is not None and act.starts_at < t.first_call_from]
        if early:
            yield duty("R-125", Duty.SAMPLED)
