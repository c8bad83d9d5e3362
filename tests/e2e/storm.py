"""Many drafts from several devices and tabs over a bad network: each reaches the product exactly once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.bad_network import FAULTS, Network
from tests.e2e.devices import items, logged, people, ready, save, signed_in, write

WHO = ("lena.hoffmann", "lena.hoffmann", "murat.aydin")
LOCKED = """async () => (await device.all('items')).map(({ id, iv, ct, dk }) =>
  ({ id, iv: [...iv], ct: [...new Uint8Array(ct)], dk: dk && { iv: [...dk.iv], ct: [...new Uint8Array(dk.ct)] } }))"""
OPENED = """async rows => {
  const key = await device.key(), raw = bytes => new Uint8Array(bytes);
  const bytes = box => box && { ...box, iv: raw(box.iv), ct: raw(box.ct).buffer };
  const tries = rows.map(row => device.open(key, { ...bytes(row), dk: bytes(row.dk) }).then(() => 1, () => 0));
  return (await Promise.all(tries)).reduce((sum, one) => sum + one, 0);
}"""


def storm(browser: Browser, line: Network, *, drafts: int, tabs: int = 2) -> None:
    """Write them without network, send them over a bad one, and look at both ends."""
    contexts: list[BrowserContext] = []
    try:
        _storm(browser, line, contexts, drafts, tabs)
    finally:
        for context in contexts:
            context.close()


def _storm(browser: Browser, line: Network, contexts: list[BrowserContext], drafts: int, tabs: int) -> None:
    devices: list[list[Page]] = []
    for who in WHO:
        context = browser.new_context(base_url=line.address, viewport={"width": 390, "height": 900})
        contexts.append(context)
        first = signed_in(context.new_page(), who)
        ready(first)
        devices.append([first, *(context.new_page() for _ in range(tabs - 1))])
    known = [people(pages[0]) for pages in devices]

    name, line.there = uuid4().hex[:8], False
    notes: list[set[str]] = [set() for _ in devices]
    for number in range(drafts):
        place = number % len(devices)
        page = devices[place][number // len(devices) % tabs]
        note = f"{name} {number}"
        write(page, known[place][number % len(known[place])], note)
        save(page)
        notes[place].add(note)

    theirs = devices[0][0].evaluate(LOCKED)
    assert len(theirs) == len(notes[0])
    assert devices[0][0].evaluate(OPENED, theirs) == len(theirs)
    assert devices[-1][0].evaluate(OPENED, theirs) == 0

    line.bad = True
    for turn in range(40 + 4 * drafts):
        line.there = line.chance.random() > 0.1
        if not any(_send(pages, turn) for pages in devices):
            break
    line.there = True
    for pages in devices:
        left = _left(pages[0])
        assert left == [], (left, line.done)
    assert set(line.done) == set(FAULTS)
    line.bad = False
    _exactly_once(devices, notes)


def _send(pages: list[Page], turn: int) -> bool:
    """Let every tab of a device try at once; whether something still waits there."""
    for page in pages[1:]:
        page.evaluate("void device.flush()")
    # Until whichever tab got the lock has come to its end.
    pages[turn % len(pages)].evaluate(
        "device.flush().then(() => navigator.locks.request('outbox', () => {}))"
    )
    return bool(_waiting(pages[0]))


def _waiting(page: Page) -> list[dict[str, Any]]:
    return [row for row in items(page) if row["state"] != "sent"]


def _left(page: Page) -> list[Any]:
    """What has not arrived, with what the product said of it."""
    found: list[Any] = page.evaluate(
        "async () => { const key = await device.key(); const left = (await device.all('items'))"
        ".filter(row => row.state !== 'sent'); return Promise.all(left.map(async row =>"
        " [row.state, (await device.open(key, row)).reasons || null])); }"
    )
    return found


def _exactly_once(devices: list[list[Page]], notes: list[set[str]]) -> None:
    for place, pages in enumerate(devices):
        pages[0].goto("/device/")
        found = logged(pages[0])
        wrong = {note: found[note] for note in notes[place] if found[note] != 1}
        assert wrong == {}, wrong
