"""The rule families beside the matrix: each one a pure question to an act, each can only tighten.

To add a family (consents, materials, qualification, value), write one function here or in a module of
its own and name it in ``FAMILIES``. Nothing else changes: ``decide`` joins them by ``strictest``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from .facts import Act
from .matrix import activity_of
from .parameters import parameter
from .rulings import Ruling, denied, needing, unknown
from .topics import audiences, markets
from .words import (
    Activity,
    Audience,
    Channel,
    Document,
    Duty,
    Intent,
    Kind,
    Outcome,
    Side,
    Subject,
    Zone,
    side_of,
)

Family = Callable[[Act], Iterator[Ruling]]

PRODUCT = frozenset({Subject.USE, Subject.UNLISTED})
UNSUPPORTED = frozenset({Channel.MESSENGER, Channel.SOCIAL_MEDIA})
BEFORE_AUTHORISATION = frozenset({Zone.PRE, Zone.UNLISTED})
EVENTS = frozenset({Activity.SCIENTIFIC_LECTURE, Activity.EXTERNAL_TRAINING, Activity.ADVISORY_BOARD})
NEEDS_NO_PACK = frozenset({Activity.ADMIN_CONTACT, Activity.ADVERSE_EVENT})


def activities(act: Act) -> frozenset[Activity]:
    """Every row of the matrix the act falls under."""
    before = audiences(act)
    return frozenset(
        activity_of(act.kind, act.channel, topic, audience) for topic in act.topics for audience in before
    )


def stated(act: Act) -> Iterator[Ruling]:
    """R-015: what is not stated is refused, and the refusal says what is missing."""
    if not act.topics:
        yield unknown("topics_missing")
    inside = act.kind == Kind.INTERNAL_TRAINING
    if not act.people or (not inside and all(p.audience == Audience.INTERNAL for p in act.people)):
        yield unknown("people_missing")
    for person in act.people:
        if not isinstance(person.audience, Audience):
            yield unknown("unknown_word", what="audience", word=str(person.audience))
        if person.side is not None and not isinstance(person.side, Side):
            yield unknown("unknown_word", what="side", word=str(person.side))


def packs(act: Act) -> Iterator[Ruling]:
    """R-014: a market without an active policy pack permits only administrative contact and safety."""
    if activities(act) <= NEEDS_NO_PACK:
        return
    applicable = markets(act)
    if not applicable:
        yield unknown("market_missing", "R-004")
    for market in applicable:
        if market not in act.packs:
            yield denied("R-014", "no_pack", market=market)


def channel(act: Act) -> Iterator[Ruling]:
    """R-038: the channel never widens what is allowed; some are not supported at all."""
    if act.channel in UNSUPPORTED:
        yield denied("R-038", "unsupported_channel", channel=str(act.channel))


def public(act: Act) -> Iterator[Ruling]:
    """R-040: no product before the public or patients, for anybody."""
    lay = {person.audience for person in act.people} & {Audience.PUBLIC, Audience.PATIENT}
    for topic in act.topics:
        if lay and topic.subject in PRODUCT:
            yield denied("R-040", "public_audience", topic=topic.name)


def company(act: Act) -> Iterator[Ruling]:
    """R-041 and R-060: no field service beside a topic that is not authorised.

    As guests of an event only at a third party's congress; beside Medical with a contact, nowhere. An
    internal training is R-024's matter.
    """
    guests = {person.side for person in act.people}
    both = {Side.MEDICAL, Side.COMMERCIAL} <= guests | {side_of(act.role)}
    found = activities(act)
    for topic in act.topics:
        zones = {zone for place in topic.zones for zone in place.zones}
        if topic.subject not in PRODUCT or not zones & BEFORE_AUTHORISATION:
            continue
        if found & EVENTS and Side.COMMERCIAL in guests and not act.third_party_congress:
            yield denied("R-041", "field_at_event", topic=topic.name)
        elif both and not found & (EVENTS | {Activity.INTERNAL_TRAINING}):
            yield denied("R-060", "joint_visit", topic=topic.name)


def time(act: Act) -> Iterator[Ruling]:
    """R-066 and R-067: a record lies in the past, and a late one gives its reason."""
    instants = {"starts_at": act.starts_at, "recorded_at": act.recorded_at, "ends_at": act.ends_at}
    naive = [name for name, at in instants.items() if at is not None and at.tzinfo is None]
    for name in naive:
        yield unknown("time_without_zone", what=name)
    if naive:
        return
    end = act.ends_at or act.starts_at
    if end < act.starts_at:
        yield unknown("ends_before_start")
    if act.intent != Intent.RECORD:
        return
    if act.starts_at > act.recorded_at:
        yield unknown("future_start", "R-066")
    yield from _lateness(act, act.recorded_at - end)


def _lateness(act: Act, late: timedelta) -> Iterator[Ruling]:
    if late <= timedelta(days=parameter("PP-01 late_reason_after_days")):
        return
    given = act.late_reason or Document.LATE in act.documents
    yield needing("R-067", () if given else (Document.LATE,), code="late_reason_missing")
    if late > timedelta(days=parameter("PP-02 line_approval_after_days")):
        yield Ruling(
            outcome=Outcome.WITH_DOCUMENTS, rules=("R-067",), duties=(Duty.LINE_APPROVAL, Duty.SAMPLED)
        )


# A later release adds here: rules C (joint visits in full), E (training and qualification),
# F (materials, samples, value) and G (consent and privacy).
FAMILIES: tuple[Family, ...] = (stated, packs, channel, public, company, time)
