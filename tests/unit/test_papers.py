"""The papers of the house name only what exists: files, words of dev.py, commands, tests, variables."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from devtools.words import WORDS

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TEST_ID = re.compile(r"`((?:unit|integration|property|e2e|tooling|bench|long)/[\w/]+\.py)::(\w+)`")


def text(paper: str) -> str:
    return (ROOT / paper).read_text(encoding="utf-8")


def commands(paper: str) -> list[str]:
    """What stands after `dev.py` wherever the paper tells the reader to type it, up to the end of the code."""
    return [found.strip() for found in re.findall(r"python3 dev\.py([^`\n]*)", text(paper))]


def headings(paper: Path) -> set[str]:
    """The anchors of a paper, as the forge makes them from headings."""
    titles = re.findall(r"^#+ (.+)$", paper.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.casefold()).replace(" ", "-") for title in titles}


def stories_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def management_commands() -> set[str]:
    own = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    return own | {"check", "migrate", "shell"}


def test_the_papers_are_there():
    needed = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "THREAT_MODEL.md", "docs/boundary.md"}
    assert needed <= set(PAPERS)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_leads_somewhere(paper):
    dead = []
    for target in LINK.findall(text(paper)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = (ROOT / paper).parent / file if file else ROOT / paper
        if not there.exists() or (anchor and anchor not in headings(there)):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_word_of_dev_py_is_known(paper):
    said = [command.split()[0] for command in commands(paper) if command]
    assert [word for word in said if word not in WORDS] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_management_command_exists(paper):
    asked = re.findall(r"(?:dev\.py manage|manage\.py) ([a-z_]+)", text(paper))
    assert [name for name in asked if name not in management_commands()] == []


def test_the_first_two_commands_of_the_readme_start_and_test_the_product():
    blocks = re.findall(r"^```\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)
    assert [shlex.split(block) for block in blocks[:2]] == [
        ["python3", "dev.py", "up"],
        ["python3", "dev.py", "test"],
    ]


def test_contributing_tells_every_word_of_dev_py():
    told = {command.split()[0] for command in commands("CONTRIBUTING.md") if command}
    assert set(WORDS) - told == set()


def test_every_test_the_threat_model_names_exists():
    named = TEST_ID.findall(text("THREAT_MODEL.md"))
    gone = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / "tests" / file).exists() or name not in stories_in(ROOT / "tests" / file)
    ]
    assert len(named) > 50
    assert gone == []


def test_every_claim_names_its_test_or_says_that_it_has_none():
    claims = text("THREAT_MODEL.md").partition("## The two locks")[2].partition("## Where this ends")[0]
    rows = [line.strip("| ").split(" | ") for line in claims.splitlines() if line.startswith("| ")]
    bare = [
        row[0]
        for row in rows
        if row[-1] != "Test"
        and not set(row[-1]) <= set("- |")
        and not TEST_ID.search(row[-1])
        and not row[-1].startswith(("**not closed yet**", "not shown by a test"))
    ]
    assert len(rows) > 50
    assert bare == []


def test_the_readme_shows_every_app():
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert [name for name in sorted(apps) if f"[{name}/]({name})" not in text("README.md")] == []


def test_every_decision_is_listed_and_says_what_was_the_matter():
    pages = sorted(ROOT.glob("docs/decisions/0*.md"))
    index = text("docs/decisions/README.md")
    assert [page.name for page in pages if f"({page.name})" not in index] == []
    for page in pages:
        for part in ("**Context.**", "**Decision.**", "**Consequence.**"):
            assert part in page.read_text(encoding="utf-8"), (page.name, part)


def test_the_operations_page_names_variables_that_the_settings_read():
    known = set(re.findall(r"^([A-Z_]+)=", text(".env.example"), re.MULTILINE))
    named = set(re.findall(r"^- `([A-Z_]+)", text("docs/operations.md"), re.MULTILINE))
    assert named - known == set()
    assert named
