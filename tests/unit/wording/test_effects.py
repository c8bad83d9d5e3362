"""Side effects told in passing: what is suggested, what is not, and how often that is wrong."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from compliance.wording.effects import LANGUAGES, cues, measure
from compliance.wording.effects.measure import HELD_OUT, TUNING

# Shares that no change may exceed: missed, and alarms of each sort.
CEILINGS = {
    TUNING: {"missed": 0.0, "missed special": 0.0, "denied": 0.0, "talk": 0.0, "ordinary": 0.0},
    HELD_OUT: {"missed": 0.11, "missed special": 0.14, "denied": 0.0, "talk": 0.0, "ordinary": 0.06},
}


def found(text: str) -> list[tuple[str, str]]:
    return [(text[cue.start : cue.end], cue.reason) for cue in cues(text, ("Novastat",))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", [TUNING, HELD_OUT])
def test_misses_and_false_alarms_stay_below_their_ceilings(which: str, language: str) -> None:
    for sort, rate in measure.rates(which, language).items():
        assert rate.value <= CEILINGS[which][sort], f"{sort}: {rate}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sets_are_large_of_every_sort_and_apart(language: str) -> None:
    tuned, held = (measure.sentences(which, language) for which in (TUNING, HELD_OUT))
    labels = {label for label, _ in tuned}

    assert len(tuned) + len(held) >= 200
    assert {text for _, text in tuned} & {text for _, text in held} == set()
    assert labels >= {"+event", "+pregnancy", "+overdose", "+error", "+noeffect", "+offlabel"}
    assert labels >= {"-denied", "-talk", "-ordinary"}
    assert all(label[0] in "+-" for label, _ in tuned + held)


def test_the_documentation_prints_what_was_measured() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "safety.md").read_text(encoding="utf-8")

    assert measure.table(HELD_OUT) in page
    assert measure.table(TUNING) in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A patient had a rash.", [("rash", "event")]),
        ("Er hat es gut vertragen. Eine Patientin wurde schwanger.", [("schwanger", "pregnancy")]),
        ("ÜBELKEIT nach der Gabe", [("ÜBELKEIT", "event")]),
        ("Nausea under Novastat", [("Nausea", "event")]),
        ("Two women vomited. One man fainted.", [("vomited", "event"), ("fainted", "event")]),
        ("No side effects.", []),
        ("Keine Nebenwirkungen.", []),
        ("She treats patients with rash.", []),
        ("Nausea is what the label warns of", []),
        ("", []),
    ],
)
def test_a_place_is_named_for_each_sentence_that_tells_of_something(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(text) == expected


def test_a_sentence_that_denies_does_not_answer_for_the_next() -> None:
    assert found("No rash in his patients. A patient got hives.") == [("hives", "event")]


def test_a_long_note_is_read_in_a_blink() -> None:
    start = time.perf_counter()
    cues("A patient asked whether the label of Novastat names it, and nobody knew. " * 270)
    assert time.perf_counter() - start < 1.5


def test_every_list_says_where_it_comes_from_and_its_version() -> None:
    for language in LANGUAGES:
        path = Path(measure.__file__).parent / "lists" / f"{language}.toml"
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        assert data["source"]
        assert data["version"]
