"""The browser for the browser tests: the system's Chromium, never a download of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from devtools.console import Failure, report, step
from devtools.environment import clean_environment, logs
from devtools.places import ROOT, is_root
from devtools.processes import run_logged

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find() -> str:
    """The path of a browser that starts; empty when there is none. CHROMIUM names one of your own."""
    found = [os.environ.get("CHROMIUM", ""), *(shutil.which(name) or "" for name in NAMES), *APPLICATIONS]
    return next((path for path in found if path and Path(path).exists() and _starts(path)), "")


def _starts(path: str) -> bool:
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_or_install() -> str:
    """A browser, installed from Debian's packages where that is allowed."""
    if (found := find()) or not is_root() or not shutil.which("apt-get"):
        return found
    env = {**clean_environment(), "DEBIAN_FRONTEND": "noninteractive"}
    remedy = "Install Chromium by hand, or set CHROMIUM to the path of one."
    try:
        with step("Installing Chromium for the browser tests"):
            log = logs() / "browser.log"
            run_logged(["apt-get", "-q", "update"], log, env=env, cwd=ROOT, remedy=remedy)
            install = ["apt-get", "-q", "install", "-y", "--no-install-recommends", "chromium"]
            run_logged(install, log, env=env, cwd=ROOT, remedy=remedy)
    except Failure as failure:
        report(failure)
    return find()
