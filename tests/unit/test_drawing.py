"""A sample is recomputed from frame, seed and version alone, and is drawn without a favourite."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from reviews.drawing import ALWAYS, RANDOM, Entry, Rates, draw, fingerprint, frame_to_json, weight
from reviews.frame import WORDS
from reviews.likeness import alike

RATES = Rates(percent=5, at_least=3)


def frame(people: int = 4, each: int = 60) -> list[Entry]:
    return [
        Entry(
            kind="interaction", id=f"{person:02d}-{number:03d}", group=f"{person} 2026-Q3",
            always=("words_kept",) if number == 7 else (), risk=("odd_hours",) if number % 10 == 0 else (),
        )
        for person in range(people) for number in range(each)
    ]  # fmt: skip


def test_the_same_frame_seed_and_version_give_the_same_sample_whatever_the_order():
    one = draw(frame(), "a seed", RATES)
    assert list(draw(frame()[::-1], "a seed", RATES).items()) == list(one.items())
    kept = [Entry.from_json(entry) for entry in json.loads(json.dumps(frame_to_json(frame())))]
    assert draw(kept, "a seed", RATES) == one
    assert list(draw(frame(), "another", RATES)) != list(one)


def test_what_this_version_draws_is_what_it_has_always_drawn():
    """Written down once: a draw of years ago is repeated by this very code."""
    drawn = draw(frame(), "2026-11-28", RATES)
    said = sha256(json.dumps(drawn).encode()).hexdigest()
    assert (len(drawn), said[:16]) == EXPECTED
    assert fingerprint(frame_to_json(frame()))[:16] == FRAME


EXPECTED = (27, "3e1413044deb196e")
FRAME = "99544da60a5eefad"


def test_an_unknown_version_draws_nothing():
    with pytest.raises(ValueError, match="version 0"):
        draw(frame(), "a seed", RATES, "0")


def test_of_each_person_and_quarter_so_many_are_drawn_by_chance_and_at_least_three():
    drawn = draw([*frame(3, 100), Entry(kind="interaction", id="x", group="alone")], "a seed", RATES)
    by_chance = [pk for pk, why in drawn.items() if RANDOM in why]
    assert [sum(pk.startswith(f"{person:02d}") for pk in by_chance) for person in range(3)] == [5, 5, 5]
    assert "x" in by_chance
    assert [RATES.of(size) for size in (0, 1, 3, 60, 61, 100, 101)] == [0, 1, 3, 3, 4, 5, 6]


def test_everything_that_is_always_looked_at_is_there_with_its_reason():
    every = [Entry(kind="interaction", id=f"e{code}", group="g", always=(code,)) for code in ALWAYS]
    drawn = draw(frame() + every, "a seed", RATES)
    assert {code for code in ALWAYS if code in drawn[f"e{code}"]} == set(ALWAYS)
    assert sum("words_kept" in why for why in drawn.values()) == 5


def test_every_reason_has_its_words():
    from reviews.drawing import WEIGHTS

    assert set(WORDS) == {*ALWAYS, *WEIGHTS, RANDOM, "added"}


def test_chance_has_no_favourite_and_risk_weighs():
    """Over many seeds each record comes up as often as it should: within four standard deviations."""
    entries = [Entry(kind="interaction", id=str(n), group="g", risk=("new_staff", "past_findings") if n < 50 else
                     ("odd_hours",)) for n in range(100)]  # fmt: skip
    times, heavy, light = [0] * 100, 0, 0
    for seed in range(400):
        for pk, why in draw(entries, str(seed), RATES).items():
            times[int(pk)] += RANDOM in why
            heavy += "past_findings" in why
            light += "odd_hours" in why
    # 400 draws of 5 in 100: 20 each, with a deviation of 4.4.
    assert sum(times) == 2000
    assert max(abs(count - 20) for count in times) < 18
    assert heavy > 3 * light > 0
    assert weight(entries[0]) == 5


def test_texts_that_repeat_themselves_are_found_and_short_ones_are_not():
    same = "The professor asked whether the cut-off of thirty holds in the newer trial and in her wards."
    other = "We spoke about the registry, elderly patients, endpoints and what the guideline group plans next year."
    texts = [("a", same), ("b", other), ("c", same.upper()), ("d", "Thanks."), ("e", "Thanks.")]
    assert alike(texts) == {"a", "c"}
