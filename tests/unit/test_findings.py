"""Titles that say a finding: only what the numbers carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Market
from compliance.policy import Column
from handovers.board import pace_of
from reports.raised import Raised, headline

BERLIN = Market(code="DE", name="Germany", zone="Europe/Berlin", calendar="DE")
OPENED = datetime(2026, 10, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (23, 9, "eGFR cut-offs more than doubled"),
        (18, 9, "eGFR cut-offs rose most"),
        (5, 0, "eGFR cut-offs is new"),
        (3, 1, "What experts raise"),
        (2, 9, "What experts raise"),
    ],
)
def test_the_title_claims_a_rise_only_where_there_is_one(now, before, said):
    others = [Raised("Dosing", 17, 15), Raised("Listing", 8, 11)]

    assert headline([*others, Raised("eGFR cut-offs", now, before)]) == said


def test_where_nothing_was_said_the_title_says_so():
    assert headline([]) == "Nothing was talked about yet"


def test_a_change_carries_its_sign():
    assert [Raised("x", *pair).as_bar()["change"] for pair in ((5, 3), (3, 5), (4, 4))] == ["+2", "−2", "0"]


@pytest.mark.parametrize(
    ("done", "left", "days", "said"),
    [
        (92, 56, 46, "At this pace done on 14 Dec 2026"),
        (0, 5, 46, ""),
        (5, 0, 46, ""),
        (1, 1, 0, ""),
    ],
)
def test_the_pace_is_told_once_something_has_moved(done, left, days, said):
    counts = {Column.WITH_FIELD_SERVICE: done, Column.TO_PREPARE: left, Column.SET_ASIDE: 40}

    assert pace_of(counts, OPENED, BERLIN, OPENED + timedelta(days=days)) == said
