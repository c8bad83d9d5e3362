"""Requirements to tests: which test names which rule, invariant, transition, law or target."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from compliance.policy.deeds import DEEDS

# R-020 rules, I-04 invariants, T-05 transitions, P-08 properties, 11.300 and 11.100(c) of Part 11.
NAMED = re.compile(r"\b(R-\d{3}|I-\d{2}|T-\d{2}|P-?\d{2}|PP-\d{2}|11\.\d{1,3})\b|_p(\d{2})_")
KINDS = {
    "R-": "Rules",
    "I-": "Invariants",
    "T-": "Steps of a handover",
    "P-": "Properties",
    "PP": "Parameters",
    "11": "21 CFR Part 11",
}
CODE = tuple(settings.OUR_APPS)


def root() -> Path:
    return Path(settings.BASE_DIR)


def requirements(text: str) -> set[str]:
    """The requirements a text names, each spelled in one way."""
    found = set()
    for word, law in NAMED.findall(text):
        found.add(f"P-{law}" if law else re.sub(r"^P(\d)", r"P-\1", word))
    return found


def tests() -> Iterator[tuple[str, str]]:
    """(requirement, test) wherever a test, or the module it stands in, names one."""
    for path in sorted((root() / "tests").rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        file = path.relative_to(root() / "tests").as_posix()
        of_module = requirements(ast.get_docstring(tree) or "")
        # A table that the tests of the module walk names what it holds, line by line.
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                for requirement in sorted(requirements(ast.get_source_segment(source, node) or "")):
                    yield requirement, file
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                words = requirements(ast.get_source_segment(source, node) or "") | requirements(node.name)
                for requirement in sorted(words | of_module):
                    yield requirement, f"{file}::{node.name}"


def places() -> Iterator[tuple[str, str]]:
    """(requirement, file) wherever the code of the product names one."""
    for app in CODE:
        for path in sorted((root() / app).rglob("*.py")) + sorted((root() / app).rglob("*.sql")):
            if "migrations" not in path.parts:
                for requirement in sorted(requirements(path.read_text(encoding="utf-8"))):
                    yield requirement, path.relative_to(root()).as_posix()


def table() -> dict[str, dict[str, list[str]]]:
    """For each requirement, the tests that name it and the files that keep it."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, pairs in (("tests", tests()), ("kept in", places())):
        for requirement, where in pairs:
            found.setdefault(requirement, {"tests": [], "kept in": []})[kind].append(where)
    for rule, _roles in DEEDS.values():
        found.setdefault(rule, {"tests": [], "kept in": []})
    return dict(sorted(found.items(), key=lambda item: (item[0][:2], item[0])))


def untested() -> list[str]:
    """Rules that the code names and no test does."""
    return [
        name for name, row in table().items() if name.startswith("R-") and row["kept in"] and not row["tests"]
    ]


def page() -> str:
    """All of it as Markdown, by kind."""
    lines = ["# Requirements and their tests", ""]
    rows = table()
    for prefix, kind in KINDS.items():
        named = {name: row for name, row in rows.items() if name[:2] == prefix}
        if not named:
            continue
        lines += [f"## {kind}", "", "| Requirement | Kept in | Tests |", "| --- | --- | --- |"]
        for name, row in named.items():
            cells = (
                ", ".join(f"`{word}`" for word in row[column]) or "none" for column in ("kept in", "tests")
            )
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)
