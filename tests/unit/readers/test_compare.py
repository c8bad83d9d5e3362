"""A newer snapshot yields the changes of status, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from compliance.policy import lifecycle
from compliance.policy.words import State
from imports.readers import (
    AuthorisationRecord,
    Snapshot,
    compare,
    obstacle,
    proposals_for,
    read_authorisations,
)
from tests.fixtures.imports.make import FDA_FEBRUARY, FDA_HEADER, FDA_JANUARY
from tests.unit.readers.books import FIXTURES, text


def known(snapshot: Snapshot) -> dict[str, dict[str, object]]:
    return {record.key: json.loads(json.dumps(record.mapped())) for record in snapshot.records}


def read(name: str) -> Snapshot:
    return read_authorisations(FIXTURES / name, name)


@pytest.mark.parametrize("name", ["ema_current.xlsx", "ema_until_2023.xlsx", "fda_2026-01.csv"])
def test_the_same_file_twice_changes_nothing(name: str) -> None:
    result = compare(known(read(name)), read(name))
    assert (result.new, result.changed, result.gone) == ((), (), ())
    assert len(result.unchanged) == len(read(name).records)


def test_across_the_two_layouts_only_what_happened_is_a_change() -> None:
    result = compare(known(read("ema_until_2023.xlsx")), read("ema_current.xlsx"))
    assert {change.record.name: (change.old_state, change.new_state) for change in result.changed} == {
        "Hexavil": ("AUTHORISED", "WITHDRAWN"),
        "Jontara": ("REFUSED", "AUTHORISED"),
    }
    assert "Gentrava" in {record.name for record in result.unchanged}  # Withdrawn was split into Lapsed
    assert len(result.new) == 6


def test_a_product_that_disappeared_is_reported_unless_its_row_could_not_be_read() -> None:
    full = read("ema_current.xlsx")
    without = replace(full, records=full.records[1:])
    assert compare(known(full), without).gone == ("EMEA/H/C/900001",)
    assert compare(known(full), replace(without, unread_keys=frozenset({"EMEA/H/C/900001"}))).gone == ()


def test_a_monthly_list_adds_and_takes_nothing_back() -> None:
    january, february = read("fda_2026-01.csv"), read("fda_2026-02.csv")
    result = compare(known(january), february)
    assert result.gone == ()
    assert [(change.record.key, change.old_state, change.new_state) for change in result.status_changes] == [
        ("900103", "SUBMITTED", "AUTHORISED")
    ]
    supplement = next(change for change in result.changed if change.record.key == "900101")
    assert supplement.mapped["state"] == "AUTHORISED"
    assert supplement.mapped["date:authorised"] == "2026-01-05"
    assert supplement.mapped["supplements"] == ["SUPPL-2 of 2026-02-04 (Efficacy)"]


def test_an_older_list_read_later_does_not_take_an_approval_back() -> None:
    result = compare(known(read("fda_2026-02.csv")), read("fda_2026-01.csv"))
    assert "900103" not in {change.record.key for change in result.status_changes}
    learned = next(change for change in result.changed if change.record.key == "900101")
    assert (learned.old_state, learned.new_state) == (None, "AUTHORISED")


def test_months_joined_into_one_file_say_the_same_as_months_read_in_turn() -> None:
    joined = read_authorisations(text([FDA_HEADER, *FDA_JANUARY, FDA_HEADER, *FDA_FEBRUARY]), "both.csv")
    states = {record.key: record.state for record in joined.records}
    assert states == {"900101": "AUTHORISED", "900102": "AUTHORISED", "900103": "AUTHORISED", "900104": None}


def record_of(state: str | None, day: date | None = date(2020, 1, 1), **dates: date) -> AuthorisationRecord:
    return AuthorisationRecord("K1", 2, "Name", "raw", state, day, dates=dates)


def test_refused_then_authorised_is_proposed_with_a_submission_whose_day_is_asked() -> None:
    steps = proposals_for("REFUSED", record_of("AUTHORISED"))
    assert [(step.state, step.effective_on) for step in steps] == [
        ("SUBMITTED", None),
        ("AUTHORISED", date(2020, 1, 1)),
    ]


def test_a_first_record_proposes_the_present_state_and_the_whole_life_only_when_both_ends_are_known() -> None:
    began, ended = date(2010, 1, 1), date(2020, 1, 1)
    assert [step.state for step in proposals_for(None, record_of("REFUSED"))] == ["REFUSED"]
    both = proposals_for(None, record_of("WITHDRAWN", ended, authorised=began, ended=ended))
    assert [(step.state, step.effective_on) for step in both] == [("AUTHORISED", began), ("WITHDRAWN", ended)]
    only = proposals_for(None, record_of("WITHDRAWN", None, authorised=began))
    assert [(step.state, step.effective_on) for step in only] == [("WITHDRAWN", None)]


def test_the_day_of_the_first_authorisation_is_not_the_day_a_condition_fell() -> None:
    (step,) = proposals_for("CONDITIONAL", record_of("AUTHORISED"))
    assert (step.state, step.effective_on) == ("AUTHORISED", None)


def test_what_cannot_follow_is_left_to_a_person() -> None:
    assert proposals_for("AUTHORISED", record_of("CONDITIONAL")) == []
    assert "AUTHORISED cannot become CONDITIONAL" in obstacle("AUTHORISED", record_of("CONDITIONAL"))
    assert proposals_for("AUTHORISED", record_of(None)) == []
    assert obstacle("AUTHORISED", record_of(None)) != ""


@pytest.mark.parametrize("old", [None, *State])
@pytest.mark.parametrize("new", list(State))
def test_every_chain_of_proposals_is_allowed_and_ends_where_the_file_stands(
    old: State | None, new: State
) -> None:
    record = record_of(str(new), authorised=date(2010, 1, 1), ended=date(2020, 1, 1))
    steps = proposals_for(old, record)
    before: str | None = old
    for step in steps:
        assert lifecycle.may_follow(before, step.state)
        before = step.state
    assert bool(steps) != bool(obstacle(old, record)) or old == new
    if steps:
        assert steps[-1].state == new
