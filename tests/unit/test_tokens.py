"""Colours are readable in both themes: every pair that pages put together, measured (A5)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKEN = re.compile(r"--x-([\w-]+): (#[0-9a-f]{3,6});")
TONES = ("plum", "green", "amber", "red", "slate")
# What is written in, and on what; 4.5 to 1 is asked of text.
TEXT = [
    *((ink, ground) for ink in ("text", "text-2", "text-3") for ground in ("canvas", "surface", "sunken")),
    *((f"{tone}-text", f"{tone}-tint") for tone in (*TONES, "blue")),
    *((f"{tone}-text", ground) for tone in (*TONES, "blue") for ground in ("surface", "canvas")),
    *(("on-solid", tone) for tone in ("plum", "green", "amber", "red")),
    ("on-blue", "blue"),
    *((f"heat-ink-{step}", f"heat-{step}") for step in range(5)),
    ("on-float", "float"),
    ("on-toast", "toast"),
    ("toast-link", "toast"),
    ("text-2", "blue-tint"),
    ("text", "blue-tint"),
]
# What is not text but has to be seen: borders of controls, rings, marks; 3 to 1.
MARKS = [
    *(("ctl", ground) for ground in ("surface", "canvas", "sunken")),
    *((tone, "surface") for tone in TONES),
    ("blue-text", "surface"),
    ("blue-text", "canvas"),
]


def tokens(theme: str) -> dict[str, str]:
    css = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
    light, dark = (
        css.split("@media screen {")[0],
        css.split("@media screen {")[1].split("@media (max-width")[0],
    )
    found = dict(TOKEN.findall(light))
    return found if theme == "light" else {**found, **dict(TOKEN.findall(dark))}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_measure_is_the_one_of_the_guidelines():
    assert contrast("#fff", "#000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_read_on_every_ground_it_stands_on(theme):
    known = tokens(theme)
    weak = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in TEXT}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_rings_and_marks_are_seen(theme):
    known = tokens(theme)
    weak = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in MARKS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_colours_come_from_the_tokens_alone():
    css = (ROOT / "static/css/app.css").read_text(encoding="utf-8").split("@media print")[0]
    strange = [line.strip()[:90] for line in css.splitlines() if re.search(r"#[0-9a-fA-F]{3,6}\b", line)]
    known = [line for line in strange if "x-selbar" in line or "@page" in line or "[data-bs-theme=" in line]
    assert [
        line for line in strange if line not in known and "url(" not in line and "#keys" not in line
    ] == []
