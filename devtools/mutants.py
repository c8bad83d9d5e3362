"""Tests of the policy, and of the verifier of the trail, against small wrong changes: each must make one fail.

``python3 dev.py mutants [module…]`` and ``python3 dev.py mutants --of verifier``, from the environment of the
checks. One process collects the tests once and forks a child for each mutant. A change within a function is put
in place of that function's code, and only tests that call it run, the last killers first. Whatever survives that,
and every change of a table, is imported anew with all tests that judge it. Nothing is written, no database is needed.
"""

from __future__ import annotations

import argparse
import mmap
import os
import random
import signal
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, cast

import pytest
from _pytest.runner import runtestprotocol

from devtools.mutations import Mutant, Reader, enumerations

ROOT = Path(__file__).resolve().parent.parent
# What can be changed, which tests are to notice, and what no test can tell from the original.
TARGETS = {
    "policy": ("compliance.policy", "tests/unit/policy", "equivalent_mutants.toml"),
    "verifier": ("compliance.verifier", "tests/unit/verifier", "equivalent_mutants_of_the_verifier.toml"),
}
PACKAGE, TESTS, EQUIVALENT = TARGETS["policy"]
# What a child answers: not asked yet, or the number of a killing test file plus KILLED.
PENDING, SURVIVED, KILLED = 0, 1, 2
SECONDS = 60
# A printed page that is compared with itself proves how it is printed, not what it says.
PRINTED = {"test_page.py": {f"{PACKAGE}.page"}}
OPTIONS = (
    *("-x", "-c", os.devnull, f"--rootdir={ROOT}", "--noconftest", "-p", "no:cacheprovider"),
    *(
        "-p",
        "no:terminal",
        "-p",
        "no:faulthandler",
        "-p",
        "no:unraisableexception",
        "-p",
        "no:threadexception",
    ),
    *("-p", "no:capture", "-p", "no:logging", "-p", "no:warnings", "--import-mode=importlib"),
)


def modules() -> dict[str, Path]:
    """Every module of the policy by name; what only gathers the names of others decides nothing."""
    folder = ROOT / PACKAGE.replace(".", "/")
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name != PACKAGE:
            found[name] = path
    return found


