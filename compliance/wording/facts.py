"""What the detector is told beside the text, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a mark is about. A further list (side effects, say) is a further kind."""

    NAME = "NAME"
    BRAND = "BRAND"
    PROMOTION = "PROMOTION"
    PATIENT = "PATIENT"


class Level(StrEnum):
    """What follows from a mark: nothing, a reason, or another text."""

    HINT = "hint"
    EXPLAIN = "explain"
    BLOCK = "block"


class NameSort(StrEnum):
    BRAND = "BRAND"
    INN = "INN"
    CODE = "CODE"


@dataclass(frozen=True, slots=True)
class Name:
    """A word for a medicine. `product` is any key that tells one product from another."""

    text: str
    sort: NameSort
    product: str
    ours: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the author's side may know, and what her record says of itself.

    `names` must hold only names this person may know: a mark on a word tells that the word is a name.
    `packs` hold what the rules in force say of levels.
    `declared` are products the record names as topics, `authorised` those with an authorisation in the
    market at the event. `promotes`: field service about what is open, where praise is lawful in itself.
    `people` are the names of those who were there: no patients.
    """

    packs: tuple[Mapping[str, str], ...] = ()
    language: str = "en"
    names: tuple[Name, ...] = ()
    declared: frozenset[str] = frozenset()
    authorised: frozenset[str] = frozenset()
    promotes: bool = False
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the text, from `start` to before `end`, and why it stands out."""

    start: int
    end: int
    kind: Kind
    reason: str
    level: Level
    words: str
