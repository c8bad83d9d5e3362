"""A little history, sealed and anchored."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.acting import acting_as
from compliance import chain
from kols.actions import edit_kol


@pytest.fixture
def anchors(tmp_path, settings) -> Path:
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")
    settings.AUDIT_ANCHOR_KEY = "known to Compliance alone"
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def sealed(keller, mara, anchors) -> int:
    """A little history, sealed and anchored."""
    with acting_as(mara):
        edit_kol(keller, by=mara, phone="+49 40 1")
    return chain.seal()
