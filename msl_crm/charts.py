"""Geometry of the small charts: numbers in, lengths and steps out, as text for SVG attributes.

Lengths are per cent of the drawing unless said otherwise. A total of nothing gives an empty drawing, no error.
"""

from __future__ import annotations

from bisect import bisect_right
from math import cos, pi, sin
from typing import Any

LAENDER = {
    "SH": (1, 0), "HH": (2, 0), "MV": (3, 0),
    "HB": (0, 1), "NI": (1, 1), "ST": (2, 1), "BE": (3, 1), "BB": (4, 1),
    "NW": (0, 2), "HE": (1, 2), "TH": (2, 2), "SN": (3, 2),
    "RP": (0, 3), "BW": (1, 3), "BY": (2, 3),
    "SL": (0, 4),
}  # fmt: skip
LAENDER_NAMES = {
    "BB": "Brandenburg", "BE": "Berlin", "BW": "Baden-Württemberg", "BY": "Bayern", "HB": "Bremen",
    "HE": "Hessen",
    "HH": "Hamburg", "MV": "Mecklenburg-Vorpommern", "NI": "Niedersachsen", "NW": "Nordrhein-Westfalen",
    "RP": "Rheinland-Pfalz", "SH": "Schleswig-Holstein", "SL": "Saarland", "SN": "Sachsen",
    "ST": "Sachsen-Anhalt", "TH": "Thüringen",
}  # fmt: skip
SPARK_WIDTH, SPARK_HEIGHT = 66, 20
WEEK_ROOM = 6
DRAWN_NEIGHBOURS = 8


def percent(value: float, total: float) -> str:
    """A share as text between 0 and 100, with a point whatever the language."""
    share = 100 * value / total if total else 0.0
    return _text(min(max(share, 0.0), 100.0))


def _text(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def meter(value: float, *, goal: float | None, total: float, tone: str) -> dict[str, Any]:
    """Amber below the goal and green from it on, unless a tone is given."""
    reached = goal is None or value >= goal
    return {
        "width": percent(value, total),
        "goal": percent(goal, total) if goal is not None else "",
        "tone": tone or ("green" if reached else "amber"),
    }


def sparkline(points: list[float]) -> str:
    """Points of a line in a box of 66 by 20, with a margin of two."""
    if len(points) < 2:
        return ""
    low, high = min(points), max(points)
    room = (high - low) or 1
    step = (SPARK_WIDTH - 4) / (len(points) - 1)
    places = [
        (2 + i * step, SPARK_HEIGHT - 3 - (point - low) / room * (SPARK_HEIGHT - 6))
        for i, point in enumerate(points)
    ]
    return " ".join(f"{_text(x)},{_text(y)}" for x, y in places)


def bars(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each bar against the longest; the first is the strongest blue."""
    longest = max((item["value"] for item in items), default=0)
    return [
        {
            **item,
            "width": percent(item["value"], longest),
            "fill": item.get("tone") or ("blue" if i == 0 else "heat-3"),
        }
        for i, item in enumerate(items)
    ]


def stacked(rows: list[dict[str, Any]], legend: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row fills the whole width; the numbers stand inside where they fit."""
    kinds = [entry["kind"] for entry in legend]
    return [{**row, "parts": _slices(row["parts"], kinds)} for row in rows]


def parts(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    slices = _slices([item["value"] for item in items], [item["kind"] for item in items])
    return [{**item, **cut} for item, cut in zip(items, slices, strict=True)]


def _slices(values: list[float], kinds: list[str]) -> list[dict[str, Any]]:
    total, at, cuts = sum(values), 0.0, []
    for value, kind in zip(values, kinds, strict=True):
        cuts.append(
            {
                "value": value,
                "kind": kind,
                "x": percent(at, total),
                "width": percent(value, total),
                "middle": percent(at + value / 2, total),
                "fits": bool(total) and value / total > 0.045,
                "ink": kind.removeprefix("heat-") if kind.startswith("heat-") else "solid",
            }
        )
        at += value
    return cuts


def tiles(
    values: dict[str, Any], steps: list[float], url: str, names: dict[str, str] | None = None
) -> dict[str, Any]:
    """The sixteen Länder as a grid when all codes belong to it; anything else as bars by name, largest first."""
    codes = {code.removeprefix("DE-"): value for code, value in values.items()}
    if not codes or not codes.keys() <= LAENDER.keys():
        items = [
            {
                "label": (names or {}).get(code, code),
                "value": value or 0,
                "url": f"{url}{code}" if url else "",
            }
            for code, value in values.items()
        ]
        return {"bars": bars(sorted(items, key=lambda item: -item["value"])), "tiles": []}
    lowest = sorted(value for value in codes.values() if value is not None)[:2]
    drawn = [
        {
            "code": code,
            "name": LAENDER_NAMES[code],
            "value": codes.get(code),
            "step": _step(codes.get(code), steps),
            "column": column,
            "line": line,
            "low": codes.get(code) in lowest,
            # A list knows the region by its whole ISO 3166-2 code.
            "url": f"{url}DE-{code}" if url else "",
        }
        for code, (column, line) in LAENDER.items()
    ]
    return {"tiles": drawn, "bars": [], "under": steps[0], "over": steps[-1]}


def _step(value: float | None, steps: list[float]) -> int:
    return 0 if value is None else bisect_right(steps, value)


def heat(
    *,
    columns: list[Any],
    rows: list[dict[str, Any]],
    steps: list[float],
    caption: object = "",
    corner: object = "",
    **more: Any,
) -> dict[str, Any]:
    drawn = [{**row, "cells": [{"value": v, "step": _step(v, steps)} for v in row["values"]]} for row in rows]
    return {"columns": columns, "rows": drawn, "caption": caption, "corner": corner, **more}


def week(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One small bar per visit, from the bottom up; more than six are told by the number alone."""
    return [
        {
            **day,
            "bars": [{"y": 44 - 8 * i} for i in range(min(day["count"], WEEK_ROOM))],
            "tone": day.get("tone", "idle"),
        }
        for day in days
    ]


def network(name: object, nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The person in the middle, neighbours on an ellipse, lines as thick as what they share.

    The drawing is 320 by 190.
    """
    drawn = nodes[:DRAWN_NEIGHBOURS]
    heaviest = max((node.get("weight", 1) for node in drawn), default=1) or 1
    placed = []
    for i, node in enumerate(drawn):
        angle = -pi / 2 + pi / max(len(drawn), 1) + 2 * pi * i / max(len(drawn), 1)
        placed.append(
            {
                **node,
                "x": _text(160 + 112 * cos(angle)),
                "y": _text(95 + 68 * sin(angle)),
                "thick": _text(1 + 3 * node.get("weight", 1) / heaviest),
            }
        )
    return {"name": name, "drawn": placed, "nodes": nodes}
