"""The main job on real public files, where they are at hand: docs/real-data.md says where to get them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command

FOLDER = Path(os.environ.get("CRM_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not (FOLDER / "authorisations" / "eu_ema").is_dir(),
        reason=f"no real files at {FOLDER}; set CRM_SHARED_DATA to the folder that holds them",
    ),
]


def test_the_story_holds_on_two_real_tables_and_a_real_register(capsys):
    call_command("walk_real_data", str(FOLDER))

    said = capsys.readouterr().out
    assert "handed over to field service" in said
    assert "came back to Medical" in said
    assert said.rstrip().endswith("The story holds, step by step. Nothing was kept.")
