"""A real browser on the real product: gunicorn as the web role, PostgreSQL, the demo company of today."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from msl_crm.demo.people import DOMAIN, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DATABASE = os.environ.get("CRM_TEST_DB", "test_crm") + "_e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not Path(CHROMIUM).exists():
        for item in items:
            if "tests/e2e" in str(item.path):
                item.add_marker(pytest.mark.skip(reason=f"no browser at {CHROMIUM}; set CHROMIUM"))


@dataclass(frozen=True)
class Site:
    """The running product and the environment its commands need."""

    address: str
    owner: dict[str, str]

    def manage(self, *words: str) -> str:
        """Run a management command as the owner; what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            env=self.owner,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product with its demo company on a database of its own; SITE names one that is up already."""
    if already := os.environ.get("SITE"):
        yield Site(already, dict(os.environ))
        return
    folder = tmp_path_factory.mktemp("site")
    owner_url = urlsplit(os.environ["DATABASE_URL"])
    place = owner_url.netloc.rpartition("@")[2]
    _create(owner_url.username or "crm_owner", place)
    common = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "msl_crm.settings",
        "SECRET_KEY": os.environ.get("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"),
        "DEBUG": "off",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "STATIC_ROOT": str(folder / "static"),
        "STATICFILES": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "PUBLIC_URL": "http://127.0.0.1",
    }
    owner = {**common, "DATABASE_URL": f"postgres://crm_owner@{place}/{DATABASE}"}
    running = Site("", owner)
    for words in (
        ["compile_catalogues"],
        ["fetch_assets"],
        ["collectstatic", "--noinput"],
        ["migrate", "--noinput"],
        ["seed_demo"],
    ):
        running.manage(*words)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = {**common, "DATABASE_URL": f"postgres://crm_web@{place}/{DATABASE}"}
    words = [
        "-m",
        "gunicorn",
        "msl_crm.wsgi",
        "--no-control-socket",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
    ]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *words], env=web, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait(port, process, folder / "web.log")
            yield Site(f"http://127.0.0.1:{port}", owner)
        finally:
            process.terminate()
            process.wait(20)


def _create(user: str, place: str) -> None:
    host, _, port = place.partition(":")
    connection = psycopg2.connect(host=unquote(host), port=port or 5432, user=user, dbname="crm")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    connection.close()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            line.close()
    raise RuntimeError(f"The web server did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


Visit = Callable[..., Page]
# For pages as the server draws them: on a slow machine a device would draw some by itself.
SERVED = {"service_workers": "block"}


@pytest.fixture(scope="session")
def keys() -> dict[str, Any]:
    """The cookies of everybody who has signed in once."""
    return {}


@pytest.fixture
def sign_in(site: Site, browser: Browser, keys: dict[str, Any]) -> Iterator[Visit]:
    """A page of somebody who has signed in: `sign_in("lena.hoffmann", width=390, theme="dark", scripts=False)`.

    Only the first call for a person, and a `fresh` one, goes through the sign-in page. A violation of
    the content security policy or an error in the console fails the test.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def sign_in(
        who: str,
        *,
        width: int = 1440,
        theme: str = "light",
        scripts: bool = True,
        fresh: bool = False,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            base_url=site.address,
            storage_state=None if fresh else keys.get(who),
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        if fresh or who not in keys:
            page.goto("/account/login/")
            page.fill("input[name=login]", f"{who}@{DOMAIN}")
            page.fill("input[name=password]", PASSWORD)
            page.click("form button[type=submit]")
            page.wait_for_load_state()
            if not fresh:
                keys[who] = context.storage_state()
        else:
            page.goto("/")
        assert "/account/login" not in page.url
        return page

    yield sign_in
    for context in contexts:
        context.close()
    expected = ("status of 404", "status of 409", "status of 422")
    assert [words for words in problems if not any(part in words for part in expected)] == []


def encoded(text: str) -> str:
    return quote(text, safe="")
