"""The ceiling of the chain: how many rows a second are sealed, and how many are verified."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from accounts.acting import acting_as, system
from compliance import audit, chain
from compliance.verifier.verify_trail import Trail
from msl_crm.benchmark.databases import working_on

AT_ONCE = 500


@dataclass(frozen=True)
class Rates:
    """Rows a second, each measured alone on an otherwise idle database."""

    rows: int
    written: float
    sealed: float
    verified: float

    def lines(self) -> list[str]:
        million = 1_000_000 / self.verified if self.verified else 0.0
        return [
            f"Chain of {self.rows:,} entries: {self.written:,.0f} a second written, {self.sealed:,.0f} a second sealed",
            f"Verified at {self.verified:,.0f} a second: a million in {million:,.0f} s",
        ]


def rates(database: str, rows: int) -> Rates:
    """Write, seal and verify so many entries, as the web role."""
    with working_on(database, "crm_web"):
        chain.seal()
        written = _timed(lambda: _write(rows))
        sealed = _timed(lambda: chain.seal())
        with acting_as(system("measure the chain")):
            trail = Trail()
            verified = _timed(lambda: chain.check(trail))
            if trail.problems:
                raise RuntimeError(f"The chain is broken: {trail.problems[:3]}")
    return Rates(rows, rows / written, rows / sealed, trail.count / verified)


def _write(rows: int) -> None:
    for start in range(0, rows, AT_ONCE):
        with acting_as(system("measure the chain")):
            few = min(AT_ONCE, rows - start)
            audit.record_all(
                [{"verb": "measured", "by": None, "words": f"entry {start + n}"} for n in range(few)]
            )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
