"""Processes by pid and start time, so that a recycled pid is never mistaken for one of ours."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.console import Failure

PROC = Path("/proc")


def started_at(pid: int) -> str | None:
    """When the process began, in the system's own words; None when it is gone or a zombie."""
    if PROC.joinpath("self/stat").exists():
        try:
            fields = PROC.joinpath(str(pid), "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    asked = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, began = asked.stdout.strip().partition(" ")
    return began.strip() if began and not state.startswith("Z") else None


def processes_inside(folder: Path) -> list[int]:
    """The pids that have the folder as their working directory (Linux; elsewhere none are found)."""
    inside = []
    for entry in PROC.glob("[0-9]*") if PROC.exists() else ():
        try:
            if (entry / "cwd").readlink() == folder:
                inside.append(int(entry.name))
        except OSError:
            continue
    return inside


def end(pid: int, began: str | None, *, group: bool = False, patience: float = 8.0) -> None:
    """Asks the process to end, and kills it after `patience` seconds."""
    send = os.killpg if group else os.kill
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 3.0)):
        if began is None or started_at(pid) != began:
            return
        try:
            send(pid, number)
        except ProcessLookupError:
            return
        wait_until(lambda: started_at(pid) != began, seconds)


def wait_until(done: object, seconds: float) -> bool:
    """True as soon as `done()` is; False after the given seconds."""
    deadline = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def locked(path: Path, *, wait: bool = True, otherwise: str = "") -> Iterator[None]:
    """Holds a lock file. The system frees it when the holder dies, however it dies."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Failure(otherwise or f"{path.name} is held by another run.") from None
        yield
