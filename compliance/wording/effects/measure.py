"""How often it misses a side effect and how often it cries wolf, on sentences whose answer is known.

A line of a labelled file is a label, a tab and a sentence. `+event` and the like tell of something; `-denied`, `-talk`
and `-ordinary` tell of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..measure import Rate
from . import LANGUAGES, cues

FOLDER = Path(__file__).parent / "labelled"
TUNING, HELD_OUT = "tuning", "held_out"
TITLES = {HELD_OUT: "Held out", TUNING: "Tuned on"}
# Names the company of the sentences would know.
NAMES = ("Novastat", "novastatin", "LX", "Velkira", "velkirasib", "Ostelan", "ostelimab")


def sentences(which: str, language: str) -> list[tuple[str, str]]:
    """Label and sentence of a set."""
    lines = (FOLDER / f"{which}.{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(label, text) for label, _tab, text in (line.partition("\t") for line in lines) if text]


def wrong(which: str, language: str) -> Iterator[tuple[str, str, str]]:
    """Every miss and false alarm: what went wrong, the label, the sentence."""
    for label, text in sentences(which, language):
        if bool(cues(text, NAMES)) != label.startswith("+"):
            yield ("missed" if label.startswith("+") else "alarm"), label, text


def rates(which: str, language: str) -> dict[str, Rate]:
    """Misses among what tells of something, in all and for special situations; alarms by sort of sentence."""
    known = sentences(which, language)
    faults = list(wrong(which, language))

    def rate(fits: str, leave_out: str = "") -> Rate:
        def counts(label: str) -> bool:
            return label.startswith(fits) and label != leave_out

        return Rate(sum(counts(label) for _, label, _ in faults), sum(counts(label) for label, _ in known))

    return {
        "missed": rate("+"),
        "missed special": rate("+", "+event"),
        "denied": rate("-denied"),
        "talk": rate("-talk"),
        "ordinary": rate("-ordinary"),
    }


def table(which: str) -> str:
    """The rates of a set as the documentation prints them."""
    lines = [
        f"| {TITLES[which]} | Missed | Special situations missed | Alarm: denied | Alarm: talk | Alarm: anything else |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for language in LANGUAGES:
        lines.append(
            f"| {language} | " + " | ".join(str(rate) for rate in rates(which, language).values()) + " |"
        )
    return "\n".join(lines)
