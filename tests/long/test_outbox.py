"""A thousand drafts from several devices and tabs over a bad network: `dev.py long tests/long/test_outbox.py`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import browser

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_a_thousand_drafts_reach_the_product_once_each() -> None:
    if not (found := browser.find_or_install()):
        pytest.fail("no Chromium: install it, or set CHROMIUM to its path")
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--ds=tests.settings",
            "tests/e2e/test_offline.py",
            "-k",
            "bad_network",
        ],
        cwd=ROOT,
        env={**os.environ, "CRM_DRAFTS": "1000", "CHROMIUM": found},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout[-4000:]
