"""From a frame and a seed to a sample: plain Python, the same on every machine (R-151).

Nothing here knows a database, a clock or chance. The order is that of SHA-256, so that anybody can repeat a draw with
the standard library of any language. What this version draws stays as it is; another way gets another number.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

VERSION = "1"
RANDOM = "random"
# What is looked at without exception, and what makes another look more likely, with its weight.
ALWAYS = (
    "deviation", "boundary_window", "very_late", "date_moved", "joint_visit", "initiator_changed", "siuu",
    "preclear", "value_above_cap", "words_kept",
)  # fmt: skip
WEIGHTS = {
    "new_staff": 2, "past_findings": 3, "reactive_share": 3, "similar_text": 2, "batch_logging": 2, "odd_hours": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record of the frame, as it stood when the frame was taken.

    `group` is whose records are drawn from together: one person's of one quarter. `always` and `risk` are codes.
    """

    kind: str
    id: str
    group: str
    version: int = 1
    always: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()

    def to_json(self) -> list[Any]:
        return [self.kind, self.id, self.group, self.version, list(self.always), list(self.risk)]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Entry:
        kind, pk, group, version, always, risk = data
        return cls(kind=kind, id=pk, group=group, version=version, always=tuple(always), risk=tuple(risk))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How much is drawn by chance: so many in a hundred of each group and at least so many (PP-11)."""

    percent: int
    at_least: int

    def of(self, size: int) -> int:
        """Rounded up, and never more than there are."""
        return min(size, max(self.at_least, -(-size * self.percent // 100)))


def frame_to_json(frame: Iterable[Entry]) -> list[list[Any]]:
    """The frame in the one order in which it is kept and hashed."""
    return [entry.to_json() for entry in sorted(frame, key=lambda entry: (entry.kind, entry.id))]


def fingerprint(frame: list[list[Any]]) -> str:
    """SHA-256 of the frame as JSON without blanks."""
    return sha256(json.dumps(frame, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def draw(
    frame: Sequence[Entry], seed: str, rates: Rates, version: str = VERSION
) -> dict[str, tuple[str, ...]]:
    """Which records are looked at, each with every reason why, in the order in which they are shown.

    All that is always looked at; of each group so many by chance, out of the whole group; and of what carries a risk
    so many in a hundred of the frame, the more likely the more it weighs.
    """
    if version != VERSION:
        raise ValueError(f"version {version} of the draw is not known")
    reasons: dict[str, list[str]] = {entry.id: list(entry.always) for entry in frame if entry.always}
    for entry in _by_chance(frame, seed, rates):
        reasons.setdefault(entry.id, []).append(RANDOM)
    for entry in _by_risk(frame, seed, rates):
        reasons.setdefault(entry.id, []).extend(entry.risk)
    order = sorted(reasons, key=lambda pk: _number(seed, "order", pk))
    return {pk: tuple(reasons[pk]) for pk in order}


def _by_chance(frame: Sequence[Entry], seed: str, rates: Rates) -> Iterable[Entry]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in frame:
        groups[entry.group].append(entry)
    for group in sorted(groups):
        ranked = sorted(groups[group], key=lambda entry: _number(seed, RANDOM, entry.id))
        yield from ranked[: rates.of(len(ranked))]


def _by_risk(frame: Sequence[Entry], seed: str, rates: Rates) -> Iterable[Entry]:
    risky = [entry for entry in frame if entry.risk]
    ranked = sorted(risky, key=lambda entry: _first_of(seed, entry.id, weight(entry)))
    return ranked[: -(-len(frame) * rates.percent // 100)]


def weight(entry: Entry) -> int:
    return sum(WEIGHTS[code] for code in entry.risk)


def _first_of(seed: str, pk: str, tickets: int) -> int:
    """A record that weighs three holds three tickets; the first of them counts. Whole numbers only."""
    return min(_number(seed, f"risk {ticket}", pk) for ticket in range(tickets))


def _number(seed: str, what: str, pk: str) -> int:
    return int.from_bytes(sha256(f"{seed}|{what}|{pk}".encode()).digest(), "big")
