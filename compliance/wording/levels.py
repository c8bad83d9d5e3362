"""How much a mark weighs in a market. The one place that reads the switch."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from .facts import Kind, Level


@cache
def _levels() -> dict[str, dict[str, str]]:
    path = Path(__file__).parent / "lists" / "levels.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    common: dict[str, str] = data["common"]
    return {"": common} | {market: common | own for market, own in data.get("market", {}).items()}


def level_of(market: str, kind: Kind, reason: str) -> Level:
    """The level of a reason in a market, else of its kind; a kind nobody weighed asks for a reason."""
    held = _levels().get(market) or _levels()[""]
    return Level(held.get(f"{kind}.{reason}") or held.get(str(kind)) or Level.EXPLAIN)
