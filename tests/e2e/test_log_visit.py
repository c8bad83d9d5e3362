"""Logging a visit is short: the presses, choices and entries are counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visit

SAVE = "Save, no side effect mentioned"


class Hand:
    """A person's hand on the page. Every touch and every text counts as one."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, button: Locator) -> None:
        self.count += 1
        with self.page.expect_navigation():
            button.click()

    def choose(self, choice: Locator) -> None:
        self.count += 1
        choice.click()

    def write(self, field: Locator, words: str) -> None:
        self.count += 1
        field.fill(words)


def block(page: Page, tone: str) -> Locator:
    """The first product or area of this tone that may be talked about."""
    return page.locator(f"fieldset.x-block.x-{tone}").first


def open_visit(hand: Hand) -> None:
    hand.press(hand.page.locator(".x-current").get_by_role("link", name="Log visit"))


def save(hand: Hand) -> None:
    hand.press(hand.page.get_by_role("button", name=SAVE))


def take_back(page: Page) -> None:
    """Undo, so that the visit waits for the next test again."""
    with page.expect_navigation():
        page.locator("#toasts").get_by_role("button", name="Undo").click()


@pytest.mark.parametrize(("width", "scripts"), [(390, True), (1440, True), (390, False)])
def test_a_planned_visit_takes_three_touches(sign_in: Visit, width: int, scripts: bool) -> None:
    page = sign_in("lena.hoffmann", width=width, scripts=scripts)
    hand = Hand(page)

    open_visit(hand)
    hand.choose(block(page, "blue").locator(".x-chip").first)
    save(hand)

    assert hand.count == 3
    expect(page.locator("#toasts")).to_contain_text("Visit saved")
    take_back(page)


@pytest.mark.parametrize(("width", "scripts"), [(390, True), (1440, True), (1440, False)])
def test_an_investigational_product_that_came_up_takes_five(
    sign_in: Visit, width: int, scripts: bool
) -> None:
    page = sign_in("lena.hoffmann", width=width, scripts=scripts)
    hand = Hand(page)

    open_visit(hand)
    plum = block(page, "plum")
    expect(plum.get_by_text("The doctor asked, unprompted")).to_be_hidden()
    hand.choose(plum.locator(".x-chip").first)
    hand.choose(plum.get_by_text("The doctor asked, unprompted"))
    hand.write(page.get_by_label("What should you remember?"), "Asked how the dose is found in old age.")
    save(hand)

    assert hand.count == 5
    expect(page.locator("#toasts")).to_contain_text("aved")
    take_back(page)


def test_the_question_and_the_tick_make_the_record_complete(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390)
    hand = Hand(page)

    open_visit(hand)
    plum = block(page, "plum")
    hand.choose(plum.locator(".x-chip").first)
    hand.choose(plum.get_by_text("The doctor asked, unprompted"))
    hand.choose(plum.get_by_text("I said that it is not authorised here"))
    hand.write(plum.get_by_label("The question, in the doctor's words"), "How is the dose found in old age?")
    save(hand)

    expect(page.locator("#toasts")).to_contain_text("Visit saved")
    take_back(page)


def test_a_topic_without_its_reason_comes_back_with_the_words_that_were_written(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390)
    hand = Hand(page)

    open_visit(hand)
    hand.choose(block(page, "plum").locator(".x-chip").first)
    hand.write(page.get_by_label("What should you remember?"), "Asked how the dose is found in old age.")
    save(hand)

    assert page.title().startswith("Error:")
    expect(page.get_by_label("What should you remember?")).to_have_value(
        "Asked how the dose is found in old age."
    )
    expect(page.locator("main")).to_contain_text("came up")
