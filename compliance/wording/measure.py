"""How often the detector misses and how often it cries wolf, on sentences whose answer is known.

A line of a labelled file is a label, a tab and a sentence. `NAME` and the like: the part in `[[ ]]` must be
marked so. `~NAME`: looks like it and is none. Whatever else is marked in a line is a false alarm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .facts import Facts, Kind, Name, NameSort
from .reader import Reader

FOLDER = Path(__file__).parent / "labelled"
LANGUAGES = ("en", "de")
TUNING, HELD_OUT, FRESH = "tuning", "held_out", "fresh"
_PART = re.compile(r"\[\[(.+?)\]\]")

# The company of the labelled sentences: one product authorised, one not, one that no record names.
_OURS = (
    ("novastat", "Novastat", "novastatin", "LX-204"),
    ("velkira", "Velkira", "velkirasib", "NL-7203"),
    ("ostelan", "Ostelan", "ostelimab", "NL-5518"),
)
_OTHERS = [
    "Eliquis",
    "apixaban",
    "Xarelto",
    "rivaroxaban",
    "Jardiance",
    "empagliflozin",
    "Forxiga",
    "dapagliflozin",
    "Keytruda",
    "pembrolizumab",
    "Repatha",
    "evolocumab",
    "Humira",
    "adalimumab",
    "Prolia",
    "denosumab",
    "Tagrisso",
    "osimertinib",
    "Entresto",
    "Insulin",
    "Oxygen",
]


@dataclass(frozen=True, slots=True)
class Sentence:
    """`parts` are where the marks of `kind` belong; `near`: it only looks like that kind."""

    text: str
    kind: Kind
    near: bool
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `of`, with Wilson's interval at 95 per cent."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        z, n, p = 1.959964, self.of, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.0%} ({self.count}/{self.of}; {low:.0%} to {high:.0%})"


@dataclass(frozen=True, slots=True)
class Measured:
    """`missed` among sentences of the kind, `alarms` among all others, `near` among those that look like it."""

    kind: Kind
    missed: Rate
    alarms: Rate
    near: Rate


def sentences(which: str, language: str) -> list[Sentence]:
    """The labelled sentences of a set in a language."""
    lines = (FOLDER / f"{which}.{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [_sentence(line) for line in lines if line]


def _sentence(line: str) -> Sentence:
    label, _tab, text = line.partition("\t")
    parts, plain, end = [], "", 0
    for match in _PART.finditer(text):
        plain += text[end : match.start()]
        parts.append((len(plain), len(plain) + len(match[1])))
        plain += match[1]
        end = match.end()
    return Sentence(plain + text[end:], Kind(label.lstrip("~")), label.startswith("~"), tuple(parts))


def facts(language: str) -> Facts:
    """What the record of the labelled sentences declares."""
    ours = [
        Name(text, sort, key)
        for key, *texts in _OURS
        for text, sort in zip(texts, NameSort, strict=True)
    ]  # fmt: skip
    return Facts(
        language=language,
        names=(*ours, *(Name(text, NameSort.BRAND, text, ours=False) for text in _OTHERS)),
        declared=frozenset({"novastat", "velkira"}),
        authorised=frozenset({"novastat", "ostelan"}),
    )


def wrong(which: str, language: str) -> Iterable[tuple[str, Kind, Sentence]]:
    """Every miss and false alarm: what went wrong, of which kind, where."""
    reader = Reader(facts(language))
    for each in sentences(which, language):
        marks = reader.marks(each.text)
        for start, end in each.parts:
            if not any(m.kind is each.kind and m.start < end and start < m.end for m in marks):
                yield "missed", each.kind, each
        belongs = set() if each.near else {each.kind}
        for kind in {mark.kind for mark in marks} - belongs:
            yield "alarm", kind, each


def measure(which: str, language: str) -> list[Measured]:
    """The rates of each kind."""
    known = sentences(which, language)
    faults = list(wrong(which, language))
    found = []
    for kind in Kind:
        have = sum(not one.near and one.kind is kind for one in known)
        near = sum(one.near and one.kind is kind for one in known)
        alarms = [one for what, of, one in faults if what == "alarm" and of is kind]
        missed = sum(what == "missed" and of is kind for what, of, _one in faults)
        found.append(
            Measured(
                kind,
                Rate(missed, have),
                Rate(len(alarms), len(known) - have),
                Rate(sum(one.near and one.kind is kind for one in alarms), near),
            )
        )
    return found


def table(which: str) -> str:
    """The rates of a set as the documentation prints them."""
    title = {HELD_OUT: "Held out", FRESH: "Written after the lists were closed", TUNING: "Tuned on"}[which]
    lines = [
        f"| {title} | Missed | Alarm where there is nothing of the kind | Alarm where it only looks like it |",
        "| --- | --- | --- | --- |",
    ]
    for language in LANGUAGES:
        for each in measure(which, language):
            if not each.missed.of:
                continue
            lines.append(f"| {language}, {each.kind} | {each.missed} | {each.alarms} | {each.near} |")
    return "\n".join(lines)
