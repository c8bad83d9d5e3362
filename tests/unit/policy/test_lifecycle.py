"""Which state may follow which, written out as the rulebook writes it."""

from __future__ import annotations

import pytest

from compliance.policy import State, may_follow

RULEBOOK = """
PRECLINICAL: CLINICAL
CLINICAL: SUBMITTED
SUBMITTED: AUTHORISED CONDITIONAL EMERGENCY REFUSED APPL_WITHDRAWN
REFUSED: SUBMITTED CLINICAL
APPL_WITHDRAWN: SUBMITTED CLINICAL
EMERGENCY: SUBMITTED AUTHORISED CONDITIONAL WITHDRAWN
CONDITIONAL: AUTHORISED SUSPENDED WITHDRAWN
AUTHORISED: SUSPENDED WITHDRAWN
SUSPENDED: AUTHORISED CONDITIONAL WITHDRAWN
WITHDRAWN: SUBMITTED
"""
ALLOWED = {
    (line.split(":")[0], following) for line in RULEBOOK.split("\n") if line for following in line.split()[1:]
}


def test_exactly_the_transitions_of_the_rulebook_are_allowed() -> None:
    assert {(a.value, b.value) for a in State for b in State if may_follow(a, b)} == ALLOWED


@pytest.mark.parametrize("state", State)
def test_any_state_may_be_the_first(state: State) -> None:
    assert may_follow(None, state)


def test_plain_text_is_understood_and_an_unknown_word_follows_nothing() -> None:
    assert may_follow("SUBMITTED", "AUTHORISED")
    assert not may_follow(None, "FANCY")
    assert not may_follow("FANCY", "AUTHORISED")
    assert not may_follow("", "AUTHORISED")
