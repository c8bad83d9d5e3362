"""The virtual environment, its packages, and the variables Django reads."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from devtools.console import Failure, step
from devtools.places import ROOT, VENV, own_folder, state_folder
from devtools.processes import run_logged
from devtools.services import Services

PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
TO_RUN = ("requirements.txt", "requirements-local.txt")
TO_CHECK = (*TO_RUN, "requirements-dev.txt")
# Left over from the caller's shell, these would steer our programs elsewhere.
FOREIGN = (
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "DJANGO_SETTINGS_MODULE",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_USER",
)


def logs() -> Path:
    return own_folder(state_folder() / "logs", 0o700)


def clean_environment() -> dict[str, str]:
    """The caller's environment less what would lead our programs astray."""
    kept = {k: v for k, v in os.environ.items() if k not in FOREIGN and not k.startswith("PG")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def install(files: tuple[str, ...]) -> None:
    """Makes the environment and installs the exact, hashed packages; a stamp check when that is done."""
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
    version = _version_inside()
    if version and _stamp() == {**_stamp(), **wanted, "python": version}:
        return
    if not version:
        with step("Making the Python environment"):
            _make()
        version = _version_inside()
    chosen: list[str | Path] = [part for name in files for part in ("-r", ROOT / name)]
    command: list[str | Path] = [*_installer(), "--require-hashes", *chosen]
    with step(f"Installing packages ({', '.join(files)})"):
        run_logged(
            command,
            logs() / "packages.log",
            env=clean_environment(),
            cwd=ROOT,
            remedy="Check the connection to your package index. Behind a proxy that reads TLS, set PIP_CERT"
            " (or SSL_CERT_FILE for uv) to its certificates. Then start again; what is done is kept.",
        )
    before = _stamp() if _stamp().get("python") == version else {}
    draft = STAMP.with_suffix(".draft")
    draft.write_text(json.dumps({**before, **wanted, "python": version}))
    draft.replace(STAMP)


def _stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _version_inside() -> str:
    """The version of the environment's interpreter; empty when the environment is missing or unusable."""
    needs = "" if shutil.which("uv") else "import pip; "
    try:
        asked = subprocess.run(
            [PYTHON, "-c", f"{needs}import sys; print(sys.version)"],
            capture_output=True,
            text=True,
            check=False,
            env=clean_environment(),
        )
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _make() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    maker = [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    try:
        run_logged([*maker, VENV], logs() / "packages.log", env=clean_environment(), cwd=ROOT, remedy="")
    except Failure as failure:
        raise Failure(
            failure.what,
            "Python's venv module is missing or broken. On Debian and Ubuntu: apt install python3-venv.",
        ) from None


def _installer() -> list[str | Path]:
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", PYTHON]
    return [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]


def secret_key() -> str:
    """The demo's own key: made once, readable by its owner alone."""
    path = state_folder() / "secret_key"
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        draft.replace(path)
    return path.read_text()


def django_environment(services: Services, *, as_owner: bool = False, port: int = 8000) -> dict[str, str]:
    """All variables the settings read; the caller's own never count, so only our own servers are touched."""
    addresses = services.addresses()
    environment = clean_environment()
    if not any(ROOT.glob("static/vendor/*.css")):
        # Without the third-party files, names in the manifest are missing; pages then go unstyled.
        environment["STATICFILES"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    return {
        **environment,
        "DJANGO_SETTINGS_MODULE": "msl_crm.settings",
        "DATABASE_URL": addresses["OWNER_DATABASE_URL" if as_owner else "DATABASE_URL"],
        "REDIS_URL": addresses["REDIS_URL"],
        "SECRET_KEY": secret_key(),
        "DEBUG": "off",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "CSRF_TRUSTED_ORIGINS": f"http://localhost:{port},http://127.0.0.1:{port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        # Four slashes: the settings' reader takes the first one of the path away.
        "EMAIL_URL": f"filemail:///{own_folder(state_folder() / 'mail', 0o700)}",
        "AUDIT_ANCHOR_FILE": str(state_folder() / f"anchors-{services.name}.jsonl"),
        "CRM_TEST_DB": os.environ.get("CRM_TEST_DB", "test_crm"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
    }
