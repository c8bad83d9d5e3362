"""The policy as the product uses it: from another process, from a command, from the actions that refuse."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from compliance.policy import VERSION, page
from compliance.policy.sentences import TEMPLATES

ROOT = Path(__file__).parents[2]


def test_the_version_is_the_same_in_another_process_whatever_the_hash_seed() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from compliance import policy; print(policy.VERSION)"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == VERSION


def test_the_command_prints_the_page(capsys) -> None:
    call_command("print_boundary")

    assert capsys.readouterr().out == page.page()


def test_every_code_an_action_refuses_with_has_a_sentence() -> None:
    sources = [path for app in settings.OUR_APPS for path in (ROOT / app).rglob("*.py")]
    used = {
        code
        for path in sources
        for code in re.findall(r"audit\.refuse\(\s*\"[^\"]+\",\s*\"(\w+)\"", path.read_text(encoding="utf-8"))
    }

    assert used <= set(TEMPLATES), "add them to compliance/policy/sentences.py"
