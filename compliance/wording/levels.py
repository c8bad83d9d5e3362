"""How much a mark weighs: what all markets share, and what the packs of rules in force say otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from .facts import Kind, Level

STRICTNESS = (Level.HINT, Level.EXPLAIN, Level.BLOCK)


@cache
def _common() -> dict[str, str]:
    path = Path(__file__).parent / "lists" / "levels.toml"
    found: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["common"]
    return found


def level_of(packs: Iterable[Mapping[str, str]], kind: Kind, reason: str) -> Level:
    """The strictest level of a reason among the packs in force; a kind nobody weighed asks for a reason."""
    each = [_common() | dict(pack) for pack in packs] or [_common()]
    levels = (Level(one.get(f"{kind}.{reason}") or one.get(str(kind)) or Level.EXPLAIN) for one in each)
    return max(levels, key=STRICTNESS.index)
