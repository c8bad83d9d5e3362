"""Without network: what opens, what is kept, what leaves the device and how often."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Visit

NOTE = "Asked how the dose is found in old age."
SAVE = "Save, no side effect mentioned"
ROWS = """name => new Promise((yes, no) => {
  const asked = indexedDB.open("msl-crm", 1);
  asked.onerror = () => no(asked.error);
  asked.onsuccess = () => {
    const rows = asked.result.transaction(name).objectStore(name).getAll();
    rows.onsuccess = () => { asked.result.close(); yes(rows.result.map(({ id, tag, state, scope, at }) => ({ id, tag, state, scope, at }))); };
  };
})"""


def rows(page: Page, name: str = "items") -> list[dict[str, Any]]:
    """What the device holds, without what only a key opens."""
    found: list[dict[str, Any]] = page.evaluate(ROWS, name)
    return found


def until(page: Page, script: str, arg: Any = None) -> None:
    page.wait_for_function(script, arg=arg, timeout=15_000)


def ready(page: Page) -> None:
    """The shell is kept, the worker rules this page, and what is needed without network has arrived."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    if not page.evaluate("!!navigator.serviceWorker.controller"):
        page.reload()
    until(page, f"async () => (await ({ROWS})('data')).length === 1")


def cut(context: BrowserContext) -> None:
    context.set_offline(True)


def test_the_listed_pages_open_without_network(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390)
    ready(page)
    plan = page.locator(".x-current").get_by_role("link", name="Log visit").get_attribute("href")
    cut(page.context)

    page.goto("/")
    expect(page.locator("main")).to_contain_text("Offline. As of")
    expect(page.locator(".x-event").first).to_be_visible()
    page.goto(plan)
    expect(page.locator("form#visit fieldset.x-block").first).to_be_visible()
    page.goto("/kols/")
    expect(page.locator("[data-people] li").first).to_be_visible()
    page.goto("/interactions/")
    expect(page.locator("h1")).to_have_text("Calendar")
    page.goto("/device/")
    expect(page.locator("h1")).to_have_text("On this device")
    page.goto("/products/")
    expect(page.locator("main")).to_contain_text("not on your device")
