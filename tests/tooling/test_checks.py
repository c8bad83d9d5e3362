"""The checks of `dev.py test` end, whatever they run."""

from __future__ import annotations

import os
import sys

from devtools.checks import Check, Verdict

# A child that keeps the output open after its parent is gone, as a worker inside a long statement does.
HANGS = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("begun", flush=True)
time.sleep(600)
"""


def test_a_check_that_hangs_is_killed_and_has_failed() -> None:
    verdict = Verdict()

    verdict.run(Check("Hangs", [sys.executable, "-c", HANGS], minutes=0.02), dict(os.environ))

    assert verdict.failed == ["Hangs"]


def test_a_check_that_ends_is_fine() -> None:
    verdict = Verdict()

    verdict.run(Check("Ends", [sys.executable, "-c", "print(1)"]), dict(os.environ))

    assert verdict.failed == []
