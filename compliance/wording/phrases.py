"""Phrases of a list in a text. A list is data: sequences of words, with stems, gaps and what calls them off."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .facts import Kind
from .text import Word, fold

LISTS = Path(__file__).parent / "lists"
NEAR = 4
# What field service may say of an authorised product, if it is true and in the label.
LAWFUL_TO_PROMOTE = frozenset({"urging", "selling", "praise"})


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a phrase: exact words, stems, and how many words may stand before it."""

    exact: frozenset[str]
    stems: tuple[str, ...]
    gap: int

    def fits(self, key: str) -> bool:
        return key in self.exact or key.startswith(self.stems)


@dataclass(frozen=True, slots=True)
class Phrase:
    steps: tuple[Step, ...]
    reason: str
    before: Step
    after: Step


class PhraseList:
    """Phrases by the word, or stem, they begin with."""

    def __init__(self, kind: Kind, phrases: Iterable[Phrase]) -> None:
        self.kind = kind
        self.by_word: dict[str, list[Phrase]] = {}
        self.by_stem: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            for key in phrase.steps[0].exact:
                self.by_word.setdefault(key, []).append(phrase)
            for stem in phrase.steps[0].stems:
                self.by_stem.setdefault(stem, []).append(phrase)
        self.stem_lengths = sorted({len(stem) for stem in self.by_stem})

    def __call__(self, text: str, read: list[Word]) -> Iterable[tuple[int, int, Kind, str]]:
        for place, word in enumerate(read):
            for phrase in self._beginning(word.key):
                last = _match(phrase.steps, read, place)
                if last >= 0 and not _called_off(phrase, read, place, last):
                    yield word.start, read[last].end, self.kind, phrase.reason

    def _beginning(self, key: str) -> Iterable[Phrase]:
        yield from self.by_word.get(key, ())
        for length in self.stem_lengths:
            if length > len(key):
                break
            yield from self.by_stem.get(key[:length], ())


def _match(steps: tuple[Step, ...], read: list[Word], place: int) -> int:
    """Where the phrase ends that begins here, or -1. It stays within a sentence."""
    at = place
    for step in steps[1:]:
        reach = range(at + 1, min(at + 2 + step.gap, len(read)))
        for here in reach:
            if read[here].first:
                return -1
            if step.fits(read[here].key):
                at = here
                break
        else:
            return -1
    return at


def _called_off(phrase: Phrase, read: list[Word], place: int, last: int) -> bool:
    at = place
    while at > 0 and place - at < NEAR and not read[at].first:
        at -= 1
        if phrase.before.fits(read[at].key):
            return True
    for here in range(last + 1, min(last + 3, len(read))):
        if read[here].first:
            return False
        if phrase.after.fits(read[here].key):
            return True
    return False


def _step(alternatives: str | list[str], gap: int = 0) -> Step:
    each = alternatives.split("|") if isinstance(alternatives, str) else alternatives
    exact = frozenset(fold(one) for one in each if not one.endswith("*"))
    stems = tuple(sorted(fold(one[:-1]) for one in each if one.endswith("*")))
    return Step(exact, stems, gap)


def _phrase(data: dict[str, Any], denials: list[str]) -> Phrase:
    steps: list[Step] = []
    gap = 0
    for part in data["words"].split():
        if part.startswith(".."):
            gap = int(part[2:])
        else:
            steps.append(_step(part, gap))
            gap = 0
    before = [*data.get("unless_before", ()), *([] if data.get("denied") else denials)]
    return Phrase(tuple(steps), data["reason"], _step(before), _step(data.get("unless_after", [])))


@cache
def phrases_of(language: str, *, promotes: bool = False) -> PhraseList:
    """The promotional phrases of a language; a German text is read for the English ones as well."""
    found: list[Phrase] = []
    for code in ("en", "de") if language == "de" else ("en",):
        data = tomllib.loads((LISTS / f"promotion.{code}.toml").read_text(encoding="utf-8"))
        found += [_phrase(each, data["denials"]) for each in data["phrase"]]
    if promotes:
        found = [phrase for phrase in found if phrase.reason not in LAWFUL_TO_PROMOTE]
    return PhraseList(Kind.PROMOTION, found)
