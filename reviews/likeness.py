"""Which texts of one author are much like another of hers: shared runs of three words, plain Python."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

Key = TypeVar("Key")
# Shorter texts are alike by nature; each text is compared with so many before it.
ENOUGH_WORDS = 8
BACK = 50
ALIKE = 0.8
_WORD = re.compile(r"\w+")


def runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every three words in a row, small; nothing for a short text."""
    words = _WORD.findall(text.casefold())
    return (
        frozenset(zip(words, words[1:], words[2:], strict=False))
        if len(words) >= ENOUGH_WORDS
        else frozenset()
    )


def alike(texts: Sequence[tuple[Key, str]]) -> set[Key]:
    """The keys of texts that share four fifths of their runs with one nearby in the list."""
    found: set[Key] = set()
    known = [(key, runs(text)) for key, text in texts]
    for place, (key, own) in enumerate(known):
        for other, theirs in known[max(0, place - BACK) : place]:
            if own and theirs and len(own & theirs) >= ALIKE * len(own | theirs):
                found |= {key, other}
    return found
