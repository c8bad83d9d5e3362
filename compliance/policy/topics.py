"""Judging one topic by the matrix: every market, every moment and every audience of it (R-001 to R-006)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from . import requests
from .facts import Act, Person, Topic, TopicDecision, distinct
from .matrix import FIELD_EXCERPTS, LIKE_FIELD, LIKE_MSL, MATRIX, Cell, Key, activity_of
from .packs import pack_of
from .parameters import PARAMETERS
from .rulings import Ruling, denied, fine, lenience, needing, strictest, unknown
from .words import (
    Activity,
    Audience,
    Basis,
    Channel,
    Document,
    Outcome,
    Side,
    Standing,
    Subject,
    Zone,
    side_of,
)

PRODUCT = frozenset({Subject.USE, Subject.UNLISTED})
BEFORE_AUTHORISATION = frozenset({Zone.PRE, Zone.UNLISTED})
EVENTS = frozenset({Activity.SCIENTIFIC_LECTURE, Activity.EXTERNAL_TRAINING, Activity.ADVISORY_BOARD})
# Contacts that are about no product of ours, or that nothing may hinder.
NOT_DETAILING = frozenset(
    {Activity.ADMIN_CONTACT, Activity.ADVERSE_EVENT, Activity.INQUIRY_REFERRAL, Activity.SAFETY_COMMUNICATION}
)
REMOTE = frozenset({Channel.PHONE, Channel.VIDEO, Channel.EMAIL, Channel.POST, Channel.PORTAL})
CONGRESS = frozenset({Activity.CONGRESS_MEDICAL, Activity.CONGRESS_STAND})
ZONES_OF_SUBJECT: dict[Subject, frozenset[Zone]] = {
    Subject.USE: frozenset({Zone.PRE, Zone.OPEN, Zone.CLOSED, Zone.UNLISTED}),
    Subject.UNLISTED: frozenset({Zone.UNLISTED}),
    Subject.DISEASE: frozenset({Zone.PRE, Zone.OPEN, Zone.CLOSED}),
    Subject.ADMIN: frozenset({Zone.NONE}),
}
# Why not, where the same would be allowed to who answers for it once it is open.
WHY_NOT = {
    Zone.PRE: "not_open_yet",
    Zone.OPEN: "not_yours",
    Zone.CLOSED: "closed",
    Zone.NONE: "not_yours",
}
NEVER = {Side.COMMERCIAL: "never_field", Side.MEDICAL: "never_medical"}
# Where MSL hold a relation to answer for; an audience in a lecture hall is none.
ONE_TO_ONE = frozenset(
    {Activity.SCIENTIFIC_EXCHANGE, Activity.CONGRESS_MEDICAL, Activity.STUDY_IDEA, Activity.INQUIRY_ANSWER}
)


def audiences(act: Act) -> tuple[Audience, ...]:
    """Whom the act is before: the contacts' audiences. Colleagues count only where nobody else is there."""
    everybody = {person.audience for person in act.people}
    contacts = everybody - {Audience.INTERNAL}
    return tuple(sorted(contacts or everybody))


def markets(act: Act) -> tuple[str, ...]:
    """The markets whose rules apply: of every contact and, unless remote, of the place (R-004)."""
    applicable = {m for person in act.people if person.audience != Audience.INTERNAL for m in person.markets}
    if act.channel not in REMOTE or not applicable:
        applicable.add(act.market)
    return tuple(sorted(applicable - {""}))


def activities(act: Act) -> frozenset[Activity]:
    """Every row of the matrix the act falls under."""
    before = audiences(act)
    return frozenset(
        activity_of(act.kind, act.channel, topic, audience) for topic in act.topics for audience in before
    )


def demanding(act: Act, demand: str) -> tuple[str, ...]:
    """The applicable markets whose pack demands that."""
    return tuple(market for market in markets(act) if demand in pack_of(act, market).demands)


def number(act: Act, name: str) -> int:
    """A parameter by the strictest of the applicable markets: the least of their numbers."""
    return min((pack_of(act, market).parameters[name] for market in markets(act)), default=PARAMETERS[name])


def zones(topic: Topic) -> frozenset[Zone]:
    """Every zone a topic runs through, anywhere."""
    return frozenset(zone for place in topic.zones for zone in place.zones)


def contacts(act: Act) -> tuple[Person, ...]:
    """The people of the act who are not colleagues."""
    return tuple(person for person in act.people if person.audience != Audience.INTERNAL)


def side(act: Act) -> Side:
    """The side of the acting person."""
    return side_of(act.role)


