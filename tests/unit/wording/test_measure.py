"""What the word check misses and where it cries wolf, held to ceilings."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from compliance.wording import Kind, measure
from compliance.wording.measure import FRESH, HELD_OUT, LANGUAGES, TUNING, Rate, sentences

# Shares that no change may exceed: misses, and alarms where there is nothing of the kind.
CEILINGS = {
    TUNING: {Kind.NAME: (0.05, 0.01), Kind.BRAND: (0.02, 0.01), Kind.PROMOTION: (0.07, 0.01), Kind.PATIENT: (0.02, 0.01)},
    HELD_OUT: {Kind.NAME: (0.08, 0.02), Kind.BRAND: (0.08, 0.02), Kind.PROMOTION: (0.48, 0.03), Kind.PATIENT: (0.62, 0.03)},
    FRESH: {Kind.NAME: (0, 0.01), Kind.BRAND: (0, 0.01), Kind.PROMOTION: (0.81, 0.01), Kind.PATIENT: (0.37, 0.01)},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", [TUNING, HELD_OUT, FRESH])
def test_misses_and_false_alarms_stay_below_their_ceilings(which: str, language: str) -> None:
    for each in measure.measure(which, language):
        missed, alarms = CEILINGS[which][each.kind]
        assert each.missed.value <= missed, f"{each.kind}: {each.missed}"
        assert each.alarms.value <= alarms, f"{each.kind}: {each.alarms}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sets_are_large_balanced_and_apart(language: str) -> None:
    tuned, held = sentences(TUNING, language), sentences(HELD_OUT, language)

    assert len(tuned) + len(held) >= 300
    fresh = {one.text for one in sentences(FRESH, language)}
    assert {one.text for one in tuned} & {one.text for one in held} == set()
    assert fresh & {one.text for one in tuned + held} == set()
    for kind in Kind:
        have = [one for one in tuned + held if one.kind is kind]
        assert sum(one.near for one in have) >= 50
        assert sum(not one.near for one in have) >= 50
    assert all(bool(one.parts) is not one.near for one in tuned + held)


def test_the_interval_is_wilsons() -> None:
    low, high = Rate(3, 20).interval

    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3604)
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_the_documentation_prints_what_was_measured() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "wording.md").read_text(encoding="utf-8")

    assert measure.table(HELD_OUT) in page
    assert measure.table(FRESH) in page
    assert measure.table(TUNING) in page


def test_every_list_says_where_it_comes_from_and_its_version() -> None:
    lists = sorted((Path(measure.__file__).parent / "lists").glob("*.toml"))

    assert len(lists) == 6
    for path in lists:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        assert data["source"], path.name
        assert data["version"], path.name
