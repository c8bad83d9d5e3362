"""One reading of a text: every list in turn, and the level of each mark in this market."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .facts import Facts, Kind, Mark
from .levels import level_of
from .names import NameIndex
from .patients import patients
from .phrases import phrases_of
from .text import Word, clean, words

# Found in a cleaned text and its words: start, end, kind, reason. A further list is a further function.
Found = tuple[int, int, Kind, str]
Search = Callable[[str, list[Word]], Iterable[Found]]


class Reader:
    """Made once for a record, asked for each of its texts."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._people = {word.key for name in facts.people for word in words(clean(name)) if len(word.key) > 2}
        self._praise = phrases_of(facts.language, promotes=facts.promotes)
        self._anywhere: tuple[Search, ...] = (NameIndex(facts), patients)

    def marks(self, text: str, *, ours: bool = True) -> list[Mark]:
        """The marks of a text in order. `ours`: we say it; a doctor's praise is not our promotion."""
        plain = clean(text)
        read = words(plain)
        searches: tuple[Search, ...] = (*self._anywhere, self._praise) if ours else self._anywhere
        found = {
            each for search in searches for each in search(plain, read) if not self._was_there(plain, each)
        }
        return sorted(
            Mark(start, end, kind, reason, level_of(self.facts.packs, kind, reason), text[start:end])
            for start, end, kind, reason in _widest(found)
        )

    def _was_there(self, text: str, found: Found) -> bool:
        """A name that looks like a patient's, of somebody who took part."""
        start, end, kind, reason = found
        if kind is not Kind.PATIENT or reason != "name" or not self._people:
            return False
        return any(word.key in self._people for word in words(text[start:end]))


def _widest(found: set[Found]) -> Iterable[Found]:
    """Of marks of one kind that overlap, the first and longest."""
    reached: dict[Kind, int] = {}
    for each in sorted(found, key=lambda f: (f[0], -f[1], f[3])):
        start, end, kind, _reason = each
        if start >= reached.get(kind, 0):
            reached[kind] = end
            yield each