def column(act: Act, topic: Topic, zone: Zone, activity: Activity) -> Standing | None:
    """Which column of the matrix counts. ``None`` if that turns on a basis nobody has stated."""
    by_standing = act.role in LIKE_FIELD or act.role in FIELD_EXCERPTS
    if by_standing or zone not in (Zone.PRE, Zone.UNLISTED):
        return topic.standing
    if topic.basis is not None:
        asked = topic.basis == Basis.UNSOLICITED_REQUEST
        return Standing.REACTIVE if asked else Standing.PROACTIVE
    proactive = MATRIX[activity, act.role, zone, Standing.PROACTIVE]
    reactive = MATRIX[activity, act.role, zone, Standing.REACTIVE]
    if proactive.text == reactive.text or reactive.text == "-":
        return Standing.PROACTIVE
    return Standing.REACTIVE if proactive.text == "-" else None


def judge(act: Act, topic: Topic) -> Ruling:
    """What the matrix says of one topic, over all its markets, moments and audiences."""
    if not audiences(act):
        return unknown("people_missing")
    if topic.basis == Basis.UNSOLICITED_REQUEST:
        of_act, asked, ruling = requests.unprompted(act, topic, demanding(act, "prompted"))
        if ruling is not None:
            return strictest((ruling, *rulings(of_act, asked)))
    # Nothing judged is nothing known, and never a permission.
    return strictest(tuple(rulings(act, topic)) or (unknown("zone_missing", "R-001", topic=topic.name),))


def part(act: Act, topic: Topic, ruling: Ruling) -> TopicDecision:
    """The ruling on a topic as a part of the decision."""
    derived = {activity_of(act.kind, act.channel, topic, audience) for audience in audiences(act)}
    return TopicDecision(
        ref=topic.ref,
        activities=tuple(sorted(derived)),
        outcome=ruling.outcome,
        rules=ruling.rules,
        missing=ruling.missing,
        reasons=ruling.reasons,
    )


def rulings(act: Act, topic: Topic) -> Iterator[Ruling]:
    """One ruling for each market, moment and audience of a topic (R-003)."""
    strange = [
        (what, str(word))
        for what, word, words in (
            ("subject", topic.subject, Subject),
            ("standing", topic.standing, Standing),
            ("basis", topic.basis, Basis),
        )
        if word is not None and not isinstance(word, words)
    ]
    if strange:
        yield from (unknown("unknown_word", what=what, word=word) for what, word in strange)
        return
    places = list(_places(act, topic))
    zones = {zone for zone, _ in places}
    for zone, market in places:
        if zone not in ZONES_OF_SUBJECT[topic.subject]:
            yield unknown("unknown_zone", what=str(zone), market=market, topic=topic.name)
            continue
        for audience in audiences(act):
            activity = activity_of(act.kind, act.channel, topic, audience)
            # A board or a training on matters without a product is as strict as before authorisation.
            without_row = zone is Zone.NONE and activity is not Activity.ADMIN_CONTACT
            judged_as = Zone.PRE if without_row else zone
            yield _of_cell(act, topic, activity, audience, judged_as, market, zones)
    for market in markets(act):
        if topic.subject in PRODUCT and market not in {z.market for z in topic.zones}:
            yield unknown("zone_missing", "R-001", market=market, topic=topic.name)


def _places(act: Act, topic: Topic) -> Iterator[tuple[Zone, str]]:
    """Zone and market of a topic, moment by moment; a topic without a product has one place."""
    for place in topic.zones:
        for zone in place.zones:
            yield zone, place.market
    if topic.subject == Subject.ADMIN:
        yield Zone.NONE, act.market
    if topic.subject == Subject.DISEASE:
        # No use of the company in that disease and market: judged as before authorisation.
        named = {place.market for place in topic.zones}
        yield from ((Zone.PRE, market) for market in markets(act) if market not in named)


def _of_cell(
    act: Act,
    topic: Topic,
    activity: Activity,
    audience: Audience,
    zone: Zone,
    market: str,
    zones: set[Zone],
) -> Ruling:
    """One cell of the matrix, applied to the documents at hand."""
    standing = column(act, topic, zone, activity)
    names = {"topic": topic.name, "market": market}
    if standing is None:
        return unknown("basis_missing", MATRIX[activity, act.role, zone, Standing.REACTIVE].rule, **names)
    cell = cell_of(act, market, (activity, act.role, zone, standing))
    if cell is None:
        return unknown("no_row", activity=str(activity), role=str(act.role), **names)
    if requests.may_be_siuu(act, topic, activity, zone, standing, pack_of(act, market)):
        siuu = _with_documents(act, topic, requests.SIUU, audience, names)
        usual = _by_cell(act, topic, cell, activity, audience, zone, standing, names, zones)
        return min(usual, siuu, key=lenience)
    return _by_cell(act, topic, cell, activity, audience, zone, standing, names, zones)