class Source:
    """Serves one module of the policy from a changed tree."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        from importlib.util import spec_from_file_location

        if name != self.name:
            return None
        inside = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return spec_from_file_location(
            name, self.path, loader=cast(Any, self), submodule_search_locations=inside
        )

    def create_module(self, spec: Any) -> None:
        return None

    def get_code(self, name: str) -> CodeType:
        """What runs it as a program asks for."""
        return self.code

    def exec_module(self, module: Any) -> None:
        exec(self.code, module.__dict__)  # noqa: S102 the changed module itself


class Hunt:
    """One run over many mutants, within pytest's own loop."""

    def __init__(self, mutants: Sequence[Mutant], readers: dict[str, Reader], jobs: int) -> None:
        self.mutants, self.readers, self.jobs = mutants, readers, jobs
        self.answers = mmap.mmap(-1, 4 * max(1, len(mutants)))
        self.at_import: set[tuple[str, str]] = set()
        self.calls: dict[tuple[str, str], list[int]] = {}
        self.killers: dict[str, list[int]] = {}
        self.took: dict[int, float] = {}
        self.survivors: list[Mutant] = []
        self.baseline_failed = ""

    # The tests, and what each of them calls ---------------------------------------------------------------

    def pytest_collection(self) -> None:
        """What runs while the tables are made is tried with the tables made anew."""
        from importlib import import_module

        with calls(self.at_import):
            for name in modules():
                import_module(name)
            if PACKAGE == "compliance.policy":
                import_module(f"{PACKAGE}.packs").packs()
                import_module(f"{PACKAGE}.version").version()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = session.items
        self.files = sorted({str(item.path) for item in self.items})
        for number, item in enumerate(self.items):
            called: set[tuple[str, str]] = set()
            started = time.perf_counter()
            with calls(called):
                failed = _fails(item)
            if failed:
                self.baseline_failed = item.nodeid
                return True
            self.took[number] = time.perf_counter() - started
            for function in called:
                self.calls.setdefault(function, []).append(number)
        for numbers in self.calls.values():
            numbers.sort(key=self.took.__getitem__)
        self.hunt()
        return True

    def hunt(self) -> None:
        running: dict[int, int] = {}
        for number, mutant in enumerate(self.mutants):
            while len(running) >= self.jobs:
                self._settle(running)
            if pid := os.fork():
                running[pid] = number
                continue
            self._answer(number, mutant)
        while running:
            self._settle(running)

    def _settle(self, running: dict[int, int]) -> None:
        pid, status = os.wait()
        number = running.pop(pid)
        mutant, answer = self.mutants[number], self._read(number)
        if os.WIFSIGNALED(status):
            answer = KILLED  # it ran for ever, or broke the interpreter
        if answer == SURVIVED:
            self.survivors.append(mutant)
            print(told(mutant), flush=True)
        elif answer > KILLED:
            ahead = self.killers.setdefault(f"{mutant.module} {mutant.where}", [])
            killer = answer - KILLED - 1
            if killer in ahead:
                ahead.remove(killer)
            ahead.insert(0, killer)

    def _read(self, number: int) -> int:
        return int.from_bytes(self.answers[4 * number : 4 * number + 4], "little")

    # A child ----------------------------------------------------------------------------------------------

    def _answer(self, number: int, mutant: Mutant) -> None:
        signal.alarm(SECONDS)
        answer = KILLED
        try:
            answer = self._judge(mutant)
        except BaseException as error:
            print(f"  {mutant.module}:{mutant.line}: {error!r}", file=sys.stderr)
        finally:
            self.answers[4 * number : 4 * number + 4] = answer.to_bytes(4, "little")
            os._exit(0)

    def _judge(self, mutant: Mutant) -> int:
        reader = self.readers[mutant.module]
        path = modules()[mutant.module]
        code = compile(mutant.tree(reader.tree), str(path), "exec")
        ahead = self.killers.get(f"{mutant.module} {mutant.where}", [])
        if mutant.where and _put(mutant, code):
            called = self.calls.get((str(path), mutant.where), [])
            for number in dict.fromkeys([*(n for n in ahead if n in called), *called]):
                if _allowed(self.items[number].path, mutant) and _fails(self.items[number]):
                    return KILLED + 1 + number
            if (str(path), mutant.where) not in self.at_import:
                return SURVIVED
        return self._anew(mutant, path, code, ahead)

    def _anew(self, mutant: Mutant, path: Path, code: CodeType, ahead: list[int]) -> int:
        for name in [n for n in sys.modules if n.startswith((PACKAGE, TESTS.replace("/", ".")))]:
            del sys.modules[name]
        sys.meta_path.insert(0, Source(mutant.module, path, code))
        first = [str(self.items[n].path) for n in ahead]
        named = [f for f in self.files if mutant.module.rsplit(".", 1)[-1] in f]
        for file in dict.fromkeys([*first, *named, *self.files]):
            if _allowed(Path(file), mutant) and pytest.main([*OPTIONS, file]) != pytest.ExitCode.OK:
                return KILLED + 1 + next(n for n, i in enumerate(self.items) if str(i.path) == file)
        return SURVIVED


@contextmanager
def calls(called: set[tuple[str, str]]) -> Iterator[None]:
    """Notes which functions of the policy are called meanwhile."""
    folder = str(ROOT / PACKAGE.replace(".", "/"))

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(folder):
            called.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _allowed(file: Path, mutant: Mutant) -> bool:
    return file.name not in PRINTED or mutant.module in PRINTED[file.name]


def _fails(item: pytest.Item) -> bool:
    return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def _put(mutant: Mutant, code: CodeType) -> bool:
    """Puts the changed function in place of the one that is there; not possible where it is wrapped."""
    held: Any = sys.modules[mutant.module]
    for name in mutant.where.split("."):
        held = vars(held).get(name) if hasattr(held, "__dict__") else None
        if isinstance(held, property):
            held = held.fget
        held = getattr(held, "__func__", held)
    found = _code_of(code, mutant.where)
    if not isinstance(held, FunctionType) or found is None:
        return False
    if len(held.__code__.co_freevars) != len(found.co_freevars):
        return False
    held.__code__ = found
    return True


