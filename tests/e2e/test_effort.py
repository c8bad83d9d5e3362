"""What people do every day is short: each press, choice and text is counted, as the journeys promise."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.test_log_visit import SAVE, Hand, block, open_visit, save, take_back

NOTE = "What should you remember?"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_corridor_talk_takes_five(sign_in: Visit, scripts: bool) -> None:
    page = sign_in("lena.hoffmann", width=390, scripts=scripts)
    hand = Hand(page)

    hand.press(page.locator(".x-plus"))
    if scripts:
        hand.write(page.get_by_label("Name, place or number"), "rei")
        expect(page.locator("#found")).to_contain_text("Found")
    else:
        # Without scripts the letters are sent with the keyboard's own key.
        hand.write(page.get_by_label("Name, place or number"), "rei")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    hand.press(page.locator("#found .x-cover").first)
    hand.choose(block(page, "blue").locator(".x-chip").first)
    save(hand)

    assert hand.count == 5
    expect(page.locator("#toasts")).to_contain_text("Visit saved")
    take_back(page)


def test_the_brief_of_the_next_visit_is_one_touch_away(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390)
    hand = Hand(page)

    hand.press(page.get_by_role("link", name="Read the visit brief").first)

    assert hand.count == 1
    expect(page.locator("main")).to_contain_text("What you may discuss today")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_visit_worth_making_is_planned_in_three(sign_in: Visit, scripts: bool) -> None:
    page = sign_in("lena.hoffmann", scripts=scripts)
    hand = Hand(page)

    hand.press(page.locator("section[aria-labelledby=worth]").get_by_role("link", name="Plan").first)
    hand.press(page.locator("main .x-chip-group a").first)
    hand.press(page.locator("main").get_by_role("button", name="Plan"))

    assert hand.count == 3
    expect(page.locator("#toasts")).to_contain_text("Visit planned")
    take_back(page)


def test_a_promise_is_noted_with_the_visit(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390)
    hand = Hand(page)

    open_visit(hand)
    hand.choose(block(page, "blue").locator(".x-chip").first)
    hand.choose(page.locator(".x-addon", has_text="Follow-up"))
    hand.write(page.get_by_label("What will you do?"), "Send the poster")
    hand.write(page.get_by_label("Due"), "2030-01-07")
    save(hand)

    assert hand.count == 6
    expect(page.locator("#toasts")).to_contain_text("Visit saved")
    take_back(page)


def test_a_side_effect_is_reported_from_the_visit(sign_in: Visit) -> None:
    """Opened, what was heard, who told it, and the press that says it was mentioned: all before the visit is looked at."""
    page = sign_in("sofia.richter", width=390)
    hand = Hand(page)

    hand.press(page.locator(".x-current").first.get_by_role("link", name="Log visit"))
    hand.choose(block(page, "blue").locator(".x-chip").first)
    hand.press(page.get_by_role("button", name="A side effect was mentioned"))
    hand.write(page.get_by_label("What happened"), "Dizziness on the second day")
    hand.press(page.get_by_role("button", name="A side effect was mentioned"))

    assert hand.count == 5
    expect(page.locator("#toasts")).to_contain_text("Visit saved")


@pytest.mark.parametrize("scripts", [True, False])
def test_undo_opens_the_form_again_with_every_word(sign_in: Visit, scripts: bool) -> None:
    page = sign_in("lena.hoffmann", width=390, scripts=scripts)
    hand = Hand(page)
    open_visit(hand)
    chip = block(page, "blue").locator(".x-chip").first
    hand.choose(chip)
    hand.choose(page.locator(".x-mate").first)
    hand.write(page.get_by_label(NOTE), "Two residents struggle with the guideline.")
    save(hand)

    take_back(page)

    expect(page.get_by_label(NOTE)).to_have_value("Two residents struggle with the guideline.")
    expect(page.locator(".x-mate input:checked")).to_have_count(1)
    expect(page.locator("fieldset.x-block.x-blue input:checked").first).to_be_checked()
    expect(page.locator("#toasts")).to_contain_text("Everything you wrote is still here")


def test_who_else_was_there_is_found_as_one_types_and_stays_chosen(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=1440)
    hand = Hand(page)
    open_visit(hand)
    hand.choose(page.locator(".x-mate").first)
    hand.choose(page.locator(".x-other summary"))
    # A likely companion may be called the same, so the answer itself is waited for.
    with page.expect_response(lambda answer: "/companions/" in answer.url):
        hand.write(page.get_by_label("Look for somebody"), "cad")

    found = page.locator("#companions .x-mate:has(input:not(:checked))", has_text="Caduff")
    expect(found).not_to_have_count(0)
    hand.choose(found.last)
    expect(page.locator("#companions input:checked")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False])
def test_what_lies_ahead_is_planned_with_one_press(sign_in: Visit, scripts: bool) -> None:
    page = sign_in("lena.hoffmann", scripts=scripts)
    hand = Hand(page)
    page.goto("/kols/")
    hand.press(page.locator("main tbody a.x-cover").first)
    hand.press(page.locator("main").get_by_role("link", name="Log visit").first)
    page.locator(".x-prefill details:not(.x-other) summary").click()
    page.get_by_label("Day").fill("2030-01-07")
    hand.choose(block(page, "blue").locator(".x-chip").first)
    hand.press(page.get_by_role("button", name=SAVE))

    hand.press(page.get_by_role("button", name="Plan it instead"))

    expect(page.locator("#toasts")).to_contain_text("Visit planned")
    take_back(page)


def test_a_list_is_kept_under_a_name_and_deleted_with_a_way_back(sign_in: Visit) -> None:
    page = sign_in("murat.aydin", scripts=False)
    page.goto("/kols/?view=mine&tier=1")
    page.locator(".x-view-own summary").click()
    page.get_by_label("Name of the view").fill("First rank")
    with page.expect_navigation():
        page.get_by_role("button", name="Save view").click()
    tab = page.get_by_label("Views").get_by_role("link", name="First rank")
    expect(tab).to_have_attribute("aria-current", "page")

    page.locator(".x-view-own summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Delete view").click()
    expect(tab).to_have_count(0)
    take_back(page)
    expect(tab).to_have_count(1)


def test_the_brief_is_one_sheet_of_paper(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=1440)
    with page.expect_navigation():
        page.get_by_role("link", name="Read the visit brief").first.click()

    paper = page.pdf(prefer_css_page_size=True)

    assert sheets(paper) == 1
    page.emulate_media(media="print")
    for gone in (".x-side", ".x-topbar", "main .btn"):
        expect(page.locator(gone).first).to_be_hidden()


def sheets(paper: bytes) -> int:
    """The pages of a document, as it counts them itself."""
    return len(re.findall(rb"/Type\s*/Page[^s]", paper))
