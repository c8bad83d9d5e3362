"""What somebody hears or feels who does not see the page: focus after a swap, the live region, languages, sign-in."""

from __future__ import annotations

from playwright.sync_api import expect

from msl_crm.demo.people import DOMAIN, PASSWORD
from tests.e2e.conftest import Visit

PROBE = """() => {
  document.querySelector('main').insertAdjacentHTML('beforeend', '<p>before</p><div id="probe"><button id="more"'
    + ' hx-get="/notices/" hx-select="h1" hx-target="#probe" hx-swap="outerHTML"'
    + ' data-said="More is shown.">More</button></div>');
  htmx.process(document.querySelector('main'));
}"""


def test_focus_goes_to_what_came_and_one_sentence_is_said(sign_in: Visit) -> None:
    """A7: after a swap the focus never falls to the body, and the live region speaks once."""
    page = sign_in("lena.hoffmann")
    page.evaluate(PROBE)
    page.focus("#more")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("More is shown.")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_a_swap_that_fails_says_so_and_leaves_the_focus(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    page.evaluate(PROBE)
    page.focus("#more")
    page.evaluate(
        "document.getElementById('probe')"
        ".dispatchEvent(new CustomEvent('htmx:sendError', {bubbles: true, detail: {}}))"
    )
    expect(page.locator("#live")).to_contain_text("did not reach us")
    expect(page.locator("#toasts .x-toast-error")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "more"


def test_pages_and_their_answers_say_in_which_language_they_speak(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    answer = page.goto("/kols/")
    assert answer
    assert answer.headers["content-language"] == page.locator("html").get_attribute("lang") == "en-gb"


def test_sign_in_takes_a_paste_and_a_password_manager(sign_in: Visit) -> None:
    """A10: no puzzle, nothing that a manager could not fill, the password can be pasted and shown."""
    page = sign_in("lena.hoffmann", fresh=True)
    page.context.clear_cookies()
    page.goto("/account/login/")
    login, password = page.locator("input[name=login]"), page.locator("input[name=password]")
    assert (login.get_attribute("autocomplete") or "").split()[0] in ("username", "email")
    assert password.get_attribute("autocomplete") == "current-password"
    for field, words in ((login, f"lena.hoffmann@{DOMAIN}"), (password, PASSWORD)):
        field.focus()
        page.keyboard.insert_text(words)
        assert field.input_value() == words
    page.locator("[data-show]").click()
    assert password.get_attribute("type") == "text"
    page.keyboard.press("Enter")
    password.press("Enter")
    page.wait_for_url("**/")


def test_who_wants_less_movement_or_stronger_borders_gets_them(sign_in: Visit) -> None:
    """A9: reduced motion, more contrast, forced colours."""
    page = sign_in("lena.hoffmann", reduced_motion="reduce", forced_colors="active")
    page.goto("/kols/")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')]"
        ".filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    )
    assert moving == 0
    tag = page.locator(".x-tag").first
    assert tag.evaluate("(e) => getComputedStyle(e).borderTopStyle") == "solid"
