"""Processes by pid and start time, so that a recycled pid is never mistaken for one of ours."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from devtools.console import Failure

PROC = Path("/proc")
LEASH = Path(__file__).with_name("leash.py")


def started_at(pid: int) -> str | None:
    """When the process began, in the system's own words; None when it is gone or a zombie."""
    if PROC.joinpath("self/stat").exists():
        fields = _stat(pid)
        return None if not fields or fields[0] in "ZX" else fields[19]
    asked = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, began = asked.stdout.strip().partition(" ")
    return began.strip() if began and not state.startswith("Z") else None


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, group, …"""
    try:
        return PROC.joinpath(str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def processes_inside(folder: Path) -> list[int]:
    """The pids that have the folder as their working directory (Linux; elsewhere none are found)."""
    inside = []
    for entry in PROC.glob("[0-9]*") if PROC.exists() else ():
        with suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                inside.append(int(entry.name))
    return inside


def start_leashed(
    command: Sequence[str | Path], *, env: dict[str, str], cwd: Path, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Starts a child in a group of its own, out of reach of Ctrl-C, that does not outlive this process."""
    leash: list[str | Path] = (
        [sys.executable, "-I", "-S", LEASH, str(os.getpid())] if sys.platform == "linux" else []
    )
    return subprocess.Popen(
        [*leash, *command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def end_groups(leaders: dict[int, str], cwd: Path, patience: float = 8.0) -> None:
    """Ends process groups, given their leaders' pids and start times: politely, then by force."""
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 3.0)):
        alive = [pid for pid, began in leaders.items() if _group(pid, began, cwd)]
        for pid in alive:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)
        if wait_until(lambda: not any(_group(pid, began, cwd) for pid, began in leaders.items()), seconds):
            return


def _group(leader: int, began: str, cwd: Path) -> list[int]:
    """The living members of the group; of a group whose leader is dead, those that work in our folder."""
    found = started_at(leader)
    if found is not None and found != began:
        return []
    if not PROC.exists():
        return [leader] if found else []
    members = [leader] if found else []
    for pid in processes_inside(cwd):
        fields = _stat(pid)
        if fields and fields[0] not in "ZX" and fields[2] == str(leader):
            members.append(pid)
    return members


def wait_until(done: Callable[[], object], seconds: float) -> bool:
    """True as soon as `done()` is; False after the given seconds."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def locked(path: Path, *, wait: bool = True, otherwise: str = "", remedy: str = "") -> Iterator[None]:
    """Holds a lock file. The system frees it when the holder dies, however it dies."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Failure(otherwise or f"{path.name} is held by another run.", remedy) from None
        yield


def run_logged(
    command: Sequence[str | Path], log: Path, *, env: dict[str, str], cwd: Path, remedy: str
) -> None:
    """Runs a program to its end with its output in a log; on failure shows the end of it."""
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        begin = out.tell()
        done = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        with log.open("rb") as written:
            written.seek(begin)
            tail = "\n".join(written.read().decode(errors="replace").strip().splitlines()[-15:])
        name = " ".join(Path(str(part)).name for part in command[:3])
        raise Failure(f"`{name} …` ended with code {done.returncode}:\n{tail}", f"{remedy} Log: {log}")
