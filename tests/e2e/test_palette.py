"""Search and commands from the keyboard: local names first, accents and titles folded, keys that can be off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit


def kol_names(page: Page) -> list[str]:
    """The names the palette may find without the server: one's own experts."""
    rows = page.evaluate("fetch('/search/index/').then((answer) => answer.json())")["people"]
    return [row[0] for row in rows]


def open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_visible()
    expect(page.get_by_role("group", name="Places")).to_be_visible()


def test_a_person_is_opened_by_a_part_of_her_name(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    name = kol_names(page)[0]
    open_palette(page)
    page.keyboard.type(name.split()[-1][:5])
    first = page.get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox")).to_have_attribute(
        "aria-activedescendant", first.get_attribute("id") or ""
    )
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert re.search(r"/kols/[0-9a-f-]{36}/$", page.url)

    open_palette(page)
    recent = page.get_by_role("group", name="Recent")
    expect(recent.get_by_role("option").first).to_contain_text(page.locator("h1").inner_text())


@pytest.mark.parametrize("written", ["Prof. Mueller", "müller", "MULLER"])
def test_titles_and_accents_do_not_matter(sign_in: Visit, written: str) -> None:
    page = sign_in("lena.hoffmann")
    page.route(
        "**/search/index/",
        lambda route: route.fulfill(json={"people": [["Prof. Dr. Jörg Müller", "Hamburg", "/kols/", "x"]]}),
    )
    page.route("**/search/hits/**", lambda route: route.abort())
    page.reload()
    open_palette(page)
    page.keyboard.type(written)
    expect(page.get_by_role("group", name="People").get_by_role("option")).to_have_text(
        ["Prof. Dr. Jörg MüllerHamburg"]
    )


def test_tab_on_a_person_shows_what_can_be_done_and_escape_goes_back(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    name = kol_names(page)[0]
    open_palette(page)
    page.keyboard.type(name.split()[-1])
    expect(page.get_by_role("group", name="People")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="People")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/interactions/new/?kol=" in page.url


def test_a_command_switches_the_theme_where_one_is(sign_in: Visit) -> None:
    page = sign_in("karl.jansen", fresh=True)
    page.goto("/kols/")
    for theme in ("dark", "light"):
        open_palette(page)
        page.keyboard.type("switch")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        assert page.url.endswith("/kols/")


def test_the_server_adds_what_is_not_ones_own(sign_in: Visit) -> None:
    page = sign_in("clara.neumann")
    assert kol_names(page) == []
    open_palette(page)
    page.keyboard.type("prof")
    expect(page.get_by_role("group", name="People").get_by_role("option").first).to_be_visible()


def test_nothing_of_it_lies_in_the_browsers_storage(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    open_palette(page)
    page.keyboard.type("a")
    stored = page.evaluate(
        "Promise.all([JSON.stringify({...localStorage, ...sessionStorage}), caches.keys().then((names) =>"
        " Promise.all(names.map((name) => caches.open(name).then((one) => one.keys())))"
        ").then((all) => all.flat().map((one) => one.url).join())])"
    )
    assert "/search/" not in stored[1]
    for name in kol_names(page):
        assert name.split()[-1] not in stored[0]


def test_a_phone_opens_it_over_the_whole_page(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", width=390)
    page.locator(".x-topbar").get_by_role("link", name="Search").click()
    dialog = page.get_by_role("dialog", name="Search and commands")
    expect(dialog).to_be_visible()
    box = dialog.bounding_box()
    assert box
    assert (box["x"], box["width"]) == (0, 390)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).not_to_be_visible()


def test_without_scripts_the_button_leads_to_the_search_page(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann", scripts=False)
    with page.expect_navigation():
        page.locator(".x-side").get_by_role("link", name="Search").click()
    assert page.url.endswith("/search/")


# Keys ----------------------------------------------------------------------------------------------


def test_single_keys_lead_everywhere(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for keys, path in (("gk", "/kols/"), ("gt", "/"), ("gh", "/handovers/"), ("l", "/interactions/new/")):
        with page.expect_navigation():
            for key in keys:
                page.keyboard.press(key)
        assert page.url.split("?")[0].endswith(path)


def test_j_and_k_move_through_a_list(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    page.goto("/kols/")
    where = "document.activeElement.closest('tr, li, .x-hcard')?.textContent.trim().slice(0, 60)"
    page.keyboard.press("j")
    first = page.evaluate(where)
    page.keyboard.press("j")
    second = page.evaluate(where)
    assert first
    assert second
    assert first != second
    page.keyboard.press("k")
    assert page.evaluate(where) == first


def test_a_letter_in_a_field_is_a_letter(sign_in: Visit) -> None:
    page = sign_in("lena.hoffmann")
    page.goto("/kols/")
    field = page.locator("main input[type=search]").first
    field.focus()
    page.keyboard.type("gklx?/")
    assert field.input_value() == "gklx?/"
    assert page.url.endswith("/kols/")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_who_switches_single_keys_off_has_none(sign_in: Visit) -> None:
    page = sign_in("tom.krause", fresh=True)
    page.goto("/profile/")
    switch = page.locator("#keyboard input[type=checkbox]")
    switch.uncheck()
    with page.expect_navigation():
        page.locator("#keyboard button[type=submit]").click()
    for key in ("g", "k", "l", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "/profile/" in page.url
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#keyboard input[type=checkbox]")).to_be_checked()
