"""How one ruling is made and several are joined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.policy import Document, Duty, Intent, Outcome, Reason
from compliance.policy.rulings import (
    Ruling,
    decision,
    denied,
    duty,
    fine,
    kind_of,
    lenience,
    needing,
    strictest,
    unknown,
)

from .acts import told

NO, ASK = denied("R-001", "never", topic="x"), unknown("topics_missing")
WANT, HAVE = needing("R-002", [Document.REQ, Document.MAT], topic="x"), needing("R-003")


def test_each_ruling_says_what_it_is() -> None:
    assert told([NO, ASK, WANT, HAVE, fine("R-004"), duty("R-005", Duty.SAMPLED, Duty.FINDING)]) == [
        "X R-001 never topic=x",
        "? R-015 topics_missing",
        "D R-002 missing topic=x [MAT REQ] -MAT -REQ",
        "D R-003",
        "A R-004",
        "A R-005 !SAMPLED !FINDING",
    ]
    assert unknown("x", "R-009", what="y").reasons == (Reason("R-009", "x", (("what", "y"),)),)
    assert needing("R-006", [Document.LATE], code="late").reasons[0].code == "late"
    assert Ruling() == Ruling(outcome=Outcome.ALLOWED, rules=(), missing=frozenset(), mendable=False)
    assert [each.forbidden for each in (NO, ASK, WANT, HAVE)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("rulings", "said"),
    [
        ((), "A "),
        ((fine("R-004"), fine("R-003"), fine("R-004")), "A R-003+R-004"),
        ((fine("R-004"), HAVE), "D R-003"),
        ((fine("R-004"), WANT, HAVE), "D R-002+R-003 missing topic=x [MAT REQ] -MAT -REQ"),
        ((WANT, NO), "X R-001+R-002 never topic=x R-002 missing topic=x [MAT REQ] -MAT -REQ"),
        ((ASK, HAVE), "? R-015 topics_missing"),
        ((ASK, NO), "X R-001+R-015 never topic=x R-015 topics_missing"),
        ((ASK, ASK), "? R-015 topics_missing"),
        ((duty("R-005", Duty.SAMPLED), duty("R-006", Duty.FINDING, Duty.SAMPLED), NO), None),
    ],
)
def test_the_strictest_counts_and_everything_that_is_missing(
    rulings: tuple[Ruling, ...], said: str | None
) -> None:
    expected = "X R-001 never topic=x !FINDING !SAMPLED" if said is None else said

    assert told([strictest(rulings)]) == [expected]
    assert told([strictest(iter(rulings))]) == [expected]


def test_what_is_allowed_is_not_to_be_mended() -> None:
    assert not strictest((fine("R-004"),)).mendable
    assert not strictest((HAVE,)).mendable


@pytest.mark.parametrize(
    ("ruling", "plan", "record"),
    [
        (NO, "refused", "deviation"),
        (ASK, "refused", "refused"),
        (WANT, "refused", "incomplete"),
        (HAVE, "allowed", "allowed"),
        (fine("R-004"), "allowed", "allowed"),
    ],
)
def test_what_it_means_turns_on_whether_it_took_place(ruling: Ruling, plan: str, record: str) -> None:
    assert (kind_of(ruling, Intent.PLAN), kind_of(ruling, Intent.RECORD)) == (plan, record)
    assert decision(ruling).kind == plan


def test_a_decision_carries_all_of_its_ruling() -> None:
    ruling = replace(WANT, duties=(Duty.SAMPLED,))
    made = decision(ruling, Intent.RECORD)

    assert (made.outcome, made.rules, made.missing, made.reasons, made.duties) == (
        *(ruling.outcome, ruling.rules, ruling.missing, ruling.reasons, ruling.duties),
    )
    assert made.kind == "incomplete"
    assert len(made.version) == 12


def test_the_more_lenient_of_two_ways_comes_first() -> None:
    one = needing("R-001", [Document.REQ])
    late = replace(ASK, missing=frozenset())

    assert sorted([NO, late, WANT, one, HAVE, fine("R-004")], key=lenience) == [
        *(fine("R-004"), HAVE, one, WANT, late, NO),
    ]