def _code_of(code: CodeType, qualname: str) -> CodeType | None:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_qualname == qualname:
                return each
            if (found := _code_of(each, qualname)) is not None:
                return found
    return None


def equivalents() -> dict[tuple[str, str, str], str]:
    """Changes that no test can tell from the original, with the reason for each."""
    data = tomllib.loads(Path(__file__).with_name(EQUIVALENT).read_text(encoding="utf-8"))
    return {
        (f"{PACKAGE}.{e['module']}", e["line"], e["change"]): e["why"] for e in data.get("equivalent", [])
    }


def chosen(
    names: Sequence[str], sample: int, seed: int
) -> tuple[list[Mutant], dict[str, Reader], set[tuple[str, str, str]]]:
    """The mutants to try, the sources they are made of, and the equivalents that were left out."""
    known, enums = equivalents(), enumerations(ROOT / PACKAGE.replace(".", "/"))
    readers = {
        name: Reader(name, path, enums)
        for name, path in modules().items()
        if not names or name.removeprefix(f"{PACKAGE}.") in names
    }
    every = [mutant for reader in readers.values() for mutant in reader.mutants()]
    left_out = {mutant.key for mutant in every if mutant.key in known}
    tried = [mutant for mutant in every if mutant.key not in known]
    if sample:
        tried = random.Random(seed).sample(tried, min(sample, len(tried)))  # noqa: S311 a sample, no secret
    return tried, readers, left_out


def told(mutant: Mutant) -> str:
    path = modules()[mutant.module].relative_to(ROOT)
    return f"{path}:{mutant.line}: {mutant.source}\n    - {mutant.before}\n    + {mutant.after}"


def main(arguments: Sequence[str] | None = None) -> int:
    global PACKAGE, TESTS, EQUIVALENT
    parser = argparse.ArgumentParser(prog="dev.py mutants")
    parser.add_argument("module", nargs="*", help="such as matrix or topics; all if none is named")
    parser.add_argument("--of", choices=TARGETS, default="policy", help="what is changed")
    parser.add_argument("--sample", type=int, default=0, help="try so many, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tests", help="the tests that are to notice, if not all")
    parser.add_argument("--changed", help="a text the line must hold, to try one place again")
    asked = parser.parse_args(arguments)
    PACKAGE, TESTS, EQUIVALENT = TARGETS[asked.of]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.dont_write_bytecode = True
    tried, readers, left_out = chosen(asked.module, asked.sample, asked.seed)
    if asked.changed:
        tried = [mutant for mutant in tried if asked.changed in mutant.source]
    _steady()
    hunt = Hunt(tried, readers, asked.jobs)
    started = time.monotonic()
    pytest.main([*OPTIONS, asked.tests or TESTS], plugins=[hunt])
    if hunt.baseline_failed:
        print(f"  {hunt.baseline_failed} fails without any change.")
        return 2
    return _report(hunt, len(left_out), time.monotonic() - started, whole=not (asked.module or asked.changed))


def _steady() -> None:
    """The same examples each time, remembered nowhere."""
    from hypothesis import settings

    settings.register_profile("mutants", derandomize=True, database=None, deadline=None, max_examples=25)
    settings.load_profile("mutants")


def _report(hunt: Hunt, left_out: int, took: float, *, whole: bool) -> int:
    stale = (
        set(equivalents()) - {m.key for r in hunt.readers.values() for m in r.mutants()} if whole else set()
    )
    for module, line, change in sorted(stale):
        print(f"Not a change any more, take it off the list: {module}: {line}: {change}")
    killed = len(hunt.mutants) - len(hunt.survivors)
    print(
        f"{len(hunt.mutants)} mutants, {killed} killed, {len(hunt.survivors)} survived, "
        f"{left_out} equivalent; {took:.0f} s"
    )
    return 1 if hunt.survivors or stale or not hunt.mutants else 0


if __name__ == "__main__":
    sys.exit(main())
