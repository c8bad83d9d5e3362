"""Without JavaScript every form still does its work."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site, Visit
from tests.e2e.walking import adopt, confirm, day, follow, hand_in, press
from tests.integration.test_imports import medicine, table

BRAND, NUMBER = "Stillanor", "EMEA/H/C/909002"


def test_a_rep_accepts_one_account_declines_another_and_signs_out(sign_in: Visit) -> None:
    page = sign_in("jonas.weber", width=390, scripts=False, fresh=True)
    page.goto("/handovers/inbox/")
    waiting = page.locator("#inbox .x-hcard")
    before = waiting.count()

    waiting.first.locator("input[name=item]").check()
    press(page, "Accept")
    expect(page.locator("#inbox .x-hcard")).to_have_count(before - 1)

    with page.expect_navigation():
        page.locator("#inbox .x-hcard").first.get_by_role("link", name="Decline").click()
    press(page, "Decline")
    assert page.title().startswith("Error")
    page.get_by_label("No capacity").check()
    press(page, "Decline")
    page.goto("/handovers/inbox/")
    expect(page.locator("#inbox .x-hcard")).to_have_count(before - 2)

    page.goto("/account/logout/")
    press(page, "Sign out")
    page.goto("/handovers/inbox/")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_lists_are_filtered_and_exported(sign_in: Visit) -> None:
    page = sign_in("murat.aydin", scripts=False)
    page.goto("/kols/")
    page.locator(".x-filter", has_text="Tier").locator("summary").click()
    page.locator(".x-filter[open] input").first.check()
    with page.expect_navigation():
        page.locator(".x-filter[open]").get_by_role("button", name="Apply").click()
    assert "tier=" in page.url
    assert page.locator("main tbody tr").count() > 0

    with page.expect_download() as download:
        page.get_by_role("link", name="Export this list").click()
    assert download.value.suggested_filename.endswith(".csv")


def test_regulatory_imports_adopts_and_confirms(sign_in: Visit) -> None:
    rita, ralf = sign_in("rita.sommer", scripts=False), sign_in("ralf.winter", scripts=False)

    hand_in(rita, "table.xlsx", table(day(25), medicine(BRAND, NUMBER, "Opinion")), BRAND)
    adopt(rita, BRAND)
    confirm(ralf, BRAND, "Submitted")

    rita.goto("/products/")
    follow(rita, BRAND)
    expect(rita.locator("main")).to_contain_text("Submitted")


def test_compliance_searches_the_trail(sign_in: Visit) -> None:
    page = sign_in("clara.neumann", scripts=False)
    page.goto("/compliance/trail/")
    page.get_by_label("Person").fill("Lena")
    press(page, "Search")

    expect(page.locator("main .x-rows")).to_contain_text("Lena Hoffmann")


def test_the_language_is_chosen_before_signing_in(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/")
    press(page, "Deutsch")

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("h1")).to_have_text("Anmelden")
    context.close()
