"""A small stub product in a folder of its own, with the real dev.py beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUB = Path(__file__).with_name("stub")
TOOLING = (
    "dev.py",
    "devtools",
    "deploy",
    "requirements.txt",
    "requirements-local.txt",
    "requirements-dev.txt",
)


@dataclass
class Checkout:
    """A copy of the tooling with the stub product, driven as a person would: by its words."""

    root: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def say(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "dev.py", *words]
        return subprocess.run(
            command,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )

    def up(self, *words: str) -> tuple[subprocess.Popen[str], str]:
        """Starts `dev.py up` and waits until it prints its address, which is returned."""
        process = subprocess.Popen(
            [sys.executable, "dev.py", "up", *words],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        seen = []
        for line in process.stdout or ():
            seen.append(line)
            if "MSL CRM is up: " in line:
                return process, line.split("up: ")[1].strip()
        pytest.fail("dev.py up ended early:\n" + "".join(seen))


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """A fresh checkout in a path with spaces; whatever it started is ended afterwards."""
    root = tmp_path / "my first checkout"
    shutil.copytree(STUB, root)
    for name in TOOLING:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, root / name)
    # The packages are the same ones; installing them again would only take time.
    (root / ".venv").symlink_to(sys.prefix)
    made = Checkout(root)
    yield made
    made.say("reset", "--yes")
    for process in made.started:
        process.kill()
        process.communicate()