def cell_of(act: Act, market: str, key: Key) -> Cell | None:
    """The cell of the matrix, or what the market's pack puts in its place."""
    return pack_of(act, market).cells.get(key) or MATRIX.get(key)


def _by_cell(
    act: Act,
    topic: Topic,
    cell: Cell,
    activity: Activity,
    audience: Audience,
    zone: Zone,
    standing: Standing,
    names: dict[str, str],
    zones: set[Zone],
) -> Ruling:
    abroad = MATRIX.get((activity, act.role, Zone.OPEN, standing))
    if (
        (activity in CONGRESS and Zone.OPEN in zones)
        and cell.outcome is Outcome.NOT_ALLOWED
        and (abroad is not None and abroad.outcome is not Outcome.NOT_ALLOWED)
    ):
        return _at_congress(act, topic, abroad, audience, names)
    if cell.outcome is Outcome.NOT_ALLOWED:
        return _softened(act, topic, cell, activity, zone, names)
    found = _with_documents(act, topic, cell, audience, names)
    if _needs_owner(act, topic, activity):
        preclear = {Document.PRECLEAR} - _documents(act, topic)
        return strictest((found, needing("R-049", preclear, code="not_relation_owner", **names)))
    return found


def _documents(act: Act, topic: Topic) -> frozenset[Document]:
    approved = {Document.PRECLEAR} if topic.approved_preclear else set()
    return act.documents | topic.documents | approved


def _needs_owner(act: Act, topic: Topic, activity: Activity) -> bool:
    return (
        act.role in LIKE_MSL
        and topic.subject == Subject.USE
        and topic.standing is Standing.NON_OWNER
        and activity in ONE_TO_ONE
    )


def _with_documents(act: Act, topic: Topic, cell: Cell, audience: Audience, names: dict[str, str]) -> Ruling:
    """Allowed, or with the documents the cell asks for."""
    if cell.outcome is Outcome.ALLOWED:
        return fine(cell.rule)
    there = _documents(act, topic)
    return strictest(
        needing(cell.rule, () if _met(wanted, there, topic) else _wanted(wanted, topic), **names)
        for wanted in cell.demands(audience)
    )


def _wanted(wanted: frozenset[Document], topic: Topic) -> frozenset[Document]:
    """Of alternatives, the one that fits how the topic came up; all of them while nobody has said."""
    if topic.basis is None:
        return wanted
    fitting = Document.REQ if topic.basis is Basis.UNSOLICITED_REQUEST else Document.PLAN
    return wanted & {fitting} or wanted


def _met(wanted: frozenset[Document], there: frozenset[Document], topic: Topic) -> bool:
    """A proactive contact after the handover needs the plan item, not a request (PP-16)."""
    return bool(_wanted(wanted, topic) & there)


def _at_congress(act: Act, topic: Topic, abroad: Cell, audience: Audience, names: dict[str, str]) -> Ruling:
    """At an international congress, authorised elsewhere: as there, once Compliance cleared it (R-004)."""
    if Document.PRECLEAR not in _documents(act, topic):
        return denied("R-004", "congress_needs_preclear", **names)
    return strictest((needing("R-004"), _with_documents(act, topic, abroad, audience, names)))


def _softened(
    act: Act,
    topic: Topic,
    cell: Cell,
    activity: Activity,
    zone: Zone,
    names: dict[str, str],
) -> Ruling:
    """A cell that denies: still allowed when cleared beforehand, or for a guest, where it says so."""
    there = _documents(act, topic)
    if cell.unless and cell.unless <= there:
        return needing(cell.rule)
    if cell.unless:
        return denied(cell.rule, "needs_preclear", **names)
    if cell.text == "ATTEND":
        return fine(cell.rule) if act.attending else denied(cell.rule, "attend_only", **names)
    if cell.text == "-":
        return denied(cell.rule, "cannot_occur", **names)
    details = {"activity": str(activity), "role": str(act.role), **names}
    if topic.sibling_open and zone is not Zone.OPEN and side_of(act.role) is Side.COMMERCIAL:
        # Authorised for something else: the act is off label, and the sentence says so.
        off_label = denied("R-042", "off_label", **names)
        return replace(off_label, rules=distinct((cell.rule, "R-042")))
    return denied(cell.rule, _why_not(act, cell, activity, zone), **details)


def _why_not(act: Act, cell: Cell, activity: Activity, zone: Zone) -> str:
    """The code of the sentence that explains a denial best."""
    open_at_all = MATRIX[activity, act.role, Zone.OPEN, Standing.OWNER].outcome is not Outcome.NOT_ALLOWED
    if cell.rule in ("R-006", "R-044"):
        return "unlisted"
    if not open_at_all:
        return NEVER.get(side_of(act.role), "never")
    return WHY_NOT[zone]
