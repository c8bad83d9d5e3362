"""The rule families beside the matrix: each one a pure question to an act, each can only tighten.

To add a family, write one function here or in a module of its own and name it in ``FAMILIES``. Nothing
else changes: ``decide`` joins them by ``strictest``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from . import consents, joint, materials, people, requests, samples, texts, timing, values
from .facts import Act
from .packs import packs as known_packs
from .rulings import Ruling, denied, needing, unknown
from .topics import BEFORE_AUTHORISATION, EVENTS, PRODUCT, activities, markets, number, zones
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
)

Family = Callable[[Act], Iterator[Ruling]]

UNSUPPORTED = frozenset({Channel.MESSENGER, Channel.SOCIAL_MEDIA})
NEEDS_NO_PACK = frozenset({Activity.ADMIN_CONTACT, Activity.ADVERSE_EVENT})


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
    if not activities(act) - NEEDS_NO_PACK:
        return
    applicable = markets(act)
    if not applicable:
        yield unknown("market_missing", "R-004")
    for market in applicable:
        if market not in act.packs:
            yield denied("R-014", "no_pack", market=market)
    for market, version in act.pack_versions:
        if (market, version) not in known_packs():
            yield unknown("unknown_pack", "R-160", market=market, version=version)


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
    """R-041: no field service as guests beside a topic that is not authorised, but at a third party's congress."""
    guests = {person.side for person in act.people}
    if not activities(act) & EVENTS or Side.COMMERCIAL not in guests or act.third_party_congress:
        return
    for topic in act.topics:
        if topic.subject in PRODUCT and zones(topic) & BEFORE_AUTHORISATION:
            yield denied("R-041", "field_at_event", topic=topic.name)


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
    if late <= timedelta(days=number(act, "PP-01 late_reason_after_days")):
        return
    given = act.late_reason or Document.LATE in act.documents
    yield needing("R-067", () if given else (Document.LATE,), code="late_reason_missing")
    if late > timedelta(days=number(act, "PP-02 line_approval_after_days")):
        yield Ruling(
            outcome=Outcome.WITH_DOCUMENTS, rules=("R-067",), duties=(Duty.LINE_APPROVAL, Duty.SAMPLED)
        )


FAMILIES: tuple[Family, ...] = (
    *(stated, packs, channel, public, company, time),
    *(joint.together, joint.apart, joint.promotional_by_medical),
    *(timing.moved, requests.changed),
    *(people.training_before, people.trained, people.qualified, people.frequency),
    *(people.changed_sides, people.same_day, people.first_call),
    *(materials.register, materials.usable, materials.listed, materials.purposes),
    *(samples.sample, values.complete, values.meals, values.fees, values.before_authorisation),
    *(consents.channels, consents.objection, consents.do_not_contact, consents.informed, texts.explained),
)
