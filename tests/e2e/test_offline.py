"""Without network: what opens, what is kept, and what leaves the device once it returns."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.bad_network import Network, network
from tests.e2e.conftest import Site
from tests.e2e.devices import (
    EVERY_STORE,
    NOTE,
    SAVE,
    device,
    in_state,
    items,
    kept_as,
    kill,
    leave,
    logged,
    people,
    ready,
    save,
    signed_in,
    stored,
    traces,
    until,
    write,
)
from tests.e2e.storm import storm

WHO = "lena.hoffmann"
NEW_SHELL = """async () => {
  const kept = (await caches.keys()).filter(name => name.startsWith('shell-'));
  return kept.length === 1 && kept[0].startsWith('shell-b');
}"""


@pytest.fixture
def line(site: Site) -> Iterator[Network]:
    with network(site.address) as found:
        yield found


@pytest.fixture
def phone(browser: Browser, line: Network, tmp_path: Path) -> Iterator[BrowserContext]:
    with device(browser, tmp_path / "phone", line.address, viewport={"width": 390, "height": 900}) as context:
        yield context


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """Lena's phone, with all it needs for a day without network."""
    page = signed_in(phone.pages[0], WHO)
    ready(page)
    return page


def chip(page: Page, words: str) -> None:
    expect(page.locator(".x-topbar [data-sync]")).to_have_text(words)


def back(page: Page, line: Network) -> None:
    line.there = True
    page.evaluate("dispatchEvent(new Event('online'))")


def test_the_listed_pages_open_and_the_cache_holds_nobody(page: Page, line: Network) -> None:
    kept_pages = stored(page, "Object.keys(data.pages)")
    link, brief = (
        next(path for path in kept_pages if path.startswith(start))
        for start in ("/interactions/new/?plan=", "/kols/")
    )
    kols = people(page)
    line.there = False

    page.goto("/")
    expect(page.locator("main")).to_contain_text("Offline. As of")
    expect(page.locator(".x-event").first).to_be_visible()
    for address in (link, f"/interactions/new/?kol={kols[0]}"):
        page.goto(address)
        expect(page.locator("form#visit fieldset.x-block").first).to_be_visible()
    page.goto("/kols/")
    expect(page.locator("[data-people] li")).to_have_count(min(len(kols), 100))
    page.goto(brief)
    expect(page.locator("main")).to_contain_text("Last contacts")
    page.goto("/interactions/")
    expect(page.locator("h1")).to_have_text("Calendar")
    page.goto("/products/")
    expect(page.locator("main")).to_contain_text("not on your device")
    page.goto("/device/")
    expect(page.locator("h1")).to_have_text("On this device")

    kept = page.evaluate(EVERY_STORE)
    cached = {name.partition(line.address)[2] for name in kept if name.startswith("cache http")}
    assert cached - {"/offline/en-gb/", "/offline/de/", "/language"}
    assert all(re.match(r"/(static|offline)/|/language$", path) for path in cached)
    assert kept["local"] == "{}"
    # htmx notes the address of the page, in the tab alone.
    assert set(json.loads(kept["session"])) <= {"htmx-current-path-for-history"}


def test_a_visit_of_the_cellar_is_sent_once_and_its_state_is_always_said(page: Page, line: Network) -> None:
    [kol, *_rest] = people(page)
    chip(page, "All saved")
    line.there = False

    write(page, kol, "Asked in the cellar.")
    in_state(page, "draft")
    chip(page, "Offline")
    save(page)
    expect(page.locator("#toasts")).to_contain_text("Visit kept on this device")
    chip(page, "Offline, 1 waiting")
    page.goto("/device/")
    expect(page.locator("[data-list=waiting] li")).to_have_count(1)

    back(page, line)
    in_state(page, "sent")
    chip(page, "All saved")
    expect(page.locator("[data-list=sent] li")).to_have_count(1)
    with page.expect_navigation():
        page.locator("[data-list=sent] a").click()
    expect(page.locator("main")).to_contain_text("Asked in the cellar.")


def test_when_the_session_is_over_it_waits_for_the_sign_in_and_then_goes_by_itself(
    page: Page, line: Network
) -> None:
    [kol, *_rest] = people(page)
    line.there = False
    write(page, kol, "The session ended.")
    save(page)
    page.context.clear_cookies()
    page.goto("/device/")

    back(page, line)
    chip(page, "Sign in to send 1")
    page.goto("/")
    expect(page.locator("[data-waits]")).to_contain_text("1.")
    signed_in(page, WHO)
    in_state(page, "sent")
    chip(page, "All saved")


