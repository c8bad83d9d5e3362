"""Children that die come back, ever more slowly; stubborn ones are ended all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.console import Failure
from devtools.processes import end_groups, locked, run_logged, started_at, wait_until
from devtools.supervisor import LONGEST_PAUSE, Child


def test_the_pause_grows_with_every_early_death(tmp_path: Path) -> None:
    child = Child("example", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
    pauses = []
    for _ in range(7):
        child.due = 0
        assert child.look(), "started again once the pause is over"
        process = child.process
        assert process is not None
        process.wait()
        assert not child.look(), "not at once"
        pauses.append(child.pause)
    assert pauses == sorted(pauses)
    assert pauses[0] == 2.0
    assert pauses[-1] == LONGEST_PAUSE


def test_a_stubborn_process_and_its_children_are_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
    deaf += "; [signal.pause() for _ in range(9)]"
    process = subprocess.Popen(
        [sys.executable, "-c", deaf], cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "deaf\n"
    began = started_at(process.pid)
    assert began is not None
    end_groups({process.pid: began}, tmp_path, patience=0.2)
    assert process.wait(5) != 0
    process.stdout.close()


def test_a_recycled_pid_is_left_alone(tmp_path: Path) -> None:
    end_groups({os.getpid(): "long ago"}, tmp_path, patience=0.1)
    assert started_at(os.getpid())


def test_a_zombie_counts_as_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    assert wait_until(lambda: started_at(process.pid) is None, 10)
    process.wait()


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with locked(path), pytest.raises(Failure, match="busy"), locked(path, wait=False, otherwise="busy"):
        pytest.fail("two held the lock")


def test_a_failed_command_shows_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(4)"]
    with pytest.raises(Failure, match="the reason") as failure:
        run_logged(command, tmp_path / "a.log", env=dict(os.environ), cwd=tmp_path, remedy="Do this.")
    assert failure.value.remedy.startswith("Do this.")
