"""Requests: prompted ones are none, SIUU where the market opens it, changed initiators (R-045 to R-047)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import (
    Act,
    Audience,
    Basis,
    Document,
    Kind,
    MarketZone,
    Person,
    Role,
    Subject,
    Zone,
    decide,
)
from compliance.policy.requests import changed, unprompted

from .acts import AMERICA, GERMANY, NOON, SECOND, novastat, told, visit

OWN = {"standing": "OWNER"}
ASKED = novastat(Zone.PRE, basis=Basis.UNSOLICITED_REQUEST, **OWN)
IN_GERMANY = {"pack_versions": GERMANY}
WITH_REQ = {"documents": frozenset({Document.REQ, Document.STATUS})}


def answered(topic: Any, demanded: tuple[str, ...] = ("DE",), **facts: Any) -> tuple[Act, Any, list[str]]:
    act, judged, ruling = unprompted(visit(topic, **facts), topic, demanded)
    return act, judged, told([ruling] if ruling else [])


#


@pytest.mark.parametrize("facts", [{"prompted": False}, {"prompted": False, "asked_at": NOON}])
def test_a_request_that_nobody_prompted_stands(facts: dict[str, Any]) -> None:
    topic = replace(ASKED, **facts)

    assert answered(topic) == (visit(topic), topic, [])


def test_where_the_market_asks_it_must_be_known_whether_it_was_prompted() -> None:
    assert answered(ASKED) == (visit(ASKED), ASKED, ["? R-045 prompted_unknown topic=Novastat"])
    assert answered(ASKED, ()) == (visit(ASKED), ASKED, [])


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"prompted": True}, "prompted"),
        ({"prompted": True, "asked_at": NOON}, "prompted"),
        ({"asked_at": NOON + SECOND}, "asked_after"),
        ({"asked_at": NOON + SECOND, "prompted": True}, "asked_after"),
        ({"asked_at": NOON + SECOND, "prompted": False}, "asked_after"),
    ],
)
def test_a_prompted_or_later_request_counts_as_our_own_initiative(facts: dict[str, Any], code: str) -> None:
    topic = replace(ASKED, **facts, **WITH_REQ)
    act, judged, said = answered(topic, documents=frozenset({Document.REQ, Document.PLAN}))

    assert said == [f"A R-045 {code} topic=Novastat"]
    assert act == visit(topic, documents=frozenset({Document.PLAN}))
    assert judged == replace(topic, basis=Basis.PROACTIVE, documents=frozenset({Document.STATUS}))


@pytest.mark.parametrize(
    ("facts", "of_act", "missing"),
    [
        ({}, (), ["PRECLEAR"]),
        ({"approved_preclear": True}, (), []),
        ({"documents": {"PRECLEAR"}}, (), []),
        ({"documents": {"REQ"}}, ("PRECLEAR",), []),
        ({"documents": {"REQ"}}, ("RESP",), ["PRECLEAR"]),
    ],
)
def test_medical_information_answers_a_prompted_question_with_pre_approval(
    facts: dict[str, Any], of_act: tuple[str, ...], missing: list[str]
) -> None:
    topic = replace(ASKED, prompted=True, **facts)
    role = {"role": Role.MEDICAL_INFORMATION, "documents": frozenset(of_act)}
    act, judged, said = answered(topic, **role)

    assert (act, judged) == (visit(topic, **role), topic)
    expected = (
        "D R-045" if not missing else "D R-045 prompted_needs_preclear topic=Novastat [PRECLEAR] -PRECLEAR"
    )
    assert said == [expected]


def test_a_prompted_request_is_judged_as_a_planned_exchange() -> None:
    prompted = replace(ASKED, prompted=True, **WITH_REQ)

    decision = decide(visit(prompted))
    assert (set(decision.missing), decision.rules) == ({"PURPOSE", "PLAN"}, ("R-020",))
    assert "prompted" in {reason.code for reason in decision.reasons}
    assert decide(visit(replace(prompted, prompted=False))).allowed
    everything = frozenset(Document) - {Document.REQ}
    assert decide(visit(replace(prompted, documents=everything))).allowed


def test_medical_information_still_needs_what_any_answer_needs() -> None:
    prompted = replace(ASKED, prompted=True)
    decision = decide(visit(prompted, role=Role.MEDICAL_INFORMATION, kind=Kind.INQUIRY_ANSWER))

    assert decision.missing == {"REQ", "RESP", "STATUS", "PRECLEAR"}
    assert decision.rules == ("R-030", "R-045")


def test_only_a_request_is_asked_whether_it_was_prompted() -> None:
    planned = replace(ASKED, basis=Basis.PROACTIVE, documents=frozenset({"PURPOSE", "PLAN", "STATUS"}))
    about = {**IN_GERMANY, "certificates": None}

    assert "R-045" not in decide(visit(planned, **about)).rules
    assert "R-045" in decide(visit(ASKED, **about)).rules


#


def american(**facts: Any) -> Any:
    usual = {"zones": (MarketZone("US", Zone.PRE),), "basis": Basis.PROACTIVE, "sibling_open": True, **OWN}
    return novastat(Zone.PRE, **{**usual, **facts})


SIUU = {"documents": frozenset({Document.SIUU, Document.MAT})}
PRESCRIBER = Person(ref="keller", markets=("US",), prescriber=True, informed_at=NOON, do_not_contact=False)


def siuu(topic: Any, **facts: Any) -> list[str]:
    usual = {"market": "US", "packs": {"US"}, "pack_versions": AMERICA, "people": (PRESCRIBER,)}
    act = visit(topic, **{**usual, **facts})
    return sorted(told(decide(act).per_topic))


@pytest.mark.parametrize("kind", [Kind.VISIT, Kind.CONGRESS_CONTACT])
@pytest.mark.parametrize("role", [Role.MSL, Role.MSL_LEAD])
def test_an_unapproved_use_of_an_approved_product_may_be_raised_with_the_source_and_its_disclosures(
    kind: Kind, role: Role
) -> None:
    assert siuu(american(**SIUU), kind=kind, role=role) == ["D R-046"]


def test_of_two_ways_the_one_that_asks_for_less_is_named() -> None:
    assert siuu(american()) == [
        "D R-046 missing market=US topic=Novastat [MAT] missing market=US topic=Novastat [SIUU] -MAT -SIUU"
    ]
    assert siuu(american(), kind=Kind.CONGRESS_CONTACT) == [
        "D R-027 missing market=US topic=Novastat [PURPOSE] missing market=US topic=Novastat [STATUS] "
        "-PURPOSE -STATUS"
    ]


COLLEAGUE = Person(ref="mona", audience=Audience.INTERNAL, side="MEDICAL")


@pytest.mark.parametrize(
    ("topic", "act", "open_to_it"),
    [
        ({}, {}, True),
        ({}, {"people": (PRESCRIBER, COLLEAGUE)}, True),
        ({}, {"people": (PRESCRIBER, replace(PRESCRIBER, prescriber=False))}, False),
        ({}, {"people": (replace(PRESCRIBER, prescriber=None),)}, False),
        ({}, {"pack_versions": (("US", "2026.1"),)}, False),
        ({}, {"role": Role.MEDICAL_INFORMATION}, False),
        ({}, {"kind": Kind.SCIENTIFIC_LECTURE}, False),
        ({"sibling_open": False}, {}, False),
        ({"subject": Subject.UNLISTED, "zones": (MarketZone("US", Zone.UNLISTED),)}, {}, False),
        ({"zones": (MarketZone("US", Zone.UNLISTED),)}, {}, False),
        ({"zones": (MarketZone("US", Zone.CLOSED),)}, {}, False),
        ({"basis": Basis.UNSOLICITED_REQUEST, "prompted": False}, {}, False),
        ({"subject": Subject.DISEASE}, {}, False),
    ],
)
def test_that_path_is_for_msl_prescribers_and_products_with_an_approval_alone(
    topic: dict[str, Any], act: dict[str, Any], open_to_it: bool
) -> None:
    rules = siuu(american(**SIUU, **topic), **act)[0].split()[1]

    assert ("R-046" in rules) is open_to_it


def test_a_planned_exchange_with_all_its_documents_needs_no_siuu() -> None:
    usual = frozenset({Document.PURPOSE, Document.PLAN, Document.STATUS})

    assert siuu(american(documents=usual)) == ["D R-020"]
    nearly = siuu(american(documents=usual - {Document.PLAN}))
    assert nearly == ["D R-020 missing market=US topic=Novastat [PLAN] -PLAN"]


#


@pytest.mark.parametrize(
    ("facts", "given", "said"),
    [
        ({"basis_before": None}, False, []),
        ({"basis_before": Basis.UNSOLICITED_REQUEST}, False, []),
        (
            {"basis_before": Basis.PROACTIVE},
            False,
            ["D R-047 missing topic=Novastat [CHANGE] -CHANGE !SAMPLED"],
        ),
        ({"basis_before": Basis.STUDY_SUPPORT}, True, ["D R-047 !SAMPLED"]),
        ({"basis": Basis.PROACTIVE, "basis_before": Basis.UNSOLICITED_REQUEST}, False, []),
        ({"basis": Basis.PROACTIVE, "basis_before": Basis.STUDY_SUPPORT}, False, []),
    ],
)
def test_who_turns_a_planned_contact_into_a_request_says_why_and_is_sampled(
    facts: dict[str, Any], given: bool, said: list[str]
) -> None:
    topics = (replace(ASKED, **facts), novastat(Zone.OPEN, ref="other"))

    assert told(changed(visit(*topics, change_reason=given))) == said


def test_a_changed_initiator_counts_in_the_decision() -> None:
    topic = replace(ASKED, basis_before=Basis.PROACTIVE, **WITH_REQ)

    assert decide(visit(topic)).missing == {"CHANGE"}
    assert [*decide(visit(topic, change_reason=True)).duties] == ["SAMPLED"]
