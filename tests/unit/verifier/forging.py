"""Random chains and random forgeries of them: what one person with all rights over the database could do."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.unit.verifier.chains import HASHED, chain, reseal

Seals = list[dict[str, Any]]
chains = st.integers(min_value=4, max_value=14).map(chain)


@st.composite
def forged(draw: st.DrawFn, kind: str) -> tuple[Seals, Seals]:
    """A true chain and what was made of it. They differ."""
    true = draw(chains)
    place = draw(st.integers(min_value=0, max_value=len(true) - 2))
    other = draw(st.integers(min_value=place + 1, max_value=len(true) - 1))
    return true, FORGE[kind](draw, [dict(one) for one in true], place, other)


def edit(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    """One field of one seal says another thing."""
    name = draw(st.sampled_from([*HASHED, "hash"]))
    held = seals[place][name]
    seals[place][name] = held + 1 if isinstance(held, int) else _changed(draw, held)
    return seals


def insert(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    made = {**seals[place], "key": 1000 + place, "sequence": place + 2}
    return _renumbered([*seals[: place + 1], made, *seals[place + 1 :]], draw(st.booleans()))


def delete(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    return _renumbered([*seals[:place], *seals[place + 1 :]], draw(st.booleans()))


def reorder(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    seals[place], seals[other] = seals[other], seals[place]
    return _renumbered(seals, draw(st.booleans()))


def cut(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    return seals[:other]


def rewrite(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    """One payload changed and the whole chain computed anew: in itself it is unbroken."""
    said = json.loads(seals[place]["payload"])
    seals[place]["payload"] = json.dumps({**said, "verb": _changed(draw, said["verb"])})
    return reseal(seals)


def duplicate(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    """The same row sealed a second time, at the end, with a whole chain to it."""
    return reseal([*seals, seals[place]])


def salts(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    seals[place]["salt"], seals[other]["salt"] = seals[other]["salt"], seals[place]["salt"]
    return seals


def payload(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    """Taken away, whole or by half, without an erasure that says so."""
    for name in draw(st.sampled_from([("salt",), ("payload",), ("salt", "payload")])):
        seals[place][name] = None
    return seals


def text(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    seals[place]["payload"] = _changed(draw, seals[place]["payload"])
    return seals


def tail(draw: st.DrawFn, seals: Seals, place: int, other: int) -> Seals:
    """Sealed anew from some place on, with another actor there."""
    seals[place]["actor"] = "somebody else"
    return [*seals[:place], *reseal(seals)[place:]]


FORGE = {
    "edit": edit, "insert": insert, "delete": delete, "reorder": reorder, "cut": cut, "rewrite": rewrite,
    "duplicate": duplicate, "salts": salts, "payload": payload, "text": text, "reseal": tail,
}  # fmt: skip


def _changed(draw: st.DrawFn, words: str) -> str:
    """One character more, one less, or another one."""
    at = draw(st.integers(min_value=0, max_value=len(words) - 1))
    letter = "x" if words[at] != "x" else "y"
    before, after = words[:at], words[at + 1 :]
    return draw(st.sampled_from([before + letter + words[at:], before + after, before + letter + after]))


def _renumbered(seals: Seals, tidy: bool) -> Seals:
    """With the numbers put right, if whoever did it was tidy."""
    return [{**one, "sequence": number} for number, one in enumerate(seals, 1)] if tidy else seals
