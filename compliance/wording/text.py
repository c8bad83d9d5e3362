"""A text as the detector reads it: words folded, each with its place in the original.

Folding makes "Müller", "Muller" and "Mueller" one, and drops what nobody sees (soft hyphens, joiners).
Everything here takes time in proportion to the text, whatever stands in it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 20_000
JOINED = 6
_HIDDEN = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"
_WORD = re.compile(rf"[^\W_]+(?:[{_HIDDEN}]+[^\W_]*)*")
_ENDS = re.compile(r"[.!?;\n]\s|[\n]")


@dataclass(frozen=True, slots=True)
class Word:
    """`key` is folded; `first` says that a sentence begins here."""

    key: str
    start: int
    end: int
    first: bool


def clean(text: str) -> str:
    """The same text, as long as before, without NUL, surrogates and other control characters."""
    text = text[:LONGEST]
    if text.isprintable():
        return text
    return "".join(
        one if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs", "Co", "Cn") else " "
        for one in text
    )


def fold(word: str) -> str:
    """One spelling for all: no case, no accents, "ue" as "u" because "ü" is."""
    word = word.casefold()
    if not word.isascii():
        word = "".join(one for one in unicodedata.normalize("NFKD", word) if one.isalnum())
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def words(text: str) -> list[Word]:
    """The words of a cleaned text in order."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        first = not found or (len(between) > 1 and _ENDS.search(between) is not None) or "\n" in between
        if key := fold(match[0]):
            found.append(Word(key, match.start(), match.end(), first))
        end = match.end()
    return found


def first_keys(*texts: str) -> set[str]:
    """Every key under which a name that occurs in these texts may begin: to look names up in a large table."""
    found = {word.key for text in texts for word in words(clean(text))}
    return found | {key[:-1] for key in found if key.endswith("s") and len(key) > 3}


def compact(name: str) -> str:
    """A name without what stands between its parts: "NL-7203", "NL 7203" and "NL7203" are one."""
    return "".join(word.key for word in words(clean(name)))
