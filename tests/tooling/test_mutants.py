"""`dev.py mutants` makes every small wrong change, tells what no test noticed, and a sample is always noticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devtools.mutations import Reader, enumerations
from devtools.places import ROOT

SAMPLED = ("decide", "families", "joint", "requests", "rulings", "samples", "timing", "values")
ENUMS = {"Zone": ("PRE", "OPEN", "CLOSED")}


def hunt(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devtools.mutants", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def changes(folder: Path, source: str) -> set[str]:
    file = folder / "sample.py"
    file.write_text(source, encoding="utf-8")
    reader = Reader("sample", file, ENUMS)
    found = list(reader.mutants())
    for mutant in found:
        compile(mutant.tree(reader.tree), "sample", "exec")
    return {f"{mutant.before} → {mutant.after}" for mutant in found}


@pytest.mark.parametrize(
    ("source", "some"),
    [
        ("a = b < c", {"b < c → b <= c", "b < c → b >= c"}),
        ("a = b == c", {"b == c → b != c"}),
        ("a = b is None", {"b is None → b is not None"}),
        ("a = b in c", {"b in c → b not in c"}),
        ("a = b and c", {"b and c → b or c", "… and b → without", "… and c → without"}),
        ("a = not b", {"not b → b"}),
        ("a = b - c", {"b - c → b + c", "b - c → b", "b - c → c"}),
        ("a = b if c else d", {"b if c else d → b", "b if c else d → d"}),
        ("a = 5, True, 'x'", {"5 → 6", "True → False", "'x' → 'x?'", "(5, True, 'x') with True → without"}),
        ("a = any(b)", {"any → all"}),
        ("a = Zone.PRE", {"Zone.PRE → Zone.OPEN"}),
        ("a = Zone.CLOSED", {"Zone.CLOSED → Zone.PRE"}),
        ("a = {b: c, d: e}", {"{…} with b → without", "{…} with d → without"}),
        ("a = f(b=c)", {"f(b=c) with b=c → without"}),
        ("def f():\n    return a", {"return a → return None"}),
        ("def f():\n    yield a", {"yield a → pass"}),
        ("if a:\n    b()", {"if a: … → pass", "if a → if not a", "b() → pass"}),
        ("a = [b for c in d if e]", {"for c in d if e with e → without"}),
    ],
)
def test_each_kind_of_change_is_made(tmp_path: Path, source: str, some: set[str]) -> None:
    assert some <= changes(tmp_path, source)


@pytest.mark.parametrize(
    "source", ['"""What it is."""', "import a", "a: int", "a = _('A text')", "def f(): ..."]
)
def test_what_decides_nothing_is_left_alone(tmp_path: Path, source: str) -> None:
    assert changes(tmp_path, source) == set()


def test_the_enumerations_of_the_policy_are_known() -> None:
    assert enumerations(ROOT / "compliance" / "policy")["Zone"] == (
        "PRE",
        "OPEN",
        "CLOSED",
        "UNLISTED",
        "NONE",
    )


def test_a_change_that_no_test_notices_is_told_with_its_place() -> None:
    told = hunt("timing", "--changed", "Duty.SAMPLED", "--tests", "tests/unit/policy/test_lifecycle.py")

    assert told.returncode == 1, told.stderr
    assert "compliance/policy/timing.py:" in told.stdout
    assert "    - Duty.SAMPLED\n    + Duty." in told.stdout
    assert ", 0 killed, " in told.stdout


def test_a_name_that_is_none_is_no_success() -> None:
    assert hunt("nothing").returncode != 0


def test_a_drawn_sample_is_noticed_to_the_last() -> None:
    told = hunt(*SAMPLED, "--sample", "60", "--seed", "2026", "--jobs", "2")

    assert told.returncode == 0, told.stdout + told.stderr
    assert "60 mutants, 60 killed, 0 survived" in told.stdout


def test_a_drawn_sample_of_the_verifier_is_noticed_to_the_last() -> None:
    told = hunt("--of", "verifier", "--sample", "15", "--seed", "2026", "--jobs", "2")

    assert told.returncode == 0, told.stdout + told.stderr
    assert "15 mutants, 15 killed, 0 survived" in told.stdout
