"""An inspector walks all twenty questions on the demo company; the officer reviews by keys alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.walking import press


def test_an_inspector_walks_all_twenty_questions_and_takes_one_along(sign_in: Visit) -> None:
    page = sign_in("ada.fischer")
    page.goto("/")
    for number in range(1, 21):
        link = page.locator(f"main a[href='/reviews/questions/{number}/']")
        asked = link.inner_text()
        with page.expect_navigation():
            link.click()
        expect(page.locator("h1")).to_have_text(asked)
        expect(page.locator("main dl code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
        page.go_back()
    page.goto("/reviews/questions/18/")
    for words in ("nordlicht", "finding", "visit observed"):
        expect(page.locator("main table")).to_contain_text(words)
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert download.value.suggested_filename == "question-18.json"


def test_the_officer_decides_with_keys_and_leads_a_finding(sign_in: Visit) -> None:
    page = sign_in("clara.neumann", fresh=True)
    page.goto("/reviews/")
    page.locator("main .x-rows a[href*='/reviews/items/']").last.click()
    page.wait_for_load_state()
    first = page.url
    with page.expect_navigation():
        page.keyboard.press("k")
    second = page.url
    assert second != first
    with page.expect_navigation():
        page.keyboard.press("a")
    assert page.url != second
    page.goto(second)
    expect(page.locator("main aside")).to_contain_text("no objection")

    page.goto("/compliance/findings/")
    page.locator("main .x-rows a").first.click()
    page.get_by_label("How much it weighs").select_option("MINOR")
    page.get_by_label("Why it weighs so much").fill("Small, and once.")
    press(page, "Triage")
    expect(page.locator("main")).to_contain_text("triaged")
