"""When: a record lies in the past, a late one says why, and so does a changed date (R-065 to R-069)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from compliance.policy import Document, Intent, MarketZone, Zone, decide
from compliance.policy.families import time
from compliance.policy.timing import moved

from .acts import DAY, GERMANY, KELLER, NOON, SECOND, call, novastat, told, visit

OPEN = novastat(Zone.OPEN, standing="OWNER")
END = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"ends_at": None, "recorded_at": NOON}, []),
        ({"ends_at": NOON}, []),
        ({"ends_at": NOON - SECOND}, ["? R-015 ends_before_start"]),
        ({"recorded_at": NOON - SECOND}, ["? R-066 future_start"]),
        ({"recorded_at": NOON}, []),
        ({"recorded_at": NOON - SECOND, "intent": Intent.PLAN}, []),
        ({"ends_at": NOON - SECOND, "recorded_at": NOON - DAY}, [
            "? R-015 ends_before_start", "? R-066 future_start"]),
        ({"starts_at": NOON.replace(tzinfo=None)}, ["? R-015 time_without_zone what=starts_at"]),
        ({"starts_at": NOON.replace(tzinfo=None), "ends_at": NOON.replace(tzinfo=None)}, [
            "? R-015 time_without_zone what=starts_at", "? R-015 time_without_zone what=ends_at"]),
        ({"recorded_at": NOON.replace(tzinfo=None)}, ["? R-015 time_without_zone what=recorded_at"]),
    ],
)  # fmt: skip
def test_what_took_place_lies_in_the_past_and_ends_after_it_began(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(time(visit(OPEN, **facts))) == said


REASON = "D R-067 late_reason_missing [LATE] -LATE"
LINE = "D R-067 !LINE_APPROVAL !SAMPLED"


@pytest.mark.parametrize(
    ("late", "facts", "said"),
    [
        (5 * DAY, {}, []),
        (5 * DAY + SECOND, {}, [REASON]),
        (5 * DAY + SECOND, {"late_reason": True}, ["D R-067"]),
        (5 * DAY + SECOND, {"documents": {"LATE"}}, ["D R-067"]),
        (30 * DAY, {}, [REASON]),
        (30 * DAY + SECOND, {}, [REASON, LINE]),
        (30 * DAY + SECOND, {"late_reason": True}, ["D R-067", LINE]),
        (99 * DAY, {"intent": Intent.PLAN}, []),
    ],
)
def test_a_late_record_says_why_and_a_very_late_one_goes_to_the_line(
    late: timedelta, facts: dict[str, Any], said: list[str]
) -> None:
    assert told(time(visit(OPEN, ends_at=END, recorded_at=END + late, **facts))) == said
    assert told(time(visit(OPEN, ends_at=None, recorded_at=NOON + late, **facts))) == said


# the event's own instant counts


def test_field_service_is_judged_by_the_day_it_took_place_whatever_is_true_today() -> None:
    then = replace(OPEN, zones=(MarketZone("DE", Zone.PRE),), documents={"SMPC", "MAT"})

    for logged in (NOON + SECOND, NOON + 4 * DAY, NOON + 400 * DAY):
        decision = decide(call(then, ends_at=None, recorded_at=logged, late_reason=True))
        assert (decision.kind, decision.rules) == ("deviation", ("R-021",))


#


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"moved_from": NOON, "moved_across": True}, []),
        ({"moved_from": NOON - SECOND}, ["? R-069 moved_across_unknown", "D R-069 moved [CHANGE] -CHANGE"]),
        ({"moved_from": NOON - SECOND, "moved_across": False}, ["D R-069 moved [CHANGE] -CHANGE"]),
        ({"moved_from": NOON + SECOND, "moved_across": False, "change_reason": True}, ["D R-069"]),
        ({"moved_from": NOON + SECOND, "moved_across": False, "documents": {"CHANGE"}}, ["D R-069"]),
        (
            {"moved_from": NOON + DAY, "moved_across": True},
            ["D R-069 moved [CHANGE PRECLEAR] -CHANGE -PRECLEAR !COMPLIANCE_APPROVAL !SAMPLED"],
        ),
        (
            {"moved_from": NOON + DAY, "moved_across": True, "change_reason": True},
            ["D R-069 moved [PRECLEAR] -PRECLEAR !COMPLIANCE_APPROVAL !SAMPLED"],
        ),
        (
            {"moved_from": NOON + DAY, "moved_across": True, "date_approved": True},
            ["D R-069 moved [CHANGE] -CHANGE !COMPLIANCE_APPROVAL !SAMPLED"],
        ),
        (
            {"moved_from": NOON + DAY, "moved_across": True, "documents": {"PRECLEAR"}},
            ["D R-069 moved [CHANGE] -CHANGE !COMPLIANCE_APPROVAL !SAMPLED"],
        ),
        (
            {"moved_from": NOON + DAY, "moved_across": True, "documents": {"PRECLEAR", "CHANGE"}},
            ["D R-069 !COMPLIANCE_APPROVAL !SAMPLED"],
        ),
    ],
)
def test_another_date_than_first_saved_says_why_and_across_a_boundary_compliance_agrees(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(moved(visit(OPEN, **facts))) == said


def test_a_changed_date_counts_in_the_decision() -> None:
    assert decide(visit(OPEN, moved_from=NOON - DAY, moved_across=False)).missing == {Document.CHANGE}


def test_the_shortest_time_of_the_markets_counts() -> None:
    act = visit(
        OPEN, people=(KELLER,), pack_versions=GERMANY, ends_at=END, recorded_at=END + 5 * DAY + SECOND
    )

    assert told(time(act)) == [REASON]
