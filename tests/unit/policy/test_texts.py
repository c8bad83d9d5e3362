"""Words in free text that stay only with a reason (R-098)."""

from __future__ import annotations

import pytest

from compliance.policy import DecisionKind, Document, Duty, Intent, Zone, decide

from .acts import novastat, visit

OPEN = novastat(Zone.OPEN, standing="OWNER")


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("NAME", "R-003"),
        ("BRAND", "R-001"),
        ("PROMOTION", "R-021"),
        ("PATIENT", "R-098"),
        ("ODD", "R-098"),
    ],
)
def test_words_that_stand_out_lack_their_reason_like_a_document_and_are_sampled(kind: str, rule: str) -> None:
    without, given = (decide(visit(OPEN, said=(kind,), words_reason=said)) for said in (False, True))

    assert (without.kind, without.missing) == (DecisionKind.INCOMPLETE, frozenset({Document.WORDS}))
    assert [(reason.rule, reason.code) for reason in without.reasons] == [(rule, "words_unexplained")]
    assert (given.kind, given.missing, rule in given.rules) == (DecisionKind.ALLOWED, frozenset(), True)
    assert without.duties == given.duties == (Duty.SAMPLED,)


def test_every_kind_speaks_once() -> None:
    decision = decide(visit(OPEN, said=("PATIENT", "NAME", "NAME")))

    assert [reason.rule for reason in decision.reasons] == ["R-003", "R-098"]


def test_a_text_without_marks_and_a_plan_ask_nothing() -> None:
    assert decide(visit(OPEN)).duties == ()
    assert decide(visit(OPEN, said=("NAME",), intent=Intent.PLAN)).missing == frozenset()
