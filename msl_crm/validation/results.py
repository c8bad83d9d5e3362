"""A check's result in one plain line, and the exit code of many."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """What was looked at, whether it is as it must be (None: nobody can tell from here), and what was found."""

    name: str
    fine: bool | None
    found: str = ""

    @property
    def line(self) -> str:
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[self.fine]
        return f"{mark} {self.name}" + (f": {self.found}" if self.found else "")


def told(results: Iterable[Result], *, as_json: bool) -> tuple[str, int]:
    """All lines and a last one that sums up, and the exit code: 0 fine, 1 something failed."""
    rows = list(results)
    failed = [row for row in rows if row.fine is False]
    open_ = [row for row in rows if row.fine is None]
    if as_json:
        return json.dumps([asdict(row) for row in rows], indent=2), int(bool(failed))
    last = f"{len(rows)} looked at, {len(failed)} failed, {len(open_)} not to be told from here"
    return "\n".join([*(row.line for row in rows), "", last]), int(bool(failed))


def same(name: str, wanted: Any, found: Any) -> Result:
    """Fine where both are equal; otherwise what was found, and what it should be."""
    return Result(name, wanted == found, str(found) if wanted == found else f"{found}, should be {wanted}")


def nothing(name: str, wrong: Iterable[object]) -> Result:
    """Fine where nothing is wrong; otherwise the first few that are."""
    listed = [str(each) for each in wrong]
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    return Result(name, not listed, ", ".join(listed[:8]) + more)
