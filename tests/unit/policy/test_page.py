"""The printed page is what the tables say."""

from __future__ import annotations

from pathlib import Path

from compliance.policy import VERSION, Deed, page
from compliance.policy.handover import TRANSITIONS
from compliance.policy.matrix import ROWS

PRINTED = Path(__file__).parents[3] / "docs" / "boundary.md"


def test_the_printed_page_is_up_to_date() -> None:
    assert PRINTED.read_text(encoding="utf-8") == page.page(), (
        "print it again: manage.py print_boundary > docs/boundary.md"
    )


def test_the_page_names_every_rule_step_and_deed() -> None:
    text = page.page()

    assert f"`{VERSION}`" in text
    assert all(f"| {row.rule} |" in text for row in ROWS)
    assert all(f"| {step.id} |" in text for step in TRANSITIONS)
    assert all(f"| {deed.value} |" in text for deed in Deed)
