"""The private servers: found again after every kind of death, and closed to everybody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.console import Failure
from devtools.places import own_folder
from tests.tooling.conftest import Checkout

HOLD = """
from devtools.services import TEST
TEST.start()
print(TEST.postgres.data, TEST.postgres.sockets, TEST.valkey.path, sep="\\n")
"""


def start(checkout: Checkout) -> list[Path]:
    """Starts the test servers; returns the data folder, PostgreSQL's socket folder and Valkey's socket."""
    done = subprocess.run(
        [sys.executable, "-c", HOLD], cwd=checkout.root, capture_output=True, text=True, check=True
    )
    return [Path(line) for line in done.stdout.splitlines()]


def test_several_starts_at_once_make_one_server(checkout: Checkout) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", HOLD], cwd=checkout.root, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = {process.communicate()[0] for process in starts}
    assert [process.returncode for process in starts] == [0, 0, 0, 0]
    assert len(said) == 1


def test_a_stale_lock_file_of_a_stranger_does_not_hinder(checkout: Checkout) -> None:
    data, sockets, _ = start(checkout)
    pid_file = data / "postmaster.pid"
    words = pid_file.read_text()
    checkout.say("stop")
    for stale in (pid_file, sockets / ".s.PGSQL.5432.lock"):
        stale.write_text(words.replace(words.split()[0], str(os.getpid()), 1))
    start(checkout)
    assert pid_file.read_text().split()[0] != str(os.getpid())


def test_nobody_else_reaches_the_sockets(checkout: Checkout) -> None:
    data, sockets, valkey = start(checkout)
    assert sockets.stat().st_mode & 0o077 == 0
    assert valkey.stat().st_mode & 0o077 == 0
    assert data.parent.stat().st_mode & 0o077 == 0
    assert len(os.fsencode(sockets / ".s.PGSQL.5432")) < 104


def test_a_prepared_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Failure, match="not a folder of your own"):
        own_folder(tmp_path / "state", 0o700)
