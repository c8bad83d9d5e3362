"""The calendar in a real browser: a phone begins with the agenda, a desk with the week; planning, moving, a job."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit


def test_a_desk_begins_with_the_week_and_a_phone_with_the_agenda(sign_in: Visit) -> None:
    desk, phone = sign_in("lena.hoffmann"), sign_in("lena.hoffmann", width=390)
    for page, week in ((desk, True), (phone, False)):
        page.goto("/calendar/")
        expect(page.locator(".x-cal-week")).to_be_visible(visible=week)
        expect(page.locator(".x-cal-agenda").first).to_be_visible(visible=not week)
        current = page.locator('.x-cal-bar [aria-current="page"]:visible')
        expect(current).to_have_text("Week" if week else "Agenda")


def test_a_tap_on_a_free_half_hour_plans_a_visit_there_and_its_fields_move_it(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    page.goto("/calendar/?view=week&on=2031-03-05")
    slot = page.locator('.x-cal-slot[href*="on=2031-03-05"][title="09:30"]')
    slot.click()
    page.locator("main a.x-cover").first.click()
    expect(page.locator("input[name=on]")).to_have_value("2031-03-05")
    expect(page.locator("input[name=at]")).to_have_value("09:30")
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Plan").click()

    page.goto("/calendar/?view=week&on=2031-03-05")
    page.locator(".x-cal-entry", has_text="09:30").locator("a").click()
    page.locator("main").get_by_role("link", name="Move").click()
    page.locator("input[name=on]").fill("2031-03-06")
    page.locator("input[name=at]").fill("15:00")
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Move").click()

    assert "on=2031-03-06" in page.url
    expect(page.locator(".x-cal-entry time")).to_have_text("15:00–15:30")


def test_without_scripts_a_feed_is_made_read_and_revoked(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390, scripts=False)
    page.goto("/calendar/sharing/")
    page.get_by_label("What is it for").fill("My phone")
    with page.expect_navigation():
        page.get_by_role("button", name="Create the address").click()
    address = re.sub(r"^https?://[^/]+", "", page.locator("main code").inner_text())
    answer = page.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "SUMMARY:Visit" in answer.text()

    page.goto("/calendar/sharing/")
    with page.expect_navigation():
        page.get_by_role("button", name="Revoke My phone").click()
    assert page.request.get(address).status == 404
