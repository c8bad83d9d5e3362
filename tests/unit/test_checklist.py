"""The checklist is honest: what it names exists, what has weight is enforced, and the sum is right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.unit.test_papers import ROOT, TEST_ID, management_commands, stories_in, text

PAPER = "docs/validation/checklist.md"
# The items an inspector would not let pass below 2.
OF_WEIGHT = {1, 2, 3, 4, 6, 7, 10, 11, 14, 16, 19, 21, 22, 24, 25, 28, 31, 32, 33, 37, 38, 41, 46}
# Folders that a run of every test collects; the long ones prove more, but not on every change.
COLLECTED = ("unit/", "integration/", "property/", "tooling/", "e2e/")


@dataclass(frozen=True)
class Item:
    number: int
    weight: bool
    score: int
    tests: tuple[tuple[str, str], ...]
    evidence: str
    missing: str


def items() -> list[Item]:
    rows = [line.strip("|").split(" | ") for line in text(PAPER).splitlines() if re.match(r"\| \d+ \|", line)]
    return [
        Item(
            int(number),
            weight.strip() == "G",
            int(score),
            tuple(TEST_ID.findall(evidence)),
            evidence,
            open_.strip(" |"),
        )
        for number, _title, weight, score, evidence, open_ in rows
    ]


def test_there_are_fifty_items_in_order_and_those_of_weight_are_marked():
    assert [item.number for item in items()] == list(range(1, 51))
    assert {item.number for item in items() if item.weight} == OF_WEIGHT


def test_no_item_of_weight_stands_below_two():
    assert [item.number for item in items() if item.weight and item.score < 2] == []


def test_every_test_it_names_exists():
    gone = [
        f"{item.number}: {file}::{name}"
        for item in items()
        for file, name in item.tests
        if not file.startswith(COLLECTED)
        or not (ROOT / "tests" / file).exists()
        or name not in stories_in(ROOT / "tests" / file)
    ]
    assert gone == []


def test_every_command_it_names_exists():
    named = re.findall(r"`manage\.py (\w+)", text(PAPER))
    assert [name for name in named if name not in management_commands()] == []


def test_a_three_is_shown_by_a_test_and_anything_less_says_what_is_open():
    assert [item.number for item in items() if item.score == 3 and (not item.tests or item.missing)] == []
    assert [item.number for item in items() if item.score < 3 and not item.missing] == []
    assert {item.score for item in items()} <= {0, 1, 2, 3}


def test_the_sum_is_right():
    told = re.search(r"\*\*(\d+) of 50 items stand at 3\.", text(PAPER))
    assert told
    assert int(told[1]) == sum(item.score == 3 for item in items())
