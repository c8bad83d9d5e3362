"""Which lifecycle state may follow which (rulebook 2.1). A mistake is voided, never corrected by a step."""

from __future__ import annotations

from .words import State

FOLLOWERS: dict[State, frozenset[State]] = {
    State.PRECLINICAL: frozenset({State.CLINICAL}),
    State.CLINICAL: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset(
        {State.AUTHORISED, State.CONDITIONAL, State.EMERGENCY, State.REFUSED, State.APPL_WITHDRAWN}
    ),
    State.REFUSED: frozenset({State.SUBMITTED, State.CLINICAL}),
    State.APPL_WITHDRAWN: frozenset({State.SUBMITTED, State.CLINICAL}),
    State.EMERGENCY: frozenset({State.SUBMITTED, State.AUTHORISED, State.CONDITIONAL, State.WITHDRAWN}),
    State.CONDITIONAL: frozenset({State.AUTHORISED, State.SUSPENDED, State.WITHDRAWN}),
    State.AUTHORISED: frozenset({State.SUSPENDED, State.WITHDRAWN}),
    State.SUSPENDED: frozenset({State.AUTHORISED, State.CONDITIONAL, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.SUBMITTED}),
}


def may_follow(previous: State | str | None, following: State | str) -> bool:
    """Whether a confirmed entry may directly follow another. Any known state may be the first.

    A state never follows itself, and an unknown word follows nothing and is followed by nothing.
    """
    try:
        step = State(following)
        return previous is None or step in FOLLOWERS[State(previous)]
    except ValueError:
        return False
