"""The facts of later rule families: normalised when made, lossless to and from JSON, silent where unstated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.policy import (
    Act,
    Activity,
    Audience,
    Basis,
    Certificate,
    CertificateKind,
    Channel,
    Consent,
    ConsentPurpose,
    Decision,
    DecisionKind,
    Document,
    Duty,
    Intent,
    Kind,
    MarketZone,
    Material,
    MaterialPurpose,
    MaterialStatus,
    MaterialUse,
    Outcome,
    Person,
    Reason,
    Role,
    Sample,
    Side,
    Standing,
    Subject,
    Topic,
    TopicDecision,
    Value,
    ValueCategory,
    Zone,
)
from compliance.policy.facts import distinct
from compliance.policy.things import instant_to_json, stated

from .acts import KELLER, NOON, novastat, visit

DAY = timedelta(days=1)
LATER = {
    *("pack_versions", "certificates", "former", "materials", "values", "samples", "introduction"),
    *("answering", "manager_reason", "moved_from", "moved_across", "change_reason", "other_side_that_day"),
}
MATERIAL = Material(
    ref="m-1",
    name="Slides",
    version="3",
    purpose=MaterialPurpose.SCIENTIFIC,
    status=MaterialStatus.APPROVED,
    valid_from=NOON - DAY,
    valid_to=NOON + DAY,
    recalled_at=NOON + DAY,
    quarantined_at=NOON + DAY,
    uses=(MaterialUse("novastat", (MarketZone("DE", Zone.OPEN, Zone.CLOSED),)),),
    markets=("DE",),
    languages=("de",),
    audiences=(Audience.PROFESSIONAL,),
    roles=(Role.MSL,),
    activities=(Activity.SCIENTIFIC_EXCHANGE,),
)
FULL = visit(
    novastat(
        Zone.OPEN,
        product="nova",
        label="7",
        asked_at=NOON,
        prompted=False,
        approved_preclear=True,
        basis_before=Basis.PROACTIVE,
        submitted=True,
        expected_at=NOON + DAY,
        first_call_from=NOON,
    ),
    pack_versions=(("DE", "2026.1"),),
    certificates=(Certificate(CertificateKind.QUALIFICATION, "", "DE", "7", NOON - DAY, NOON + DAY),),
    former=("novastat",),
    materials=(MATERIAL,),
    values=(Value(ValueCategory.MEAL, "48.00", "EUR", "DE", "keller", True, Side.COMMERCIAL, True),),
    samples=(Sample("novastat", "keller", NOON, True, "L1", NOON + DAY, 2, 0, False),),
    introduction=True,
    answering=True,
    manager_reason=True,
    moved_from=NOON - DAY,
    moved_across=False,
    change_reason=True,
    other_side_that_day=True,
    people=(
        replace(
            KELLER,
            consents=(Consent(Channel.EMAIL, ConsentPurpose.SCIENTIFIC, "DE", NOON - DAY, NOON),),
            objects_to_marketing=False,
            do_not_contact=False,
            informed_at=NOON,
            known_since=NOON - DAY,
            prescriber=True,
            calls_this_year=2,
        ),
    ),
)


def test_every_fact_comes_back_from_json_as_it_was() -> None:
    assert Act.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_nobody_looked_and_nothing_was_found_are_two_things() -> None:
    for certificates in (None, ()):
        assert Act.from_json(replace(FULL, certificates=certificates).to_json()).certificates == certificates


def test_what_is_not_stated_is_not_written_so_that_older_receipts_keep_their_text() -> None:
    written = visit(novastat(Zone.OPEN)).to_json()
    assert not LATER & set(written)
    assert set(written["topics"][0]) == {
        *("ref", "name", "subject", "zones", "basis", "standing", "documents", "sibling_open"),
    }
    assert set(written["people"][0]) == {"ref", "audience", "markets", "side"}
    assert set(FULL.to_json()) >= LATER


def test_a_word_of_a_later_day_is_kept_as_it_is() -> None:
    read = Certificate.from_json({"kind": "PILOT"})
    assert (read.kind, read.valid_to) == ("PILOT", None)
    assert Material.from_json({"ref": "x", "roles": ["MSL", "PILOT"]}).roles == (Role.MSL, "PILOT")


def test_an_act_that_states_the_least_says_nothing_more() -> None:
    act = Act(
        role="MSL",  # type: ignore[arg-type]
        intent="PLAN",  # type: ignore[arg-type]
        kind="VISIT",  # type: ignore[arg-type]
        channel="PHONE",  # type: ignore[arg-type]
        starts_at=NOON,
        recorded_at=NOON,
        topics=[Topic()],  # type: ignore[arg-type]
        people=[Person()],  # type: ignore[arg-type]
        packs=["DE", "DE"],  # type: ignore[arg-type]
        documents=["REQ"],  # type: ignore[arg-type]
        pack_versions=[("DE", "1")],  # type: ignore[arg-type]
        former=["a"],  # type: ignore[arg-type]
    )

    noon = "2026-06-15T12:00:00+00:00"
    assert act.to_json() == {
        "role": "MSL",
        "intent": "PLAN",
        "kind": "VISIT",
        "channel": "PHONE",
        "market": "",
        "starts_at": noon,
        "ends_at": None,
        "recorded_at": noon,
        "packs": ["DE"],
        "documents": ["REQ"],
        "late_reason": False,
        "attending": False,
        "third_party_congress": False,
        "topics": [
            {
                "ref": "",
                "name": "",
                "subject": "USE",
                "zones": [],
                "basis": None,
                "documents": [],
                "standing": "NON_OWNER",
                "sibling_open": False,
            }
        ],
        "people": [{"ref": "", "audience": "PROFESSIONAL", "markets": [], "side": None}],
        "pack_versions": [["DE", "1"]],
        "former": ["a"],
    }
    assert (act.role, act.intent, act.kind, act.channel) == (Role.MSL, Intent.PLAN, Kind.VISIT, Channel.PHONE)
    assert all(
        type(each) is tuple for each in (act.topics, act.people, act.pack_versions, act.former, act.values)
    )
    assert (act.packs, act.documents) == (frozenset({"DE"}), frozenset({Document.REQ}))
    assert all(type(each) is frozenset for each in (act.packs, act.documents))
    assert type(next(iter(act.documents))) is Document
    assert hash(act) == hash(Act.from_json(act.to_json()))


def test_words_and_lists_of_a_topic_and_a_person_become_members_and_tuples() -> None:
    topic = Topic(
        subject="DISEASE",  # type: ignore[arg-type]
        standing="OWNER",  # type: ignore[arg-type]
        basis="PROACTIVE",  # type: ignore[arg-type]
        basis_before="STUDY_SUPPORT",  # type: ignore[arg-type]
        zones=[MarketZone("DE", "PRE", "OPEN")],  # type: ignore[arg-type]
        documents=["REQ"],  # type: ignore[arg-type]
    )
    person = Person(audience="PAYER", side="MEDICAL", markets=["DE"], consents=[])  # type: ignore[arg-type]

    members = (topic.subject, topic.standing, topic.basis, topic.basis_before, person.audience, person.side)
    assert [type(each) for each in members] == [Subject, Standing, Basis, Basis, Audience, Side]
    assert (type(topic.zones), type(topic.documents), type(next(iter(topic.documents)))) == (
        *(tuple, frozenset, Document),
    )
    assert [type(zone) for zone in (topic.zones[0].at_start, topic.zones[0].at_end)] == [Zone, Zone]
    assert (person.markets, person.consents) == (("DE",), ())
    assert Person().consents is None
    assert (Topic().product, Topic().label, Topic().prompted, Topic().approved_preclear) == (
        "",
        "",
        None,
        False,
    )


def test_things_that_state_the_least_say_nothing_more() -> None:
    assert Material("m").to_json() == {"ref": "m"}
    assert Sample("novastat").to_json() == {"use": "novastat"}
    assert Value(ValueCategory.ITEM).to_json() == {"category": "ITEM"}
    assert Consent(Channel.EMAIL, ConsentPurpose.SCIENTIFIC).to_json() == {
        "channel": "EMAIL",
        "purpose": "SCIENTIFIC",
    }
    assert Certificate(CertificateKind.QUALIFICATION).to_json() == {"kind": "QUALIFICATION"}
    assert MaterialUse("novastat").to_json() == {"ref": "novastat"}
    bare = Material("m")
    assert (bare.name, bare.version, bare.purpose, bare.status, bare.uses, bare.markets, bare.roles) == (
        *("", "", MaterialPurpose.INTERNAL, MaterialStatus.DRAFT, (), (), ()),
    )
    assert (Sample("x").person, Sample("x").lot, Sample("x").quantity, Sample("x").signed) == (
        "",
        "",
        1,
        False,
    )
    meal = Value(ValueCategory.MEAL)
    assert (meal.amount, meal.currency, meal.host_market, meal.person, meal.planned) == (
        "",
        "",
        "",
        "",
        False,
    )
    certificate = Certificate(CertificateKind.QUALIFICATION)
    assert (certificate.use, certificate.market, certificate.label) == ("", "", "")
    assert Consent(Channel.EMAIL, ConsentPurpose.SCIENTIFIC).market == ""


def test_words_of_things_become_members() -> None:
    material = Material("m", purpose="SIUU", status="RETIRED", audiences=["PAYER"], roles=["MSL"], activities=["SAMPLE"])  # type: ignore[arg-type]  # fmt: skip
    value = Value("MEAL", budget_side="COMMERCIAL")  # type: ignore[arg-type]

    members = (material.purpose, material.status, *material.audiences, *material.roles, *material.activities)
    assert [type(each) for each in (*members, value.category, value.budget_side)] == [
        *(MaterialPurpose, MaterialStatus, Audience, Role, Activity, ValueCategory, Side),
    ]
    assert type(Consent("EMAIL", "SCIENTIFIC").purpose) is ConsentPurpose  # type: ignore[arg-type]
    assert type(Consent("EMAIL", "SCIENTIFIC").channel) is Channel  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("end", "zones"),
    [
        (None, (Zone.PRE,)),
        (Zone.PRE, (Zone.PRE,)),
        (Zone.OPEN, (Zone.PRE, Zone.OPEN)),
    ],
)
def test_an_event_runs_through_its_distinct_zones(end: Zone | None, zones: tuple[Zone, ...]) -> None:
    assert MarketZone("DE", Zone.PRE, end).zones == zones


def test_instants_are_written_in_utc_and_naive_ones_stay_naive() -> None:
    berlin = NOON.astimezone(ZoneInfo("Europe/Berlin"))

    assert instant_to_json(berlin) == "2026-06-15T12:00:00+00:00"
    assert instant_to_json(NOON.replace(tzinfo=None)) == "2026-06-15T12:00:00"


WHOLE = Decision(
    outcome=Outcome.NOT_ALLOWED,
    kind=DecisionKind.DEVIATION,
    rules=("R-020",),
    missing=frozenset({Document.REQ, Document.PLAN}),
    reasons=(Reason.of("R-020", "missing", topic="x"),),
    duties=(Duty.SAMPLED,),
    per_topic=(
        TopicDecision(
            ref="novastat",
            activities=(Activity.SAMPLE,),
            outcome=Outcome.WITH_DOCUMENTS,
            rules=("R-037",),
            missing=frozenset({Document.SMPC, Document.MAT}),
            reasons=(Reason("R-037", "never"),),
        ),
    ),
    version="abc",
)


def test_a_decision_is_written_word_by_word_and_read_again() -> None:
    written = WHOLE.to_json()

    assert written == {
        "outcome": "NOT_ALLOWED",
        "kind": "deviation",
        "rules": ["R-020"],
        "missing": ["PLAN", "REQ"],
        "reasons": [["R-020", "missing", {"topic": "x"}]],
        "duties": ["SAMPLED"],
        "version": "abc",
        "per_topic": [
            {
                "ref": "novastat",
                "activities": ["SAMPLE"],
                "outcome": "WITH_DOCUMENTS",
                "rules": ["R-037"],
                "missing": ["MAT", "SMPC"],
                "reasons": [["R-037", "never", {}]],
            }
        ],
    }
    read = Decision.from_json(json.loads(json.dumps(written)))
    assert read == WHOLE
    assert (type(read.duties[0]), type(read.per_topic[0].activities[0])) == (Duty, Activity)
    assert {type(document) for document in (*read.missing, *read.per_topic[0].missing)} == {Document}
    assert type(read.kind) is DecisionKind
    least = Decision(outcome=Outcome.ALLOWED, kind=DecisionKind.ALLOWED)
    assert (least.rules, least.missing, least.reasons, least.duties, least.per_topic, least.version) == (
        *((), frozenset(), (), (), (), ""),
    )
    assert least.allowed
    assert not WHOLE.allowed


def test_a_receipt_of_another_version_is_read_as_it_is() -> None:
    other = {**WHOLE.to_json(), "duties": ["DANCE"], "missing": ["POEM"]}

    read = Decision.from_json(other)
    assert (read.duties, set(read.missing)) == (("DANCE",), {"POEM"})


def test_each_value_comes_once_and_in_order() -> None:
    assert distinct(["b", "a", "b"]) == ("a", "b")


def test_only_what_is_asked_for_is_stated() -> None:
    certificate = Certificate(kind=CertificateKind.QUALIFICATION, use="novastat", market="DE")

    assert stated(certificate) == {"kind": "QUALIFICATION", "use": "novastat", "market": "DE"}
    assert stated(certificate, ["use", "label"]) == {"use": "novastat"}
