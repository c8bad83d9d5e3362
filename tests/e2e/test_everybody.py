"""Every screen for every person: no violation of WCAG, every stop in reach and ringed, nothing sideways."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import Visit
from tests.e2e.screens import SCREENS, Screen

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
PEOPLE = sorted({screen.who for screen in SCREENS})


def screens_of(who: str) -> list[Screen]:
    return [screen for screen in SCREENS if screen.who == who]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_axe_finds_nothing_on_any_screen(sign_in: Visit, who: str, width: int, theme: str) -> None:
    page = sign_in(who, width=width, theme=theme)
    found: dict[str, list[str]] = {}
    for screen in screens_of(who):
        screen.open(page)
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        if violations := results.response["violations"]:
            found[screen.name] = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in violations]

    assert found == {}


SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The outline or the shadow of what has the focus, and whether it lies within the window and on top.
STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none';
  const label = e.closest('label') || (e.labels && e.labels[0]);
  const ls = label ? getComputedStyle(label) : null;
  const labelled = ls && ((ls.outlineStyle !== 'none' && parseFloat(ls.outlineWidth) >= 2) || ls.boxShadow !== 'none');
  const seen = r.bottom > 0 && r.top < innerHeight;
  return {what: e.outerHTML.slice(0, 120), ring: ring || !!labelled, seen: seen || !!label};
}"""


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_stop_of_the_tab_key_is_seen_and_ringed(sign_in: Visit, who: str, width: int) -> None:
    page = sign_in(who, width=width)
    lost: dict[str, list[str]] = {}
    for screen in screens_of(who):
        screen.open(page)
        for _ in range(45):
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if stop is None:
                break
            if not (stop["ring"] and stop["seen"]):
                lost.setdefault(screen.name, []).append(stop["what"])

    assert lost == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_no_screen_scrolls_sideways(sign_in: Visit, who: str) -> None:
    wide = {}
    for width in (320, 768, 1280):
        page = sign_in(who, width=width)
        for screen in screens_of(who):
            screen.open(page)
            if (over := page.evaluate(SIDEWAYS)) > 0:
                wide[screen.name, width] = over

    assert wide == {}