def test_a_refused_visit_keeps_its_text_says_why_and_goes_once_put_right(page: Page, line: Network) -> None:
    [kol, *_rest] = people(page)
    line.there = False
    write(page, kol, "Too early to tell.")
    today = page.locator("[name=on]").input_value()
    page.locator("details", has=page.locator("[name=on]")).evaluate(
        "one => { one.open = true; }"
    ) if page.locator("[name=on]").is_hidden() else None
    page.locator("[name=on]").fill("2031-01-01")
    save(page)
    page.goto("/device/")

    back(page, line)
    in_state(page, "needs")
    chip(page, "1 needs you")
    row = page.locator("[data-list=needs] li")
    expect(row).to_contain_text("This has not taken place yet. Plan it instead.")
    with page.expect_navigation():
        row.get_by_role("link", name="Continue").click()
    expect(page.get_by_label(NOTE)).to_have_value("Too early to tell.")
    expect(page.locator("form#visit")).to_contain_text("This has not taken place yet")

    page.locator("[name=on]").fill(today)
    save(page)
    in_state(page, "sent")
    assert [row["state"] for row in items(page)] == ["sent"]


def test_without_network_the_form_asks_for_what_no_visit_can_lack(page: Page, line: Network) -> None:
    [kol, *_rest] = people(page)
    line.there = False
    page.goto(f"/interactions/new/?kol={kol}")
    # The line says what the fields hold, and on a phone both answers can be pressed.
    expect(page.locator("[data-said-when]")).to_contain_text(page.locator("[name=at]").input_value())
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="A side effect was mentioned").click(trial=True)
    page.get_by_label(NOTE).press_sequentially("Nothing chosen.")

    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("alert")).to_have_text("Choose at least one topic.")
    page.locator("fieldset.x-block", has=page.locator("[name$=-basis]")).first.locator(
        ".x-chip"
    ).first.click()
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("alert")).to_have_text("Say how it came up.")
    in_state(page, "draft")


def test_what_was_written_outlives_a_killed_browser_a_sign_out_and_a_deployment(
    browser: Browser, line: Network, tmp_path: Path
) -> None:
    folder = tmp_path / "laptop"
    with device(browser, folder, line.address) as laptop:
        page = signed_in(laptop.pages[0], WHO)
        ready(page)
        kol, other, *_rest = people(page)
        sending = f"Killed while sending {uuid4().hex}."
        write(page, kol, "Killed while writing.")
        kept_as(page, "Killed while writing.")
        line.there = False
        write(page, other, sending)
        save(page)
        in_state(page, "waiting")
        line.there = line.hold = True
        page.evaluate("void device.flush()")
        assert line.held.wait(60)
        in_state(page, "sending")
        kill(folder)

    # The product has it, the device does not know. A new version of the shell is what it finds when opened again.
    line.version, line.there, line.hold = "b", False, False
    with device(browser, folder, line.address) as laptop:
        page = laptop.pages[0]
        page.goto("/device/")
        expect(page.locator("h1")).to_have_text("On this device")
        assert sorted(row["state"].replace("sending", "waiting") for row in items(page)) == [
            "draft",
            "waiting",
        ]
        expect(page.locator("[data-list=draft]")).to_contain_text("Locked")

        # The browser may have been killed before it had written its cookie down: then the page says what waits.
        line.there = True
        page.goto("/")
        if "/account/login" in page.url:
            expect(page.locator("[data-waits]")).to_have_text(re.compile("until their author signs in: 1."))
            signed_in(page, WHO)
        in_state(page, "sent")
        assert logged(page)[sending] == 1
        page.goto(f"/interactions/new/?kol={kol}")
        expect(page.get_by_label(NOTE)).to_have_value("Killed while writing.")
        expect(page.locator("fieldset.x-blue input:checked")).to_have_count(1)
        # A browser looks for a new version in its own time; here it is asked to. One version is kept, the new one.
        page.evaluate(
            "navigator.serviceWorker.getRegistration().then(found => found.update()).catch(() => null).then(() => true)"
        )
        until(page, NEW_SHELL)

        leave(page, "keep")
        assert [row["state"] for row in items(page)] == ["draft"]
        assert items(page, "data") == []
        signed_in(page, WHO)
        page.goto(f"/interactions/new/?kol={kol}")
        expect(page.get_by_label(NOTE)).to_have_value("Killed while writing.")
        save(page)
        in_state(page, "sent")


