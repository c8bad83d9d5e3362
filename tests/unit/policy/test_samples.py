"""Samples (R-085)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.policy import Kind, MarketZone, Person, Sample, Zone, decide
from compliance.policy.samples import sample

from .acts import DAY, GERMANY, KELLER, NOON, SECOND, call, novastat, told

OPEN = novastat(Zone.OPEN, standing="OWNER", documents={"SMPC", "REQ"})
PRESCRIBER = replace(KELLER, prescriber=True)
BOX = Sample("novastat", "keller", NOON, True, "L1", NOON + DAY, 1, 0, False)
IN_GERMANY = {"pack_versions": GERMANY}


def handed(**facts: Any) -> Any:
    box = {name: facts.pop(name) for name in list(facts) if name in Sample.__dataclass_fields__}
    usual = {"kind": Kind.SAMPLE, "people": (PRESCRIBER,), "samples": (replace(BOX, **box),)}
    return call(OPEN, **{**usual, **facts})


@pytest.mark.parametrize("facts", [{}, IN_GERMANY])
def test_a_sample_as_it_should_be(facts: dict[str, Any]) -> None:
    assert told(sample(handed(**facts))) == []
    assert decide(handed()).allowed


EXPIRED = "X R-085 sample_request_expired days=90"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"requested_at": None}, ["? R-085 sample_request_missing"]),
        ({"requested_at": None, "signed": False}, ["? R-085 sample_request_missing"]),
        ({"signed": False}, ["X R-085 sample_request_unsigned"]),
        ({"requested_at": NOON + SECOND}, [EXPIRED]),
        ({"requested_at": NOON - 90 * DAY}, []),
        ({"requested_at": NOON - 90 * DAY - SECOND}, [EXPIRED]),
        ({"requested_at": NOON + SECOND, "signed": False}, ["X R-085 sample_request_unsigned", EXPIRED]),
    ],
)
def test_it_answers_a_signed_request_that_is_still_alive(facts: dict[str, Any], said: list[str]) -> None:
    assert told(sample(handed(**facts))) == said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"person": "somebody"}, ["X R-085 sample_recipient_absent"]),
        ({"person": ""}, ["X R-085 sample_recipient_absent"]),
        ({"people": (replace(PRESCRIBER, audience="INTERNAL"),)}, ["X R-085 sample_recipient_absent"]),
        ({"people": (replace(PRESCRIBER, prescriber=False),)}, ["X R-085 sample_not_prescriber"]),
        (
            {"people": (replace(PRESCRIBER, prescriber=False),), **IN_GERMANY},
            ["X R-085 sample_not_prescriber"],
        ),
        ({"people": (KELLER,)}, []),
        ({"people": (KELLER,), **IN_GERMANY}, ["? R-085 prescriber_unknown"]),
        ({"people": (PRESCRIBER, Person(ref="other", markets=("DE",), prescriber=False))}, []),
    ],
)
def test_it_goes_to_a_prescriber_who_is_there(facts: dict[str, Any], said: list[str]) -> None:
    assert told(sample(handed(**facts))) == said


YEARS_OVER = "X R-085 samples_years_over years=2"
UK = {"pack_versions": (("UK", "2026.2"),), "market": "UK", "people": (replace(PRESCRIBER, markets=("UK",)),)}
LEAP_DAY, LAST_MOMENT = datetime(2028, 2, 29, 10, tzinfo=UTC), datetime(2030, 3, 1, 9, 59, tzinfo=UTC)


@pytest.mark.parametrize("market", [{}, UK])
@pytest.mark.parametrize(
    ("first", "said"),
    [
        (None, []),
        (NOON, []),
        (NOON.replace(year=NOON.year - 2) + SECOND, []),
        (NOON.replace(year=NOON.year - 2) + DAY, []),
        (NOON.replace(year=NOON.year - 2), [YEARS_OVER]),
        (NOON.replace(year=NOON.year - 2) - DAY, [YEARS_OVER]),
    ],
)
def test_samples_end_two_years_after_the_first_request(
    market: dict[str, Any], first: datetime | None, said: list[str]
) -> None:
    assert told(sample(handed(first_requested_at=first, **market))) == said


@pytest.mark.parametrize(("at", "said"), [(LAST_MOMENT, []), (LAST_MOMENT + 60 * SECOND, [YEARS_OVER])])
def test_two_years_from_a_leap_day_end_on_the_first_of_march(at: datetime, said: list[str]) -> None:
    box = {"requested_at": at, "expires": at + DAY, "first_requested_at": LEAP_DAY}
    assert told(sample(handed(starts_at=at, ends_at=at, recorded_at=at, **box))) == said


MANY = "X R-085 samples_too_many number={}"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"given_this_year": 3}, []),
        ({"given_this_year": 0, "quantity": 4}, []),
        ({"given_this_year": None, "quantity": 4}, []),
        ({"given_this_year": 4}, [MANY.format(4)]),
        ({"given_this_year": 2, "quantity": 3}, [MANY.format(4)]),
        ({"given_this_year": 1, **IN_GERMANY}, []),
        ({"given_this_year": 2, **IN_GERMANY}, [MANY.format(2)]),
        ({"given_this_year": None}, []),
        ({"given_this_year": None, "quantity": 5}, [MANY.format(4)]),
        ({"given_this_year": None, **IN_GERMANY}, ["? R-085 samples_given_unknown"]),
        ({"quantity": 0}, ["? R-085 sample_lot_missing"]),
        ({"lot": ""}, ["? R-085 sample_lot_missing"]),
        ({"expires": None}, ["? R-085 sample_lot_missing"]),
        ({"expires": NOON}, ["X R-085 sample_expired"]),
        ({"expires": NOON + SECOND}, []),
        ({"controlled": True}, ["X R-085 sample_controlled"]),
        ({"controlled": None}, []),
        ({"controlled": None, **IN_GERMANY}, ["? R-085 sample_controlled_unknown"]),
        ({"use": "cardelin"}, ["X R-085 sample_other_use"]),
    ],
)
def test_number_lot_expiry_kind_and_use_are_right(facts: dict[str, Any], said: list[str]) -> None:
    assert told(sample(handed(**facts))) == said


def test_what_is_handed_out_is_described_and_only_as_a_sample() -> None:
    assert told(sample(handed(samples=()))) == []
    assert told(sample(handed(samples=(), **IN_GERMANY))) == ["? R-085 sample_unknown"]
    assert told(sample(handed(samples=(), kind=Kind.PRODUCT_CALL, **IN_GERMANY))) == []
    assert told(sample(handed(kind=Kind.PRODUCT_CALL))) == ["X R-085 sample_elsewhere"]


def test_each_sample_is_looked_at() -> None:
    boxes = (replace(BOX, signed=False), BOX, replace(BOX, lot=""))

    assert told(sample(handed(samples=boxes))) == [
        "X R-085 sample_request_unsigned",
        "? R-085 sample_lot_missing",
    ]


def test_the_fewest_of_the_markets_count() -> None:
    both = (replace(PRESCRIBER, markets=("DE", "CH")),)
    numbers = {"pack_versions": (("DE", "2026.2"), ("CH", "2026.2")), "people": both, "given_this_year": 2}

    assert told(sample(handed(**numbers))) == [MANY.format(2)]
    swiss = {**numbers, "people": (replace(PRESCRIBER, markets=("CH",)),), "market": "CH"}
    assert told(sample(handed(**swiss))) == []


def test_a_sample_counts_in_the_decision() -> None:
    assert decide(handed(signed=False)).rules == ("R-085",)
    pre = handed(signed=False)
    early = replace(OPEN, zones=(MarketZone("DE", Zone.PRE),))
    assert decide(replace(pre, topics=(early,))).rules == ("R-037", "R-085")
