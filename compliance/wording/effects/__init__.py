"""Side effects and special situations told in passing, in English and German (R-127, R-133). Plain Python, no Django.

``cues(text)`` names the places where somebody seems to tell of one. It suggests and never closes the question: what it
misses is measured (``measure``), not assumed away. A sentence counts when an event stands in it with one person, or
with taking the medicine, and is neither denied nor mere talk about data, labels and trials.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..text import Word, clean, fold, words

LISTS = Path(__file__).parent / "lists"
LANGUAGES = ("en", "de")
# How far before an event a denial calls it off, and a determiner makes one person of a noun.
DENIED_WITHIN, DETERMINED_WITHIN = 4, 3
# What says that something did not happen is what these tell of.
NEVER_DENIED = frozenset({"noeffect", "error", "offlabel"})


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """A place that seems to tell of a side effect, and of which sort."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a phrase, and how many others may stand before it."""

    exact: frozenset[str]
    stems: tuple[str, ...]
    gap: int

    def fits(self, key: str) -> bool:
        return key in self.exact or key.startswith(self.stems)


Phrase = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one language."""

    explicit: tuple[Phrase, ...]
    one: tuple[Phrase, ...]
    several: tuple[Phrase, ...]
    exposure: tuple[Phrase, ...]
    determiners: Step
    numbers: Step
    denials: Step
    talk: Step
    conditions: Step
    events: tuple[tuple[str, Phrase], ...]
    strong: tuple[tuple[str, Phrase], ...]


def cues(text: str, names: Iterable[str] = ()) -> list[Cue]:
    """Where the text seems to tell of a side effect: at most one place in each sentence.

    `names` are those of medicines: to stand beside one counts as taking it.
    """
    read = words(clean(text))
    known = frozenset(fold(name) for name in names)
    return [cue for sentence in _sentences(read) if (cue := _cue(sentence, known)) is not None]


def _sentences(read: list[Word]) -> Iterator[list[Word]]:
    start = 0
    for place in range(1, len(read) + 1):
        if place == len(read) or read[place].first:
            yield read[start:place]
            start = place


def _cue(sentence: list[Word], names: frozenset[str]) -> Cue | None:
    """The first place of a sentence that counts, in either language; notes mix both."""
    best: Cue | None = None
    for language in LANGUAGES:
        found = _in_language(sentence, lists_of(language), names)
        if found is not None and (best is None or found < best):
            best = found
    return best


def _in_language(sentence: list[Word], known: Lists, names: frozenset[str]) -> Cue | None:
    keys = [word.key for word in sentence]
    talked = any(known.talk.fits(key) for key in keys)
    somebody = _somebody(keys, known)
    taken = any(key in names for key in keys) or any(True for _ in _places(keys, known.exposure))
    for place, last in _places(keys, known.explicit):
        if not _denied(keys, place, last, known) and (somebody or not talked):
            return Cue(sentence[place].start, sentence[last].end, "event")
    for reason, phrase in known.strong:
        for place, last in _places(keys, (phrase,)):
            if (somebody or not talked) and not (_deniable(reason) and _denied(keys, place, last, known)):
                return Cue(sentence[place].start, sentence[last].end, reason.rstrip("2"))
    for reason, phrase in known.events:
        for place, last in _places(keys, (phrase,)):
            if _deniable(reason) and _denied(keys, place, last, known):
                continue
            if (somebody or (taken and not talked)) and not _condition(keys, place, known, taken):
                return Cue(sentence[place].start, sentence[last].end, reason)
    return None


def _deniable(reason: str) -> bool:
    return reason not in NEVER_DENIED


def _somebody(keys: list[str], known: Lists) -> bool:
    """One person is in it: "a patient", "her mother", "two women", "three of his patients"."""
    for place, _last in _places(keys, known.one):
        before = keys[max(0, place - DETERMINED_WITHIN) : place]
        # "Patienten" are one in some cases and many in others: they need more than an article.
        many = any(phrase[0].fits(keys[place]) for phrase in known.several)
        if not many and (place == 0 or any(known.determiners.fits(key) for key in before)):
            return True
    for place, _last in _places(keys, known.several):
        if any(
            known.numbers.fits(key) or key in SINGLED_OUT
            for key in keys[max(0, place - DETERMINED_WITHIN) : place]
        ):
            return True
    return False


WORDS_FOR_ONE = (
    *("one", "last", "ein", "eine", "einer", "einem", "einen", "eines", "letzter", "demselben", "diesem"),
    *("dem", "des", "seinem", "seines", "ihrem", "ihres", "meinem"),
)
SINGLED_OUT = frozenset(fold(key) for key in WORDS_FOR_ONE)


def _denied(keys: list[str], place: int, last: int, known: Lists) -> bool:
    """ "No", "nobody" and the like close before it, at the beginning of the sentence, or right after it."""
    if known.denials.fits(keys[0]):
        return True
    before = keys[max(0, place - DENIED_WITHIN) : place]
    return any(known.denials.fits(key) for key in before) or any(
        key in ("none", "keine") for key in keys[last + 1 : last + 3]
    )


def _condition(keys: list[str], place: int, known: Lists, taken: bool) -> bool:
    """What somebody is treated for: "patients with rash", where nothing tells that it came from the medicine."""
    if taken or place < 2 or keys[place - 2].startswith(CASES):
        return False
    plural = any(step.fits(keys[place - 2]) for phrase in known.several for step in phrase[:1])
    return plural and known.conditions.fits(keys[place - 1])


CASES = ("case", "falle")


def _places(keys: list[str], phrases: Iterable[Phrase]) -> Iterator[tuple[int, int]]:
    for phrase in phrases:
        for place, key in enumerate(keys):
            if phrase[0].fits(key) and (last := _match(phrase, keys, place)) >= 0:
                yield place, last


def _match(phrase: Phrase, keys: list[str], place: int) -> int:
    at = place
    for step in phrase[1:]:
        for here in range(at + 1, min(at + 2 + step.gap, len(keys))):
            if step.fits(keys[here]):
                at = here
                break
        else:
            return -1
    return at


def _step(alternatives: Iterable[str], gap: int = 0) -> Step:
    each = list(alternatives)
    exact = frozenset(fold(one) for one in each if not one.endswith("*"))
    return Step(exact, tuple(fold(one[:-1]) for one in each if one.endswith("*")), gap)


def _phrase(text: str) -> Phrase:
    steps: list[Step] = []
    gap = 0
    for part in text.split():
        if part.startswith(".."):
            gap = int(part[2:])
        else:
            steps.append(_step(part.split("|"), gap))
            gap = 0
    return tuple(steps)


@cache
def lists_of(language: str) -> Lists:
    """The lists of a language, read once."""
    data = tomllib.loads((LISTS / f"{language}.toml").read_text(encoding="utf-8"))

    def phrases(name: str) -> tuple[Phrase, ...]:
        return tuple(_phrase(each) for each in data[name])

    def told(name: str) -> tuple[tuple[str, Phrase], ...]:
        return tuple((reason, _phrase(each)) for reason, texts in data[name].items() for each in texts)

    return Lists(
        explicit=phrases("explicit"),
        one=phrases("one"),
        several=phrases("several"),
        exposure=phrases("exposure"),
        determiners=_step(data["determiners"]),
        numbers=_step(data["numbers"]),
        denials=_step(data["denials"]),
        talk=_step(data["talk"]),
        conditions=_step(data["conditions"]),
        events=told("events"),
        strong=told("strong"),
    )
