"""Names of medicines in a text: brand, substance, code name; inflected, compounded, slightly misspelt."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .facts import Facts, Kind, Name, NameSort
from .text import JOINED, Word, compact, fold

LISTS = Path(__file__).parent / "lists"
SHORTEST = 3
# Shorter names differ by one letter from too much else.
MISSPELT_FROM = 6


@cache
def _everyday() -> frozenset[str]:
    data = tomllib.loads((LISTS / "everyday.toml").read_text(encoding="utf-8"))
    return frozenset(fold(word) for word in data["words"])


@cache
def _heads() -> frozenset[str]:
    data = tomllib.loads((LISTS / "everyday.toml").read_text(encoding="utf-8"))
    return frozenset(fold(word) for word in data["compounds"])


class NameIndex:
    """Names by key, and by what one slip of the pen makes of them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.exact: dict[str, list[Name]] = {}
        self.slips: dict[str, set[str]] = {}
        for name in facts.names:
            self._take(name)
        self.lengths = sorted({len(key) for key in self.exact if len(key) >= MISSPELT_FROM}, reverse=True)
        self.longest = max(map(len, self.exact), default=0)

    def _take(self, name: Name) -> None:
        key = compact(name.text)
        if len(key) < SHORTEST or (not name.ours and key in _everyday()):
            return
        self.exact.setdefault(key, []).append(name)
        if name.ours and len(key) >= MISSPELT_FROM and key.isalpha():
            for slip in {key, *_deletions(key)}:
                self.slips.setdefault(slip, set()).add(key)

    def __call__(self, text: str, read: list[Word]) -> Iterable[tuple[int, int, Kind, str]]:
        place = 0
        while place < len(read):
            count, names = self._at(text, read, place)
            if names and (said := self._said(names)):
                yield read[place].start, read[place + count - 1].end, *said
            place += max(count, 1)

    def _at(self, text: str, read: list[Word], place: int) -> tuple[int, list[Name]]:
        """How many words a name takes from here, and which names it may be."""
        joined, found = "", (0, list[Name]())
        for count in range(1, JOINED + 1):
            at = place + count - 1
            if at >= len(read) or (count > 1 and not _joins(text, read[at - 1], read[at])):
                break
            joined += read[at].key
            if len(joined) > self.longest + 1:
                break
            if names := self.exact.get(joined) or self._inflected(joined):
                found = count, names
        if found[1]:
            return found
        names = self._compound(read[place].key) or self._misspelt(read[place].key)
        return 1, names

    def _inflected(self, key: str) -> list[Name]:
        return self.exact.get(key[:-1], []) if key.endswith("s") else []

    def _compound(self, key: str) -> list[Name]:
        """ "Novastattherapie": a name of six letters or more before a word that names go before."""
        for length in self.lengths:
            if len(key) > length and (names := self.exact.get(key[:length])) and key[length:] in _heads():
                return names
        return []

    def _misspelt(self, key: str) -> list[Name]:
        if not MISSPELT_FROM - 1 <= len(key) <= self.longest + 1 or not self.slips or key in _everyday():
            return []
        near: set[str] = set()
        for slip in {key, *_deletions(key)}:
            near |= {name for name in self.slips.get(slip, ()) if name[0] == key[0] and _one_slip(key, name)}
        return [name for one in sorted(near) for name in self.exact[one]]

    def _said(self, names: list[Name]) -> tuple[Kind, str] | None:
        """What is wrong with a name that stands there; nothing if any reading of it is in order."""
        facts = self.facts
        declared = [name for name in names if name.product in facts.declared]
        if not declared:
            return Kind.NAME, "own" if any(name.ours for name in names) else "other"
        if any(name.sort is not NameSort.BRAND or name.product in facts.authorised for name in declared):
            return None
        return Kind.BRAND, "brand"


def _joins(text: str, before: Word, after: Word) -> bool:
    return after.start - before.end <= 2 and "\n" not in text[before.end : after.start]


def _deletions(key: str) -> Iterable[str]:
    return (key[:at] + key[at + 1 :] for at in range(len(key)))


def _one_slip(one: str, other: str) -> bool:
    """Whether a letter was left out, doubled, changed, or two stand in the wrong order."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return any(short == left for left in _deletions(long))
    wrong = [at for at in range(len(one)) if one[at] != other[at]]
    if len(wrong) == 1:
        return True
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == other[wrong[1]]
        and one[wrong[1]] == other[wrong[0]]
    )
