"""The product's own commands, run inside the environment: files, schema, demo company."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from devtools.console import Failure, report, step
from devtools.environment import PYTHON, django_environment, logs
from devtools.places import ROOT, state_folder
from devtools.processes import run_logged
from devtools.services import DEMO, Services


def has_command(name: str) -> bool:
    """Whether one of our apps brings this management command."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def manage(services: Services, *words: str, as_owner: bool = True, remedy: str = "") -> None:
    """Runs one management command with its output in a log."""
    run_logged(
        [PYTHON, ROOT / "manage.py", *words],
        logs() / "setup.log",
        env=django_environment(services, as_owner=as_owner),
        cwd=ROOT,
        remedy=remedy,
    )


def prepare_files(services: Services = DEMO) -> None:
    """Third-party front-end files, message catalogues and the collected static files."""
    if _stamp().exists() and _stamp().read_text() == _files_seen():
        return
    if has_command("fetch_assets"):
        # Pages work without their looks, so this one step may fail.
        try:
            with step("Copying front-end files from their packages"):
                manage(services, "fetch_assets", remedy="Pages work, but unstyled. Start again to repeat it.")
        except Failure as failure:
            report(failure)
    if has_command("compile_catalogues"):
        with step("Compiling translations"):
            manage(services, "compile_catalogues", remedy="A catalogue in locale/ has a mistake.")
    with step("Collecting static files"):
        manage(services, "collectstatic", "--noinput", remedy="A style sheet names a file that is not there.")
    _stamp().write_text(_files_seen())


def prepare_data(services: Services = DEMO) -> None:
    """The schema and the demo company. Both only add, so what was entered stays.

    The first time takes a while. When that is interrupted nobody has entered anything yet, and half a
    company would be taken for a whole one, so the next start begins with an empty database.
    """
    founding = state_folder() / f"founding-{services.name}"
    if founding.exists():
        with step("Clearing away what an interrupted first start left"):
            services.postgres.empty()
    elif services.postgres.is_empty():
        founding.touch()
    with step("Bringing the schema up to date"):
        manage(
            services,
            "migrate",
            "--noinput",
            remedy="`python3 dev.py reset` starts with an empty database, if the data may go.",
        )
    if has_command("seed_demo"):
        with step("Filling the demo company"):
            manage(services, "seed_demo", remedy="`python3 dev.py reset` starts with an empty database.")
    founding.unlink(missing_ok=True)


def sign_ins(services: Services = DEMO) -> str:
    """One demo sign-in per role, as the command prints them."""
    if not has_command("seed_demo"):
        return ""
    asked = subprocess.run(
        [PYTHON, ROOT / "manage.py", "seed_demo", "--list-sign-ins"],
        env=django_environment(services, as_owner=True),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.rstrip() if asked.returncode == 0 else ""


def hand_over(services: Services, *words: str) -> int:
    """Runs a management command in the foreground, as the owner, and returns its exit code."""
    return subprocess.run(
        [PYTHON, ROOT / "manage.py", *words],
        env=django_environment(services, as_owner=True),
        cwd=ROOT,
        check=False,
    ).returncode


def _stamp() -> Path:
    return state_folder() / "files.stamp"


def _files_seen() -> str:
    """A fingerprint of all that the three steps read and of what they wrote last."""
    seen = hashlib.sha256()
    watched = [*ROOT.glob("static/**/*"), *ROOT.glob("locale/**/*.po"), *ROOT.glob("*/static/**/*")]
    watched += [
        ROOT / "requirements.txt",
        ROOT / "staticfiles" / "staticfiles.json",
        *ROOT.glob("locale/**/*.mo"),
    ]
    # The two commands and what they build from.
    watched += [*ROOT.glob("*/management/commands/[cf]*.py"), ROOT / "msl_crm" / "icons.py"]
    for path in sorted(set(watched)):
        if path.is_file():
            found = path.stat()
            seen.update(f"{path.relative_to(ROOT)} {found.st_mtime_ns} {found.st_size}\n".encode())
    return seen.hexdigest()
