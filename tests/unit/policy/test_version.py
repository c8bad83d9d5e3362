"""The version changes with any table an answer can turn on, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.policy import VERSION, Role, decide, may, words
from compliance.policy.version import canonical, tables


def test_every_decision_names_its_version() -> None:
    assert may(Role.MSL, "nothing").version == VERSION
    assert decide.__module__ == "compliance.policy.decide"


@pytest.mark.parametrize("name", tables())
def test_each_table_is_part_of_the_version(name: str) -> None:
    assert len(str(canonical(tables()[name]))) > 20


def test_a_changed_cell_is_another_version() -> None:
    matrix = dict(tables()["matrix"])
    before = canonical(matrix)
    key = next(iter(matrix))
    matrix[key] = matrix[key].__class__(matrix[key].rule, "X?PRECLEAR")

    assert canonical(matrix) != before


def test_the_policy_needs_neither_django_nor_a_clock() -> None:
    folder = Path(words.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))

    assert "django" not in source.replace("Django", "")
    assert ".now(" not in source
    assert "random" not in source
