"""Medical and field service before the same person (R-060 to R-064)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import (
    Basis,
    Document,
    Intent,
    Kind,
    MarketZone,
    Material,
    MaterialPurpose,
    Role,
    Sample,
    Subject,
    Zone,
    decide,
)
from compliance.policy.joint import apart, promotional_by_medical, together

from .acts import FRIEDA, GERMANY, KELLER, MONA, call, novastat, told, visit

BOTH = {"people": (KELLER, FRIEDA)}
KEPT = "A R-062 !LINKED_RECORDS !SAMPLED"
OPEN, PRE = novastat(Zone.OPEN, standing="OWNER"), novastat(Zone.PRE, standing="OWNER")


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        ((OPEN,), [KEPT]),
        ((PRE,), [KEPT, "X R-060+R-063 joint_visit topic=Novastat !FINDING"]),
        ((OPEN, replace(PRE, name="Cardelin")), [KEPT, "X R-060+R-063 joint_visit topic=Cardelin !FINDING"]),
        (
            (replace(PRE, subject=Subject.UNLISTED, zones=(MarketZone("DE", Zone.UNLISTED),)),),
            [KEPT, "X R-060+R-063 joint_visit topic=Novastat !FINDING"],
        ),
        ((replace(OPEN, zones=(MarketZone("DE", Zone.CLOSED),)),), [KEPT]),
        ((replace(PRE, subject=Subject.DISEASE),), [KEPT]),
        (
            (replace(OPEN, zones=(MarketZone("DE", Zone.PRE, Zone.OPEN),)),),
            [KEPT, "X R-060+R-063 joint_visit topic=Novastat !FINDING"],
        ),
    ],
)
def test_together_only_about_what_is_authorised_and_always_in_two_records(
    topics: Any, said: list[str]
) -> None:
    assert told(together(visit(*topics, **BOTH))) == said
    assert told(together(call(*topics, people=(KELLER, MONA)))) == said


def test_what_is_only_planned_is_no_overlap_yet() -> None:
    assert told(together(visit(PRE, intent=Intent.PLAN, **BOTH))) == [
        KEPT,
        "X R-060 joint_visit topic=Novastat",
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"people": (KELLER,)},
        {"people": (KELLER, MONA)},
        {"people": (FRIEDA,)},
        {"kind": Kind.SCIENTIFIC_LECTURE, **BOTH},
        {"kind": Kind.EXTERNAL_TRAINING, **BOTH},
        {"kind": Kind.ADVISORY_BOARD, **BOTH},
        {"kind": Kind.INTERNAL_TRAINING, "people": (FRIEDA, MONA)},
        {"kind": Kind.ADVERSE_EVENT, **BOTH},
    ],
)
def test_alone_at_an_event_or_among_ourselves_nothing_is_joint(facts: dict[str, Any]) -> None:
    act = visit(PRE, pack_versions=GERMANY, **facts)

    assert (told(together(act)), told(apart(act))) == ([], [])


def test_one_topic_of_a_board_makes_no_event_of_a_visit() -> None:
    board = replace(OPEN, ref="board", basis=Basis.CONTRACTED_BOARD)
    together_there = visit(PRE, board, third_party_congress=True, **BOTH)

    assert told(together(together_there)) == [KEPT, "X R-060+R-063 joint_visit topic=Novastat !FINDING"]
    assert told(together(replace(together_there, topics=(board,)))) == []


REQUEST = "D R-061 joint_needs_request [PRECLEAR REQ] -PRECLEAR -REQ"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, [REQUEST]),
        ({"introduction": True}, []),
        ({"pack_versions": ()}, []),
        ({"documents": {"REQ"}}, ["D R-061 joint_needs_request [PRECLEAR] -PRECLEAR"]),
        ({"documents": {"REQ", "PRECLEAR"}}, ["D R-061"]),
        ({"topics": (replace(OPEN, documents={"PRECLEAR"}),), "joint_request": True}, ["D R-061"]),
        ({"topics": (replace(OPEN, approved_preclear=True),), "joint_request": True}, ["D R-061"]),
        (
            {"topics": (replace(OPEN, documents={"REQ", "PRECLEAR"}),)},
            ["D R-061 joint_needs_request [REQ] -REQ"],
        ),
        (
            {
                "topics": (replace(OPEN, approved_preclear=True), replace(OPEN, ref="b")),
                "joint_request": True,
            },
            ["D R-061 joint_needs_request [PRECLEAR] -PRECLEAR"],
        ),
        (
            {"topics": (replace(OPEN, documents={"REQ"}), replace(OPEN, ref="b", documents={"PRECLEAR"}))},
            [REQUEST],
        ),
        ({"intent": Intent.PLAN}, [REQUEST]),
    ],
)
def test_together_only_to_introduce_or_as_the_person_asks(facts: dict[str, Any], said: list[str]) -> None:
    assert told(apart(visit(**{"topics": (OPEN,), "pack_versions": GERMANY, **BOTH, **facts}))) == said


def test_field_service_plans_no_visit_of_medical() -> None:
    joint = call(OPEN, people=(KELLER, MONA), pack_versions=GERMANY)

    assert told(apart(replace(joint, intent=Intent.PLAN))) == ["X R-064 medical_plans_joint", REQUEST]
    assert told(apart(replace(joint, intent=Intent.PLAN, introduction=True))) == [
        "X R-064 medical_plans_joint"
    ]
    assert told(apart(joint)) == [REQUEST]


BROCHURE = Material("m", "The brochure", purpose=MaterialPurpose.PROMOTIONAL)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"samples": (Sample("novastat"),)}, ["X R-064 sample_by_medical"]),
        ({"materials": (BROCHURE,)}, ["X R-064 promotional_by_medical material=The brochure"]),
        ({"materials": (BROCHURE,), "people": (MONA,)}, []),
        ({"materials": (replace(BROCHURE, purpose=MaterialPurpose.SCIENTIFIC),)}, []),
        ({"materials": None}, []),
        ({"materials": (BROCHURE,), "samples": (Sample("novastat"),), "role": Role.FIELD_SERVICE}, []),
    ],
)
def test_medical_hands_out_nothing_promotional(facts: dict[str, Any], said: list[str]) -> None:
    assert told(promotional_by_medical(visit(OPEN, **facts))) == said


def test_a_joint_visit_is_judged_with_all_else() -> None:
    assert decide(visit(OPEN, pack_versions=GERMANY, **BOTH)).missing == {Document.REQ, Document.PRECLEAR}
    assert [*decide(visit(OPEN, **BOTH)).duties] == ["LINKED_RECORDS", "SAMPLED"]
    assert "R-064" in decide(visit(OPEN, samples=(Sample("novastat"),))).rules
    planned = decide(call(OPEN, people=(KELLER, MONA), intent=Intent.PLAN))
    assert "R-064" in planned.rules
