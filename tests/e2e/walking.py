"""What people do on pages again and again."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def day(back: int) -> str:
    """A day of the regulator's tables, so many days ago."""
    return (date.today() - timedelta(days=back)).strftime("%d/%m/%Y")


def written(words: str) -> str:
    """A name as it stands on the page, without the tag beside it."""
    return words.splitlines()[0].strip()


def press(page: Page, name: str) -> None:
    """Press the button of this name and wait for the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def hand_in(page: Page, name: str, content: bytes, brand: str) -> None:
    """Import a table: look at it, then carry it out."""
    page.goto("/imports/authorisations/new/")
    page.set_input_files("input[name=file]", {"name": name, "mimeType": XLSX, "buffer": content})
    press(page, "Look at it")
    expect(page.locator("main")).to_contain_text("Nothing is written yet")
    expect(page.locator("main")).to_contain_text(brand)
    press(page, "Import")
    expect(page.locator("main")).to_contain_text("Carried out")


def confirm(page: Page, brand: str, state: str) -> None:
    """The colleague's confirmation of what waits for the product."""
    page.goto("/products/proposals/")
    follow(page, re.compile(f"{brand}.*: {state}"))
    if (asked := page.locator("input[name=effective_on]")).count():
        asked.fill((date.today() - timedelta(days=30)).isoformat())
    press(page, "Confirm")


def adopt(page: Page, brand: str) -> None:
    """Make a regulator's record ours."""
    page.goto(f"/imports/records/?q={brand}")
    follow(page, brand)
    press(page, "Adopt")
    expect(page.locator("h1")).to_contain_text(brand)


def train(page: Page, who: str, brand: str, market: str) -> None:
    """Write down that somebody was trained on a use, from yesterday on."""
    page.goto("/certificates/")
    page.select_option("select[name=person]", label=who)
    page.select_option("select[name=kind]", "PRODUCT_TRAINING")
    uses = page.locator("select[name=use] option").filter(has_text=brand).filter(has_text=market)
    page.select_option("select[name=use]", uses.first.get_attribute("value"))
    page.fill("input[name=first_day]", (date.today() - timedelta(days=1)).isoformat())
    page.fill("input[name=evidence]", "Academy, final test passed")
    press(page, "Record")
    expect(page.locator("main")).to_contain_text(f"{who}:")
