"""What a piece of work has cost: the wait, and the processor time of this process and of its database session.

On a busy machine the wait tells about the machine; processor time tells about the work.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass
class Spent:
    """Seconds. `database` is None where the server is not on this machine, or does not tell."""

    wait: float = 0.0
    here: float = 0.0
    database: float | None = None

    @property
    def cpu(self) -> float:
        return self.here + (self.database or 0.0)

    def __str__(self) -> str:
        there = f", {self.database:.2f} s in the database" if self.database is not None else ""
        return f"{self.here:.2f} s of CPU{there}"


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure the block; its connection has to be the same at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = cursor.fetchone()[0]
    spent, before = Spent(), _seconds(session)
    began, used = time.perf_counter(), time.process_time()
    yield spent
    spent.wait, spent.here = time.perf_counter() - began, time.process_time() - used
    after = _seconds(session)
    spent.database = after - before if before is not None and after is not None else None


def _seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
