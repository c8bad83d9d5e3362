"""Devices: browsers with a profile of their own, which may be killed and opened again."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from msl_crm.demo.people import DOMAIN, PASSWORD
from tests.e2e.conftest import CHROMIUM, FLAGS

SAVE = "Save, no side effect mentioned"
NOTE = "What should you remember?"
# What the device holds, without what only a key opens.
ROWS = """async name => (await device.all(name)).map(({ id, tag, state, at }) => ({ id, tag, state, at }))"""
WAIT = """async arg => {
  const met = %s, end = Date.now() + 60e3;
  while (Date.now() < end) {
    if (await met(arg)) return true;
    await new Promise(yes => setTimeout(yes, 50));
  }
  return false;
}"""
EVERY_STORE = """async () => {
  const found = {};
  for (const { name, version } of await indexedDB.databases()) {
    const base = await new Promise((yes, no) => {
      const asked = indexedDB.open(name, version);
      asked.onsuccess = () => yes(asked.result); asked.onerror = () => no(asked.error);
    });
    for (const store of base.objectStoreNames) {
      found[`${name}/${store}`] = await new Promise(yes => {
        const asked = base.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => yes(asked.result.map(row => Object.entries(row).map(([name, value]) =>
          value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? `${name}: ${new TextDecoder("latin1").decode(value)}`
          : `${name}: ${JSON.stringify(value)}`).join("\\n")).join("\\n"));
      });
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    const kept = await caches.open(name);
    for (const request of await kept.keys()) {
      found[`cache ${request.url}`] = await (await kept.match(request, { ignoreVary: true })).text();
    }
  }
  found.local = JSON.stringify(localStorage);
  found.session = JSON.stringify(sessionStorage);
  return found;
}"""


def items(page: Page, name: str = "items") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(ROWS, name)
    return found


def until(page: Page, condition: str, arg: Any = None) -> None:
    """Wait until a condition holds in the page; it may ask the store."""
    assert page.evaluate(WAIT % condition, arg), condition


def in_state(page: Page, state: str, count: int = 1) -> None:
    until(
        page,
        "async ([state, count]) => (await device.all('items')).filter(row => row.state === state).length"
        " === count",
        [state, count],
    )


def kept_as(page: Page, note: str) -> None:
    """Wait until the draft on the device holds this note to its last letter."""
    until(
        page,
        "async note => { const key = await device.key(), [row] = (await device.all('items'))"
        ".filter(one => one.state === 'draft'); return row && (await device.open(key, row)).pairs"
        ".some(([name, value]) => name === 'note' && value === note); }",
        note,
    )


def ready(page: Page) -> None:
    """The shell is kept, the worker rules this page, and what is needed without network has arrived."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    if not page.evaluate("!!navigator.serviceWorker.controller"):
        page.reload()
    until(page, "async () => (await device.all('data')).some(row => row.id === device.tag())")


def signed_in(page: Page, who: str) -> Page:
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{who}@{DOMAIN}")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("form button[type=submit]")
    assert "/account/login" not in page.url
    return page


def stored(page: Page, what: str) -> Any:
    """Something of what is kept for reading, opened with the key of whoever works here."""
    return page.evaluate(
        "async () => { const data = await device.open(await device.key(), (await device.all('data'))[0]);"
        f" return {what}; }}"
    )


def people(page: Page) -> list[str]:
    """The experts the device knows, by id."""
    found: list[str] = stored(page, "data.people.map(([id]) => id)")
    return found


def write(page: Page, kol: str, note: str) -> None:
    """Begin a visit: one chip and a note, key by key."""
    page.goto(f"/interactions/new/?kol={kol}")
    page.locator("fieldset.x-blue .x-chip").first.click()
    page.get_by_label(NOTE).press_sequentially(note)


def save(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=SAVE).click()


def leave(page: Page, way: str = "") -> None:
    page.goto("/account/logout/")
    if way:
        expect(page.locator("[data-unsent]")).to_be_visible()
        page.locator(f"input[name=unsent][value={way}]").check()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")


def logged(page: Page) -> Counter[str]:
    """How often each note stands in the records of whoever is signed in, as the product answers."""
    found: Counter[str] = Counter()
    address = "/api/interactions/?page_size=200"
    while address:
        said = page.evaluate("address => fetch(address).then(answer => answer.json())", address)
        found.update(row["note"] for row in said["results"])
        address = said["next"]
    return found


@contextmanager
def device(browser: Browser, folder: Path, address: str, **options: Any) -> Iterator[BrowserContext]:
    """A browser on this profile. Its scripts may not break the content security policy."""
    context = browser.browser_type.launch_persistent_context(
        str(folder), executable_path=CHROMIUM, args=FLAGS, base_url=address, **options
    )
    context.set_default_timeout(30_000)
    problems: list[str] = []
    context.on(
        "console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None
    )
    context.on("weberror", lambda fault: problems.append(str(fault.error)))
    try:
        yield context
    finally:
        with suppress(Exception):
            context.close()
    assert problems == []


def kill(folder: Path) -> None:
    """End every process of the browser on this profile as a power cut would."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if f"--user-data-dir={folder}".encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)


def traces(folder: Path, words: list[str]) -> list[tuple[str, str]]:
    """Files of the profile in which one of the words stands, in UTF-8 or UTF-16."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes().lower()
            for word in words:
                if any(word.lower().encode(code) in content for code in ("utf-8", "utf-16-le", "utf-16-be")):
                    found.append((str(path.relative_to(folder)), word))
    return found
