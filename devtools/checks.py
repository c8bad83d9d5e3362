"""`dev.py test`: every check and every test, one after the other, and a verdict at the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from devtools import browser
from devtools.application import has_command
from devtools.console import Failure, say
from devtools.environment import PYTHON, django_environment
from devtools.places import ROOT, VENV
from devtools.services import TEST

SUITES = ("tests/unit", "tests/integration", "tests/property", "tests/tooling")
PYTEST: list[str | Path] = [PYTHON, "-m", "pytest", "--ds=tests.settings"]
MANAGE: list[str | Path] = [PYTHON, ROOT / "manage.py"]
# As a deployment would set them; `check --deploy` judges these.
DEPLOYED = {
    "PUBLIC_URL": "https://crm.example.org",
    "ALLOWED_HOSTS": "crm.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://crm.example.org",
    "BEHIND_PROXY": "on",
}
CLOSING_LINE = re.compile(
    r"^=* ?((?:no tests ran|\d+ (?:passed|failed|errors?|skipped)\b.*) in [\d.]+s\b.*?)[ =]*$"
)


@dataclass(frozen=True)
class Check:
    """One command; its output is shown when it fails, or while it runs when `live`.

    What has not ended after its minutes hangs: it is killed and has failed.
    """

    name: str
    command: Sequence[str | Path]
    env: dict[str, str] = field(default_factory=dict)
    live: bool = False
    minutes: float = 10.0


@dataclass
class Verdict:
    """What was run, what failed, and the test runner's closing lines."""

    failed: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def run(self, check: Check, env: dict[str, str]) -> None:
        say(f"\n── {check.name} " + "─" * max(4, 90 - len(check.name)))
        began = time.monotonic()
        try:
            code = self._run(check, {**env, **check.env})
        except OSError as error:
            say(f"{error}")
            code = 127
        spent = time.monotonic() - began
        self.seconds += spent
        if code:
            self.failed.append(check.name)
        say(f"{'✗' if code else '✓'} {check.name}: {'failed' if code else 'fine'} in {spent:.1f} s")

    def _run(self, check: Check, env: dict[str, str]) -> int:
        """The exit code. The output is passed on line by line, or kept back unless the check fails."""
        kept = []
        with (
            subprocess.Popen(
                check.command,
                env=env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            ) as process,
            ended_after(check, process),
        ):
            for line in process.stdout or ():
                kept.append(line)
                if check.live:
                    sys.stdout.write(line)
                    sys.stdout.flush()
                if check.live and (found := CLOSING_LINE.search(re.sub(r"\033\[[0-9;]*m", "", line))):
                    self.closing.append(f"{check.name}: {found[1]}")
        if process.returncode and not check.live:
            say("".join(kept).rstrip())
        return process.returncode

    def tell(self) -> int:
        """Prints the verdict; the exit code says it too."""
        say("\n" + "═" * 96)
        for line in self.closing:
            say(f"  {line}")
        for remark in self.remarks:
            say(f"  {remark}")
        if self.failed:
            say(f"FAILED after {self.seconds:.0f} s: " + ", ".join(self.failed))
            return 1
        say(f"All of it passed in {self.seconds:.0f} s.")
        return 0


@contextmanager
def ended_after(check: Check, process: subprocess.Popen[str]) -> Iterator[None]:
    """Kills the command and all it started when its time is over, or when the block ends early."""

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def give_up() -> None:
        say(f"Nothing ended within {check.minutes:g} minutes: killed.")
        kill()

    timer = threading.Timer(check.minutes * 60, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BaseException:
        kill()
        raise
    finally:
        timer.cancel()


def environment() -> dict[str, str]:
    """What checks and tests run with: the test servers, as the owner, who may make test databases."""
    env = django_environment(TEST, as_owner=True)
    # Tests decide themselves what the product is configured with.
    return {**env, "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING")}


def checks() -> list[Check]:
    """All that reads the sources, without running the product's tests."""
    templates = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))
    lint_imports = "from importlinter.cli import lint_imports_command as check; check()"
    wanted = [
        Check("Style (ruff check)", [PYTHON, "-m", "ruff", "check", "--quiet", "."]),
        Check("Format (ruff format)", [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."]),
        Check("Types (mypy)", [PYTHON, "-m", "mypy", "."]),
        Check("Import lines (import-linter)", [PYTHON, "-c", lint_imports]),
        Check("Migrations are complete", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
        Check("System checks", [*MANAGE, "check", "--fail-level", "WARNING"]),
        Check("Deployment checks", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], DEPLOYED),
        Check("API schema", [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]),
    ]
    if templates:
        wanted[4:4] = [
            Check(
                "Templates (djade)",
                [VENV / "bin" / "djade", "--check", "--target-version", "5.2", *templates],
            ),
            Check("Templates (djlint)", [PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"]),
        ]
    if has_command("compile_catalogues"):
        wanted.append(Check("Translations are complete", [*MANAGE, "compile_catalogues", "--check"]))
    return wanted


def tests() -> Check:
    """Everything that needs no browser, on two processes."""
    folders = [folder for folder in SUITES if any((ROOT / folder).glob("**/test_*.py"))]
    return Check(
        "Tests (pytest)",
        # In the order of the collection, which puts the long files first.
        [*PYTEST, "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *folders],
        live=True,
        minutes=40,
    )


def run_checks(verdict: Verdict) -> None:
    env = environment()
    for check in checks():
        verdict.run(check, env)


def run_browser_tests(verdict: Verdict, *arguments: str) -> None:
    """A run of its own: the browser's event loop and the other tests do not mix."""
    if not any(ROOT.glob("tests/e2e/**/test_*.py")):
        return
    if not (found := browser.find_or_install()):
        verdict.remarks.append(
            "The browser tests did NOT run: no Chromium was found. Install it, or set CHROMIUM to its path."
        )
        if os.environ.get("CI") == "true":
            verdict.failed.append("Browser tests (no Chromium)")
        return
    env = {**environment(), "CHROMIUM": found}
    verdict.run(
        Check("Browser tests (pytest)", [*PYTEST, "-q", "tests/e2e", *arguments], live=True, minutes=30), env
    )


def run_everything() -> int:
    verdict = Verdict()
    run_checks(verdict)
    verdict.run(tests(), environment())
    run_browser_tests(verdict)
    return verdict.tell()


def run_only_checks() -> int:
    verdict = Verdict()
    run_checks(verdict)
    return verdict.tell()


def run_only_browser_tests(arguments: Sequence[str]) -> int:
    verdict = Verdict()
    run_browser_tests(verdict, *arguments)
    return verdict.tell()


def take_pictures(arguments: Sequence[str]) -> int:
    """Every screen as a picture; `-k` chooses a person or a width."""
    if not (found := browser.find_or_install()):
        raise Failure("There is no browser to look with.", "Install Chromium, or set CHROMIUM to its path.")
    command = [*PYTEST, "-q", "tests/e2e/shoot.py", *arguments]
    env = {**environment(), "CHROMIUM": found}
    return subprocess.run(command, env=env, cwd=ROOT, check=False).returncode


def run_pytest(arguments: Sequence[str]) -> int:
    """Pytest with the caller's own arguments, in the foreground."""
    return subprocess.run([*PYTEST, *arguments], env=environment(), cwd=ROOT, check=False).returncode


def run_folder(folder: str, arguments: Sequence[str]) -> int:
    """One of the folders that `test` leaves out: measurements and the big proofs."""
    if not any((ROOT / folder).glob("**/test_*.py")):
        raise Failure(f"There is nothing in {folder} yet.")
    return run_pytest([folder, *arguments])
