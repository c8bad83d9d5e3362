"""What holds for every act, however odd (rulebook 3.8)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.policy import (
    MATRIX,
    VERSION,
    Act,
    Activity,
    Audience,
    Decision,
    DecisionKind,
    Document,
    Intent,
    Kind,
    Outcome,
    Person,
    Refused,
    Role,
    Side,
    Standing,
    Topic,
    Zone,
    decide,
    side_of,
)
from compliance.policy.sentences import TEMPLATES

from .acts import (
    NOON,
    acts,
    at_least_as_strict,
    documents,
    novastat,
    people,
    plain_acts,
    plain_topics,
    told,
    topics,
    visit,
    zones,
)


@given(plain_acts | acts, plain_topics | topics)
def test_another_topic_never_loosens_a_decision(act: Act, more: Topic) -> None:
    if act.topics:
        assert at_least_as_strict(decide(replace(act, topics=(*act.topics, more))), decide(act))


@given(plain_acts, people.filter(lambda person: person.audience != Audience.INTERNAL))
def test_another_contact_never_loosens_a_decision(act: Act, more: Person) -> None:
    assert at_least_as_strict(decide(replace(act, people=(*act.people, more))), decide(act))


@given(plain_acts, zones)
def test_another_market_never_loosens_a_decision_outside_a_congress(act: Act, more: object) -> None:
    if act.kind in (Kind.CONGRESS_CONTACT, Kind.CONGRESS_STAND):
        return
    first, *rest = act.topics
    wider = replace(first, zones=(*first.zones, more))  # type: ignore[arg-type]

    assert at_least_as_strict(decide(replace(act, topics=(wider, *rest))), decide(act))


@given(plain_acts | acts, documents)
def test_a_document_never_tightens_a_decision(act: Act, more: frozenset[Document]) -> None:
    assert at_least_as_strict(decide(act), decide(replace(act, documents=act.documents | more)))


@given(plain_acts | acts, st.randoms())
def test_order_is_irrelevant(act: Act, random: object) -> None:
    def shuffled(items: tuple[object, ...]) -> tuple[object, ...]:
        mixed = list(items)
        random.shuffle(mixed)  # type: ignore[attr-defined]
        return tuple(mixed)

    other = decide(replace(act, topics=shuffled(act.topics), people=shuffled(act.people)))  # type: ignore[arg-type]

    assert replace(other, per_topic=()) == replace(decide(act), per_topic=())


@given(acts, st.sampled_from(["role", "intent", "kind", "channel"]))
def test_an_unknown_word_is_refused_and_named(act: Act, name: str) -> None:
    if act.kind is Kind.ADVERSE_EVENT and name != "kind":
        return
    decision = decide(replace(act, **{name: "SOMETHING_ELSE"}))  # type: ignore[arg-type]

    assert told([decision]) == [f"X R-015 unknown_word what={name} word=SOMETHING_ELSE"]
    assert decision.kind is DecisionKind.REFUSED
    assert "SOMETHING_ELSE" in str(Refused(decision))


@pytest.mark.parametrize("name", ["subject", "standing", "basis"])
def test_an_unknown_word_in_a_topic_is_refused(name: str) -> None:
    topic = novastat(Zone.OPEN, **{"standing": Standing.OWNER, name: "SOMETHING_ELSE"})
    decision = decide(visit(topic))

    assert (decision.kind, decision.rules) == (DecisionKind.REFUSED, ("R-015",))


@pytest.mark.parametrize("zone", ["AJAR", Zone.NONE])
def test_an_unknown_zone_is_refused(zone: Zone) -> None:
    decision = decide(visit(novastat(zone, standing=Standing.OWNER), documents=frozenset(Document)))

    assert decision.kind is DecisionKind.REFUSED
    assert [reason.code for reason in decision.reasons] == ["unknown_zone"]


def test_an_unknown_audience_or_side_is_refused() -> None:
    for odd in (Person(audience="ALIEN", markets=("DE",)), Person(side="ALIEN", markets=("DE",))):  # type: ignore[arg-type]
        act = visit(novastat(Zone.OPEN, standing=Standing.OWNER), people=(odd,))
        assert decide(act).kind is DecisionKind.REFUSED


@given(acts)
def test_an_act_is_allowed_only_with_an_active_pack_of_each_market_and_somebody_there(act: Act) -> None:
    decision = decide(act)
    if decision.allowed and act.kind is not Kind.ADVERSE_EVENT:
        assert act.people
        assert act.topics
        admin = all(part.activities == (Activity.ADMIN_CONTACT,) for part in decision.per_topic)
        assert admin or act.packs


@given(acts)
def test_an_adverse_event_is_never_refused(act: Act) -> None:
    decision = decide(replace(act, kind=Kind.ADVERSE_EVENT))

    assert decision.allowed
    assert decision.rules == ("R-036",)


def test_an_adverse_event_is_taken_whatever_else_is_wrong() -> None:
    broken = Act(
        role="NOBODY",  # type: ignore[arg-type]
        intent="?",  # type: ignore[arg-type]
        kind=Kind.ADVERSE_EVENT,
        channel="SMOKE",  # type: ignore[arg-type]
        starts_at=NOON.replace(tzinfo=None),
        recorded_at=NOON,
        topics=(novastat("AJAR"),),  # type: ignore[arg-type]
    )

    assert decide(broken).allowed


@given(plain_acts | acts)
def test_medical_never_calls_stands_or_samples(act: Act) -> None:
    if side_of(act.role) is not Side.MEDICAL:
        return
    for part in decide(act).per_topic:
        if {Activity.PRODUCT_CALL, Activity.CONGRESS_STAND, Activity.SAMPLE} & set(part.activities):
            assert part.outcome is Outcome.NOT_ALLOWED


@given(plain_acts, st.sampled_from([Zone.PRE, Zone.CLOSED, Zone.UNLISTED]), st.sampled_from([*Role]))
def test_the_commercial_side_is_never_freer_than_where_it_is_open_and_its_own(
    act: Act, zone: Zone, role: Role
) -> None:
    if side_of(role) is not Side.COMMERCIAL:
        return
    # Attending is what a guest does; the host of an open training needs documents a guest does not.
    base = replace(act, role=role, attending=False)
    topic = base.topics[0]

    def within(zone: Zone, standing: Standing) -> Decision:
        return decide(replace(base, topics=(replace(novastat(zone), basis=topic.basis, standing=standing),)))

    freest = min(within(Zone.OPEN, standing).outcome for standing in (Standing.OWNER, Standing.NON_OWNER))
    assert within(zone, topic.standing).outcome >= freest


@given(plain_acts)
def test_a_plan_is_never_incomplete_and_never_a_deviation(act: Act) -> None:
    plan = decide(replace(act, intent=Intent.PLAN))
    record = decide(replace(act, intent=Intent.RECORD))

    assert plan.kind in (DecisionKind.ALLOWED, DecisionKind.REFUSED)
    assert plan.outcome is record.outcome
    assert plan.allowed == record.allowed


@given(plain_acts, st.timedeltas(min_value=timedelta(hours=2), max_value=timedelta(days=4000)))
def test_late_logging_adds_duties_and_never_permission(act: Act, later: timedelta) -> None:
    soon, late = decide(act), decide(replace(act, recorded_at=NOON + later, late_reason=True))

    assert late.allowed == soon.allowed
    assert late.missing == soon.missing
    assert late.per_topic == soon.per_topic
    assert set(late.duties) >= set(soon.duties)


@given(acts | plain_acts)
def test_every_reason_has_a_sentence_with_its_rule(act: Act) -> None:
    decision = decide(act)
    assert decision.version == VERSION
    assert {reason.code for reason in decision.reasons} <= set(TEMPLATES)
    if not decision.allowed:
        words = str(Refused(decision))
        assert all(f"({reason.rule})" in words for reason in decision.reasons)
        assert "{" not in words
        assert decision.reasons


@given(acts | plain_acts)
def test_no_engine_error_is_left(act: Act) -> None:
    assert "engine_error" not in {reason.code for reason in decide(act).reasons}


@given(acts | plain_acts)
def test_a_receipt_survives_json_and_replays_to_the_same_decision(act: Act) -> None:
    stored = json.loads(json.dumps({"act": act.to_json(), "decision": decide(act).to_json()}))

    assert Act.from_json(stored["act"]) == act
    assert Decision.from_json(stored["decision"]) == decide(act)
    assert decide(Act.from_json(stored["act"])) == Decision.from_json(stored["decision"])


@given(acts)
def test_a_part_is_allowed_only_by_a_rule(act: Act) -> None:
    for part in decide(act).per_topic:
        assert part.rules


def test_the_matrix_names_a_rule_for_every_cell() -> None:
    assert all(cell.rule.startswith("R-0") for cell in MATRIX.values())
