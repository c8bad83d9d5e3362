"""Policy packs: what one market demands, in versions, as data beside this module (R-014, R-160).

A version states which families demand a fact at all (its *demands*), numbers and words other than the
defaults (2.2), and cells other than the matrix's. A pack without a version, as in receipts older than
the packs, demands what all markets share and nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..facts import Act
from ..matrix import ROWS, Cell, Key, expand
from ..parameters import PARAMETERS

FOLDER = Path(__file__).parent

# What a version may demand, with the rule it comes from.
DEMANDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "joint_visits": "R-061",
        "prompted": "R-045",
        "siuu": "R-046",
        "training_window": "R-070",
        "product_training": "R-072",
        "qualification_field": "R-072",
        "qualification_medical": "R-072",
        "call_frequency": "R-077",
        "materials": "R-080",
        "samples": "R-085",
        "meals_in_practice": "R-086",
        "consent": "R-091",
        "objections": "R-093",
        "do_not_contact": "R-094",
        "informed": "R-095",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A demand, an override or a number of a version, in the words of its source."""

    rule: str
    text: str
    source: str
    demands: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One version of one market."""

    market: str = ""
    version: str = ""
    what: str = ""
    rules: tuple[Rule, ...] = ()
    demands: frozenset[str] = frozenset()
    parameters: Mapping[str, int] = field(default_factory=lambda: PARAMETERS)
    cells: Mapping[Key, Cell] = field(default_factory=dict)
    overrides: tuple[tuple[str, str, str], ...] = ()
    consent: Mapping[str, str] = field(default_factory=dict)
    meal_cap: tuple[str, str] | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    passing: tuple[Mapping[str, Any], ...] = ()
    failing: tuple[Mapping[str, Any], ...] = ()


BASE = Pack()


class NotAPack(ValueError):
    """A pack's file says something nobody has defined."""


def _read(market: str, data: Mapping[str, Any]) -> Pack:
    rules = tuple(Rule(**{key: rule[key] for key in rule}) for rule in data.get("rule", ()))
    demands = frozenset(rule.demands for rule in rules if rule.demands)
    numbers = data.get("parameters", {})
    overrides = tuple((each["rule"], each["column"], each["cell"]) for each in data.get("override", ()))
    for what, strange in (("demand", demands - set(DEMANDS)), ("parameter", set(numbers) - set(PARAMETERS))):
        if strange:
            raise NotAPack(f"{market} {data['version']}: unknown {what} {sorted(strange)}")
    meal = data.get("meal")
    return Pack(
        market=market,
        version=data["version"],
        what=data["what"],
        rules=rules,
        demands=demands,
        parameters=MappingProxyType({**PARAMETERS, **numbers}),
        cells=MappingProxyType(_cells(overrides)),
        overrides=overrides,
        consent=MappingProxyType(dict(data.get("consent", {}))),
        meal_cap=(meal["cap"], meal["currency"]) if meal else None,
        words=MappingProxyType(dict(data.get("words", {}))),
        passing=tuple(data.get("pass", ())),
        failing=tuple(data.get("fail", ())),
    )


def _cells(overrides: tuple[tuple[str, str, str], ...]) -> dict[Key, Cell]:
    """The keys of the matrix that differ once these columns of these rows say something else."""
    by_rule: dict[str, dict[str, Any]] = {}
    for rule, column, cell in overrides:
        by_rule.setdefault(rule, {})[column] = cell
    rows = {row.rule: row for row in ROWS}
    before = dict(expand(rows[rule] for rule in by_rule))
    after = expand(rows[rule]._replace(**columns) for rule, columns in by_rule.items())
    return {key: cell for key, cell in after if before[key] != cell}


@cache
def packs() -> Mapping[tuple[str, str], Pack]:
    """Every version there is, by market and version, in the order of the files."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for data in tomllib.loads(path.read_text())["versions"]:
            found[path.stem, data["version"]] = _read(path.stem, data)
    return MappingProxyType(found)


def versions(market: str) -> tuple[Pack, ...]:
    """The versions of a market, oldest first; none if nobody has written one."""
    return tuple(pack for (of, _), pack in packs().items() if of == market)


def pack_of(act: Act, market: str) -> Pack:
    """The version in force in a market at the event; what all markets share where none is named."""
    version = dict(act.pack_versions).get(market, "")
    return packs().get((market, version), BASE) if version else BASE
