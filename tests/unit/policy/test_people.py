"""Training, qualification, how often, and who changed sides (R-070 to R-077, R-124, R-125)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from compliance.policy import (
    Basis,
    Certificate,
    CertificateKind,
    Channel,
    Document,
    Kind,
    MarketZone,
    Material,
    MaterialPurpose,
    Role,
    Subject,
    Zone,
    decide,
)
from compliance.policy.people import (
    changed_sides,
    first_call,
    frequency,
    qualified,
    same_day,
    trained,
    training_before,
)

from .acts import BRITAIN, DAY, FRIEDA, GERMANY, KELLER, MONA, NOON, SECOND, call, novastat, told, visit

OPEN = novastat(Zone.OPEN, standing="OWNER", documents={"SMPC", "MAT"}, product="nova", label="7")
UNLISTED = replace(OPEN, subject=Subject.UNLISTED, zones=(MarketZone("DE", Zone.UNLISTED),))
DISEASE = replace(OPEN, subject=Subject.DISEASE)
IN_GERMANY = {"pack_versions": GERMANY}


def held(kind: CertificateKind, **facts: Any) -> Certificate:
    return Certificate(kind, **{"valid_from": NOON - DAY, "valid_to": NOON + DAY, **facts})


TRAINED = held(CertificateKind.PRODUCT_TRAINING, use="novastat", label="7")
QUALIFIED = held(CertificateKind.QUALIFICATION, market="DE")
BOUND = held(CertificateKind.INTERNAL_USE_ONLY)

#

SOON = novastat(Zone.PRE, submitted=True, expected_at=NOON + 180 * DAY)
EARLY = "X R-070 training_too_early days=180 topic=Novastat"


def training(*topics: Any, **facts: Any) -> Any:
    usual = {"kind": Kind.INTERNAL_TRAINING, "people": (FRIEDA, MONA), "certificates": (BOUND,), **IN_GERMANY}
    return visit(*topics, **{**usual, **facts})


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ({}, []),
        ({"expected_at": NOON}, []),
        ({"expected_at": NOON + 180 * DAY + SECOND}, [EARLY]),
        ({"submitted": None}, ["? R-070 submission_unknown topic=Novastat"]),
        ({"submitted": False}, ["X R-070 training_before_submission topic=Novastat"]),
        ({"expected_at": None}, ["? R-070 expected_unknown topic=Novastat"]),
        ({"submitted": False, "expected_at": NOON + 400 * DAY}, [
            "X R-070 training_before_submission topic=Novastat", EARLY]),
        ({"zones": (MarketZone("DE", Zone.OPEN),), "submitted": False}, []),
        ({"zones": (MarketZone("DE", Zone.CLOSED),), "submitted": False}, []),
        ({"subject": Subject.DISEASE, "submitted": False}, []),
        ({"subject": Subject.UNLISTED, "zones": (MarketZone("DE", Zone.UNLISTED),)}, []),
        ({"subject": Subject.UNLISTED, "zones": (MarketZone("DE", Zone.UNLISTED),), "submitted": None}, [
            "? R-070 submission_unknown topic=Novastat"]),
    ],
)  # fmt: skip
def test_field_service_is_trained_on_what_is_to_come_only_close_to_its_day(
    topic: dict[str, Any], said: list[str]
) -> None:
    assert told(training_before(training(replace(SOON, **topic)))) == said


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({"people": (MONA,)}, False),
        ({"people": (FRIEDA,)}, True),
        ({"people": (MONA,), "role": Role.FIELD_SERVICE}, True),
        ({"kind": Kind.EXTERNAL_TRAINING, "people": (KELLER, FRIEDA)}, False),
        ({"people": (KELLER, FRIEDA)}, False),
        ({"pack_versions": ()}, False),
    ],
)
def test_only_where_field_service_is_taught_inside(facts: dict[str, Any], asked: bool) -> None:
    found = told(training_before(training(replace(SOON, submitted=False), **facts)))

    assert found == (["X R-070 training_before_submission topic=Novastat"] if asked else [])


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"certificates": None}, ["? R-070 certificates_unknown"]),
        ({"certificates": ()}, ["X R-070 internal_use_unsigned topic=Novastat"]),
        ({"certificates": (QUALIFIED, TRAINED)}, ["X R-070 internal_use_unsigned topic=Novastat"]),
        ({"certificates": None, "role": Role.MSL}, []),
        ({"certificates": (), "role": Role.MSL}, []),
    ],
)
def test_who_attends_signs_for_internal_use(facts: dict[str, Any], said: list[str]) -> None:
    assert told(training_before(training(SOON, **{"role": Role.FIELD_SERVICE, **facts}))) == said


def test_before_authorisation_only_internal_material_is_shown_to_field_service() -> None:
    slides, sheet = (
        Material("a", "The slides", purpose=MaterialPurpose.SCIENTIFIC),
        Material("b", "The sheet"),
    )

    assert told(training_before(training(SOON, materials=(slides, sheet)))) == [
        "X R-070 training_material material=The slides"
    ]
    assert told(training_before(training(SOON, materials=None))) == []


def test_each_topic_of_a_training_is_asked_for_itself() -> None:
    other = replace(SOON, ref="cardelin", name="Cardelin", submitted=False)
    opened = replace(SOON, zones=(MarketZone("DE", Zone.OPEN),))

    assert told(training_before(training(opened, other))) == [
        "X R-070 training_before_submission topic=Cardelin"
    ]


#


@pytest.mark.parametrize(
    ("certificate", "good"),
    [
        (TRAINED, True),
        (replace(TRAINED, use=""), True),
        (replace(TRAINED, use="nova"), True),
        (replace(TRAINED, use="cardelin"), False),
        (replace(TRAINED, label="6"), False),
        (replace(TRAINED, label=""), False),
        (replace(TRAINED, market="DE"), True),
        (replace(TRAINED, market="US"), False),
        (replace(TRAINED, kind=CertificateKind.QUALIFICATION), False),
        (replace(TRAINED, valid_from=None), False),
        (replace(TRAINED, valid_from=NOON), True),
        (replace(TRAINED, valid_from=NOON + SECOND), False),
        (replace(TRAINED, valid_to=NOON), False),
        (replace(TRAINED, valid_to=NOON + SECOND), True),
        (replace(TRAINED, valid_to=None), True),
    ],
)
def test_a_certificate_holds_for_its_use_label_market_and_time(certificate: Certificate, good: bool) -> None:
    act = call(OPEN, certificates=(held(CertificateKind.INTERNAL_USE_ONLY), certificate), **IN_GERMANY)

    assert told(trained(act)) == ([] if good else ["X R-072 not_trained topic=Novastat"])


def test_where_no_label_is_known_any_training_on_the_use_serves() -> None:
    act = call(replace(OPEN, label=""), certificates=(replace(TRAINED, label="3"),), **IN_GERMANY)

    assert told(trained(act)) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ["X R-072 not_trained topic=Novastat"]),
        ({"certificates": None}, ["? R-072 certificates_unknown"]),
        ({"pack_versions": ()}, []),
        ({"kind": Kind.CONGRESS_STAND}, ["X R-072 not_trained topic=Novastat"]),
        ({"kind": Kind.SAMPLE}, ["X R-072 not_trained topic=Novastat"]),
        ({"kind": Kind.SCIENTIFIC_LECTURE}, ["X R-072 not_trained topic=Novastat"]),
        ({"kind": Kind.EXTERNAL_TRAINING}, ["X R-072 not_trained topic=Novastat"]),
        ({"kind": Kind.INQUIRY}, []),
        ({"kind": Kind.VISIT}, []),
        ({"role": Role.MSL}, []),
        ({"people": (FRIEDA,)}, []),
        ({"topics": (OPEN, replace(OPEN, ref="cardelin", name="Cardelin"))},
         ["X R-072 not_trained topic=Novastat", "X R-072 not_trained topic=Cardelin"]),
        ({"topics": (UNLISTED,)}, []),
        ({"role": Role.PRODUCT_MANAGER, "kind": Kind.CONGRESS_STAND}, ["X R-072 not_trained topic=Novastat"]),
    ],
)  # fmt: skip
def test_field_service_promotes_only_what_it_was_trained_for(facts: dict[str, Any], said: list[str]) -> None:
    assert told(trained(call(**{"topics": (OPEN,), "certificates": (), **IN_GERMANY, **facts}))) == said


def test_a_market_that_asks_for_nothing_does_not_hide_one_that_does() -> None:
    topic = replace(OPEN, zones=(MarketZone("DE", Zone.OPEN), MarketZone("US", Zone.OPEN)))
    both = {"people": (replace(KELLER, markets=("DE", "US")),), "pack_versions": (*GERMANY, ("US", "2026.2"))}

    assert told(trained(call(topic, certificates=None, **both))) == ["? R-072 certificates_unknown"] * 2


UNQUALIFIED = "X R-072 not_qualified market=DE"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, [UNQUALIFIED]),
        ({"certificates": None}, ["? R-072 certificates_unknown"]),
        ({"certificates": (QUALIFIED,)}, []),
        ({"certificates": (replace(QUALIFIED, market="US"),)}, [UNQUALIFIED]),
        ({"certificates": (TRAINED,)}, [UNQUALIFIED]),
        ({"role": Role.MSL_LEAD}, [UNQUALIFIED]),
        ({"role": Role.MEDICAL_INFORMATION}, []),
        ({"role": Role.FIELD_SERVICE, "kind": Kind.PRODUCT_CALL}, [UNQUALIFIED]),
        ({"role": Role.FIELD_SERVICE, "kind": Kind.VISIT}, [UNQUALIFIED]),
        ({"kind": Kind.INQUIRY}, []),
        ({"kind": Kind.SAFETY_COMMUNICATION}, []),
        ({"people": (MONA,), "kind": Kind.INTERNAL_TRAINING}, []),
        ({"topics": (DISEASE,)}, []),
        ({"topics": (DISEASE, OPEN)}, [UNQUALIFIED]),
        ({"topics": (UNLISTED,)}, [UNQUALIFIED]),
        ({"topics": (replace(OPEN, subject=Subject.ADMIN, zones=()), OPEN)}, [UNQUALIFIED]),
        ({"pack_versions": ()}, []),
    ],
)
def test_who_informs_about_a_product_is_qualified(facts: dict[str, Any], said: list[str]) -> None:
    assert told(qualified(visit(**{"topics": (OPEN,), "certificates": (), **IN_GERMANY, **facts}))) == said


def test_britain_asks_field_service_alone_for_its_qualification() -> None:
    topic = replace(OPEN, zones=(MarketZone("UK", Zone.OPEN),))
    there = {"market": "UK", "people": (replace(KELLER, markets=("UK",)),), "pack_versions": BRITAIN}

    assert told(qualified(visit(topic, certificates=(), **there))) == []
    assert told(qualified(call(topic, certificates=(), **there))) == ["X R-072 not_qualified market=UK"]


#


def british(calls: int | None, **facts: Any) -> Any:
    visitor = replace(KELLER, markets=("UK",), calls_this_year=calls)
    topic = replace(OPEN, zones=(MarketZone("UK", Zone.OPEN),), basis=facts.pop("basis", None))
    usual = {"market": "UK", "people": (visitor, MONA), "pack_versions": BRITAIN, "packs": {"UK"}}
    return call(*facts.pop("topics", (topic,)), **{**usual, **facts})


TOO_MANY = "D R-077 too_many_calls [MANAGER] -MANAGER"


@pytest.mark.parametrize(
    ("calls", "facts", "said"),
    [
        (2, {}, []),
        (3, {}, [TOO_MANY]),
        (4, {}, [TOO_MANY]),
        (None, {}, ["? R-077 calls_unknown"]),
        (3, {"manager_reason": True}, ["D R-077"]),
        (3, {"documents": {Document.MANAGER}}, ["D R-077"]),
        (3, {"basis": Basis.UNSOLICITED_REQUEST}, []),
        (None, {"basis": Basis.UNSOLICITED_REQUEST}, []),
        (3, {"basis": Basis.PROACTIVE}, [TOO_MANY]),
        (3, {"kind": Kind.CONGRESS_STAND}, []),
        (3, {"role": Role.MSL}, []),
        (3, {"role": Role.FIELD_LEAD}, [TOO_MANY]),
        (3, {"topics": ()}, [TOO_MANY]),
        (3, {"topics": (replace(OPEN, basis=Basis.UNSOLICITED_REQUEST), OPEN)}, [TOO_MANY]),
        (3, {"pack_versions": (("UK", "2026.1"),)}, []),
    ],
)
def test_one_call_too_many_in_a_year_needs_the_managers_reason(
    calls: int | None, facts: dict[str, Any], said: list[str]
) -> None:
    assert told(frequency(british(calls, **facts))) == said


def test_each_person_is_counted_for_herself() -> None:
    people = tuple(replace(KELLER, markets=("UK",), calls_this_year=n) for n in (0, 3, None))

    assert told(frequency(british(0, people=people))) == [TOO_MANY, "? R-077 calls_unknown"]


#


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"former": ("novastat",)}, ["X R-124 cooling_off topic=Novastat"]),
        ({"former": ("nova", "x")}, ["X R-124 cooling_off topic=Novastat"]),
        ({"former": ("cardelin",)}, []),
        ({"former": ("novastat",), "people": (FRIEDA,), "kind": Kind.INTERNAL_TRAINING}, []),
        ({"former": ("novastat",), "kind": Kind.INQUIRY}, []),
        ({"former": ("novastat",), "kind": Kind.SAFETY_COMMUNICATION}, []),
        ({"former": ("novastat",), "kind": Kind.ADVERSE_EVENT}, []),
        ({"former": ("novastat",), "topics": (DISEASE,)}, []),
        ({"former": ("novastat",), "topics": (replace(OPEN, subject=Subject.ADMIN),)}, []),
        ({"former": ("novastat",), "topics": (UNLISTED,)}, ["X R-124 cooling_off topic=Novastat"]),
        ({"former": ("novastat",), "topics": (DISEASE, OPEN)}, ["X R-124 cooling_off topic=Novastat"]),
    ],
)
def test_nobody_meets_experts_about_what_she_handled_on_the_other_side(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(changed_sides(visit(**{"topics": (OPEN,), **facts}))) == said


def test_a_topic_without_a_product_of_ours_is_nobodys_former_one() -> None:
    assert told(changed_sides(visit(replace(OPEN, ref="", product=""), former=("novastat",)))) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"other_side_that_day": True}, ["A R-125 !TELL_MEDICAL !SAMPLED"]),
        ({}, []),
        ({"other_side_that_day": True, "introduction": True}, []),
        ({"other_side_that_day": True, "role": Role.FIELD_SERVICE}, []),
        ({"other_side_that_day": True, "role": Role.CLINICAL_RESEARCH}, ["A R-125 !TELL_MEDICAL !SAMPLED"]),
    ],
)
def test_both_sides_on_one_day_is_told_to_medical_and_never_to_field_service(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(same_day(visit(OPEN, **facts))) == said


@pytest.mark.parametrize(
    ("first", "facts", "said"),
    [
        (NOON + SECOND, {}, ["A R-125 !SAMPLED"]),
        (NOON, {}, []),
        (None, {}, []),
        (NOON + SECOND, {"kind": Kind.SAMPLE}, ["A R-125 !SAMPLED"]),
        (NOON + SECOND, {"kind": Kind.INQUIRY}, []),
        (NOON + SECOND, {"role": Role.MSL}, []),
        (NOON + SECOND, {"channel": Channel.PHONE}, ["A R-125 !SAMPLED"]),
    ],
)
def test_a_first_call_before_its_day_is_sampled_and_never_refused(
    first: Any, facts: dict[str, Any], said: list[str]
) -> None:
    topics = (OPEN, replace(OPEN, ref="b", first_call_from=first))

    assert told(first_call(call(*topics, **facts))) == said


def test_what_a_person_is_or_was_counts_in_the_decision() -> None:
    known = {
        "consents": (),
        "objects_to_marketing": False,
        "do_not_contact": False,
        "informed_at": NOON - DAY,
    }
    there = {"people": (replace(KELLER, **known),), "materials": (), **IN_GERMANY}

    both = decide(call(OPEN, certificates=(), **there))
    assert {(r.rule, r.code) for r in both.reasons} >= {("R-072", "not_trained"), ("R-072", "not_qualified")}
    assert "R-077" in decide(british(3)).rules
    assert "R-124" in decide(visit(OPEN, former=("novastat",))).rules
    assert [*decide(visit(OPEN, other_side_that_day=True)).duties] == ["SAMPLED", "TELL_MEDICAL"]
    assert [*decide(call(replace(OPEN, first_call_from=NOON + timedelta(hours=1)))).duties] == ["SAMPLED"]
    taught = training(replace(SOON, submitted=False, documents={"MAT", "ATT"}), materials=())
    assert "R-070" in decide(taught).rules