def test_after_a_quarter_of_an_hour_only_the_pin_opens_it(page: Page, line: Network) -> None:
    page.goto("/device/")
    for number, pin in (("1", "271828"), ("2", "271828")):
        page.locator(f"#id_pin_{number}").fill(pin)
    page.get_by_role("button", name="Set PIN").click()
    expect(page.locator("[data-said]")).to_contain_text("opens your pages")
    line.there = False
    page.goto("/")
    expect(page.locator(".x-event").first).to_be_visible()

    page.clock.install()
    page.goto("/")
    expect(page.locator(".x-event").first).to_be_visible()
    page.clock.fast_forward("16:00")
    expect(page.locator("h1")).to_have_text("You are offline")
    expect(page.locator(".x-event")).to_have_count(0)
    page.goto("/")
    expect(page.locator("h1")).to_have_text("You are offline")

    page.get_by_label("PIN").fill("314159")
    page.get_by_role("button", name="Open my pages").click()
    expect(page.locator("[data-said]")).to_contain_text("not the PIN")
    page.get_by_label("PIN").fill("271828")
    page.get_by_role("button", name="Open my pages").click()
    expect(page.locator(".x-event").first).to_be_visible()


def test_five_wrong_pins_forget_it_and_72_hours_forget_the_pages(page: Page, line: Network) -> None:
    page.goto("/device/")
    for number in ("1", "2"):
        page.locator(f"#id_pin_{number}").fill("271828")
    page.get_by_role("button", name="Set PIN").click()
    expect(page.locator("[data-said]")).to_contain_text("opens your pages")
    page.evaluate("device.hold(null)")
    line.there = False
    page.goto("/")
    for left in (4, 3, 2, 1, 0):
        page.get_by_label("PIN").fill("314159")
        page.get_by_role("button", name="Open my pages").click()
        until(
            page,
            "async left => { const pin = await device.get('meta', 'pin');"
            " return left ? pin && pin.tries === 5 - left : !pin; }",
            left,
        )
    expect(page.locator("[data-unlock]")).to_be_hidden()

    assert len(items(page, "data")) == 1
    page.evaluate(
        "async () => { const [row] = await device.all('data');"
        " await device.put('data', { ...row, at: row.at - 72.1 * 3600e3 }); }"
    )
    page.goto("/")
    until(page, "async () => !(await device.all('data')).length")


def test_the_next_person_at_the_device_finds_nothing_of_the_first(
    browser: Browser, line: Network, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    with device(browser, folder, line.address) as shared:
        page = signed_in(shared.pages[0], WHO)
        ready(page)
        name = stored(page, "data.people[0][1]")
        canaries = ["kanarienvogelnotiz", name.split()[-1], "hoffmann"]
        [kol, *_rest] = people(page)
        line.there = False
        write(page, kol, "Kanarienvogelnotiz, waiting.")
        save(page)
        in_state(page, "waiting")
        page.goto("/kols/")
        # Another tab has the turn to send and takes its time, so that the visit still waits when she leaves.
        slow = shared.new_page()
        slow.goto("/offline/en-gb/")
        slow.evaluate("() => void navigator.locks.request('outbox', () => new Promise(() => {}))")
        line.there = True
        expect(page.locator("[data-people]")).to_contain_text(canaries[1])
        leave(page, "keep")
        slow.close()

        signed_in(page, "jonas.weber")
        until(page, "async () => device.tag().length === 24")
        for words in page.evaluate(EVERY_STORE).values():
            assert not any(canary in words.lower() for canary in map(str.lower, canaries))
        assert [row["state"] for row in items(page)] == ["waiting"]
        # His key opens none of hers.
        assert (
            page.evaluate(
                "async () => { const key = await device.key(); const [row] = await device.all('items');"
                " return device.open(key, row).then(() => 'opened', () => 'shut'); }"
            )
            == "shut"
        )
        page.goto("/device/")
        expect(page.locator("[data-list=waiting] li")).to_have_text("Nothing.")
        expect(page.locator(".x-sync").first).to_have_text("All saved")
    assert traces(folder, canaries[:1]) == []
    held = [
        (path, word)
        for path, word in traces(folder, canaries[1:2])
        if not path.endswith(("History", "History-journal"))
    ]
    assert held == []


def test_a_bad_network_loses_and_doubles_nothing(browser: Browser, line: Network) -> None:
    storm(browser, line, drafts=int(os.environ.get("CRM_DRAFTS", "12")))
