"""The life of a finding (R-153), as plain tables: what follows what, and by when. The database keeps the same pairs."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.policy.parameters import parameter

if TYPE_CHECKING:
    from accounts.models import Market


class Status(StrEnum):
    OPEN = "OPEN"
    TRIAGED = "TRIAGED"
    INVESTIGATING = "INVESTIGATING"
    CONFIRMED = "CONFIRMED"
    UNFOUNDED = "UNFOUNDED"
    CAPA_PLANNED = "CAPA_PLANNED"
    CAPA_DONE = "CAPA_DONE"
    EFFECTIVENESS_CHECK = "EFFECTIVENESS_CHECK"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


class Grade(StrEnum):
    CRITICAL = "CRITICAL"
    MAJOR = "MAJOR"
    MINOR = "MINOR"
    OBSERVATION = "OBSERVATION"


class Step(StrEnum):
    """What Compliance does with a finding."""

    TRIAGE = "TRIAGE"
    INVESTIGATE = "INVESTIGATE"
    CONFIRM = "CONFIRM"
    REJECT = "REJECT"
    PLAN = "PLAN"
    DONE = "DONE"
    CHECK = "CHECK"
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"


# An observation that was confirmed may be closed without measures; what weighs more may not.
STEPS: dict[Step, tuple[frozenset[Status], Status]] = {
    Step.TRIAGE: (frozenset({Status.OPEN}), Status.TRIAGED),
    Step.INVESTIGATE: (frozenset({Status.TRIAGED, Status.REOPENED}), Status.INVESTIGATING),
    Step.CONFIRM: (frozenset({Status.INVESTIGATING}), Status.CONFIRMED),
    Step.REJECT: (frozenset({Status.INVESTIGATING}), Status.UNFOUNDED),
    Step.PLAN: (frozenset({Status.CONFIRMED}), Status.CAPA_PLANNED),
    Step.DONE: (frozenset({Status.CAPA_PLANNED}), Status.CAPA_DONE),
    Step.CHECK: (frozenset({Status.CAPA_DONE}), Status.EFFECTIVENESS_CHECK),
    Step.CLOSE: (
        frozenset({Status.UNFOUNDED, Status.EFFECTIVENESS_CHECK, Status.CONFIRMED}),
        Status.CLOSED,
    ),
    Step.REOPEN: (frozenset({Status.CLOSED, Status.EFFECTIVENESS_CHECK}), Status.REOPENED),
}
UNTRIAGED = frozenset({Status.OPEN})
UNPLANNED = frozenset({Status.TRIAGED, Status.INVESTIGATING, Status.CONFIRMED, Status.REOPENED})
GRADED = (Grade.CRITICAL, Grade.MAJOR, Grade.MINOR)


def steps_from(status: str, grade: str) -> list[Step]:
    """What may be done with a finding in this state."""
    found = [step for step, (before, _after) in STEPS.items() if status in before]
    if status == Status.CONFIRMED:
        found.remove(Step.PLAN if grade == Grade.OBSERVATION else Step.CLOSE)
    return found


def triage_days(grade: str) -> int:
    """Business days until a finding of this weight is triaged; an observation has no target of its own."""
    return parameter(f"PP-23 triage_{_graded(grade)}_business_days")


def plan_days(grade: str) -> int:
    """Business days until what follows from it is planned."""
    return parameter(f"PP-23 plan_{_graded(grade)}_business_days")


def _graded(grade: str) -> str:
    return (grade if grade in GRADED else Grade.MINOR).lower()


def due(market: Market, opened_on: date, days: int) -> date:
    """So many business days of the market after the day it was opened."""
    return market.business_days_after(opened_on, days)
