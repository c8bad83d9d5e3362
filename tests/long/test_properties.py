"""The properties of the rulebook asked twenty times as much, each in a process of its own: `dev.py long`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.parametrize(
    "file",
    ["test_policy.py", "test_parity.py", "test_parity_of_calls.py", "test_records.py", "test_histories.py"],
)
def test_a_property_holds_for_many_more_examples(file: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--ds=tests.settings", f"tests/property/{file}"],
        cwd=ROOT,
        env={**os.environ, "CRM_EXAMPLES": "20"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout[-4000:]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_weeks_of_medical_change_no_byte_for_the_commercial_side(seed: int) -> None:
    """P-08: four worlds, two hundred and fifty random weeks in each."""
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--ds=tests.settings", "tests/integration/test_noninterference.py",
         "-k", "p08"],
        cwd=ROOT,
        env={**os.environ, "CRM_WEEKS": "250", "CRM_SEED": str(seed)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout[-4000:]
