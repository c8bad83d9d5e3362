"""The properties of rulebook 3.8 that are the policy's own: P-02 to P-06 and P-13. `dev.py long` asks more of each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compliance.policy import (
    Act,
    Activity,
    Audience,
    Channel,
    Decision,
    DecisionKind,
    Document,
    Duty,
    Intent,
    Kind,
    LifecyclePoint,
    MarketZone,
    Outcome,
    Person,
    Role,
    Side,
    Standing,
    State,
    Topic,
    Zone,
    decide,
    derive_zone,
    packs,
    side_of,
)
from compliance.policy.matrix import MATRIX, Cell
from compliance.policy.packs import Pack

from .any_act import acts, documents, in_zone, people, topics
from .size import examples

EXAMPLES = settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
ORDER = [DecisionKind.ALLOWED, DecisionKind.INCOMPLETE, DecisionKind.REFUSED, DecisionKind.DEVIATION]
Answer = tuple[Outcome, int, frozenset[Document]]


def answer(decision: Decision) -> Answer:
    return decision.outcome, ORDER.index(decision.kind), decision.missing


def no_looser(one: Decision, other: Decision) -> bool:
    """Whether ``one`` is nowhere more permissive than ``other``."""
    return all(
        (one.outcome >= other.outcome, answer(one)[1] >= answer(other)[1], one.missing >= other.missing)
    )


@EXAMPLES
@given(acts, st.timedeltas(timedelta(hours=1), timedelta(days=3000)))
def test_p02_whenever_it_is_logged_the_answer_is_that_of_the_day_it_took_place(
    act: Act, later: timedelta
) -> None:
    """Only duties of lateness differ."""
    record = replace(act, intent=Intent.RECORD, late_reason=True)
    soon, late = decide(record), decide(replace(record, recorded_at=act.recorded_at + later))

    assert (late.kind, late.missing, late.per_topic) == (soon.kind, soon.missing, soon.per_topic)
    assert late.reasons == soon.reasons
    assert set(late.duties) - set(soon.duties) <= {Duty.LINE_APPROVAL, Duty.SAMPLED}
    assert set(soon.duties) <= set(late.duties)


@EXAMPLES
@given(acts, topics)
def test_p03_another_topic_never_loosens(act: Act, more: Topic) -> None:
    """One that brings no proof of its own, and is not the one a sample or a material was given for."""
    act = replace(act, samples=(), materials=None)
    more = replace(more, documents=frozenset())

    assert no_looser(decide(replace(act, topics=(*act.topics, more))), decide(act))


@EXAMPLES
@given(acts, people)
def test_p03_another_person_never_loosens(act: Act, more: Person) -> None:
    """One who was not the missing recipient of something, and does not make another act of it.

    A guest from outside turns internal training into another act (R-070), and the first contact makes an
    act of what named nobody. Where contacts practise is known.
    """
    contacts = [person for person in act.people if person.audience is not Audience.INTERNAL]
    assume(contacts and all(person.markets for person in (*contacts, more)))
    act = replace(act, samples=(), values=())

    assert no_looser(decide(replace(act, people=(*act.people, more))), decide(act))


@EXAMPLES
@given(acts, documents)
def test_p03_a_document_less_never_improves(act: Act, fewer: frozenset[Document]) -> None:
    """That approved material was used is a claim as well, which asks for its name (R-080): it stays."""
    fewer -= {Document.MAT}
    less = replace(
        act,
        documents=act.documents - fewer,
        topics=tuple(replace(topic, documents=topic.documents - fewer) for topic in act.topics),
    )
    assert no_looser(decide(less), decide(act))


@EXAMPLES
@given(acts, st.randoms(use_true_random=False))
def test_p04_order_is_irrelevant(act: Act, random: Any) -> None:
    def shuffled(things: Any) -> Any:
        return things and tuple(random.sample(things, len(things)))

    names = ("topics", "people", "certificates", "materials", "values", "samples", "former", "pack_versions")
    other = decide(replace(act, **{name: shuffled(getattr(act, name)) for name in names}))

    assert replace(other, per_topic=()) == replace(decide(act), per_topic=())
    assert {part.ref: part for part in other.per_topic}.keys() == {p.ref for p in decide(act).per_topic}


@EXAMPLES
@given(acts, st.sampled_from([Zone.PRE, Zone.CLOSED]), st.sampled_from([Standing.OWNER, Standing.NON_OWNER]))
def test_p05_field_service_is_never_freer_before_or_after_than_while_it_is_open(
    act: Act, zone: Zone, standing: Standing
) -> None:
    """At its freest, that is: what is its own, and as a guest where a guest may be."""
    act = replace(act, role=Role.FIELD_SERVICE, materials=None, values=(), samples=())
    act = replace(act, topics=tuple(replace(topic, sibling_open=False) for topic in act.topics))
    whole = [
        decide(replace(in_zone(act, Zone.OPEN), topics=tuple(
            replace(topic, standing=of) for topic in in_zone(act, Zone.OPEN).topics))).outcome
        for of in (Standing.OWNER, Standing.NON_OWNER)
    ]  # fmt: skip
    outside = in_zone(act, zone)
    outside = replace(outside, topics=tuple(replace(topic, standing=standing) for topic in outside.topics))

    assert decide(outside).outcome >= min(whole)


@EXAMPLES
@given(acts)
def test_p05_medical_never_calls_stands_or_hands_out_samples(act: Act) -> None:
    if side_of(act.role) is not Side.MEDICAL:
        act = replace(act, role=Role.MSL)
    for part in decide(act).per_topic:
        if {Activity.PRODUCT_CALL, Activity.CONGRESS_STAND, Activity.SAMPLE} & {*part.activities}:
            assert part.outcome is Outcome.NOT_ALLOWED


@EXAMPLES
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"]),
    st.sampled_from([State.SUBMITTED, State.SUSPENDED]),
)
def test_p06_one_second_across_the_boundary_flips_the_answer_and_another_zone_does_not(
    at: datetime, zone: str, before: State
) -> None:
    history = (
        LifecyclePoint(state=before, effective_at=at - timedelta(days=400)),
        LifecyclePoint(state=State.AUTHORISED, effective_at=at),
    )

    def call(when: datetime) -> Decision:
        topic = Topic(
            zones=(MarketZone("DE", derive_zone(history, when)),),
            standing=Standing.OWNER,
            documents=frozenset({Document.SMPC, Document.MAT}),
        )
        return decide(
            Act(
                role=Role.FIELD_SERVICE,
                intent=Intent.RECORD,
                kind=Kind.PRODUCT_CALL,
                channel=Channel.PHONE,
                starts_at=when,
                recorded_at=when,
                market="DE",
                packs=frozenset({"DE"}),
                topics=(topic,),
                people=(Person(markets=("DE",)),),
            )
        )

    for when, allowed in ((at - timedelta(seconds=1), False), (at, True), (at + timedelta(seconds=1), True)):
        assert call(when).allowed is allowed
        assert call(when.astimezone(ZoneInfo(zone))) == call(when)


@given(st.sampled_from(sorted(packs.packs())), acts)
@EXAMPLES
def test_p13_a_pack_change_never_alters_a_stored_receipt(version: tuple[str, str], act: Act) -> None:
    """A receipt is text: read again it is what was stored, whatever is in force now, and it names its packs."""
    decision = decide(act)
    stored = json.loads(json.dumps({"act": act.to_json(), "decision": decision.to_json()}))
    moved = replace(act, pack_versions=(version,))

    decide(moved)
    assert Decision.from_json(stored["decision"]) == decision
    assert Act.from_json(stored["act"]) == act
    assert decide(Act.from_json(stored["act"])) == decision


NO_DOCUMENTS = {
    key: cell if cell.outcome is not Outcome.WITH_DOCUMENTS else Cell(cell.rule, "A")
    for key, cell in MATRIX.items()
}


@EXAMPLES
@given(act=acts)
def test_p13_a_pack_without_documents_never_asks_for_one(act: Act) -> None:
    """All cells that ask for documents say *allowed* instead; then the matrix asks for none (R-049 is no cell)."""
    bare = Pack(market="DE", version="bare", cells=MappingProxyType(NO_DOCUMENTS))
    here = replace(
        act, market="DE", pack_versions=(("DE", "bare"),), packs=frozenset({"DE"}),
        people=tuple(replace(person, markets=("DE",)) for person in act.people),
        topics=tuple(
            replace(topic, standing=Standing.OWNER, basis_before=None, documents=frozenset(),
                    zones=tuple(MarketZone("DE", place.at_start) for place in topic.zones))
            for topic in act.topics
        ),
        documents=frozenset(), values=(), samples=(), materials=None, moved_from=None,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "packs", lambda: {("DE", "bare"): bare})
        for part in decide(here).per_topic:
            assert not part.missing or "R-045" in part.rules
            assert part.outcome is not Outcome.WITH_DOCUMENTS or {"R-045", "R-004"} & {*part.rules}
