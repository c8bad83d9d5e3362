"""How much a property asks: little in every run, much where `dev.py long` says so."""

from __future__ import annotations

import os


def examples(few: int) -> int:
    """So many examples, or CRM_EXAMPLES times as many."""
    return few * int(os.environ.get("CRM_EXAMPLES", "1"))
