"""Every screen for everybody, each in one look of the four, the main ones in more: `dev.py long` takes all.

Nothing against WCAG, no target too small, nothing sideways, every stop of the tab key seen and ringed.
"""

from __future__ import annotations

import pytest

from tests.e2e import checking
from tests.e2e.conftest import SERVED, Visit
from tests.e2e.screens import LOOKS, PEOPLE, SCREENS, Screen, screens_of


def look_of(screen: Screen) -> tuple[int, str]:
    """Screens take turns, so that each look is seen by every person."""
    return LOOKS[SCREENS.index(screen) % len(LOOKS)]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_nothing_is_wrong_with_any_screen(sign_in: Visit, who: str, width: int, theme: str) -> None:
    mine = [one for one in screens_of(who) if look_of(one) == (width, theme)]
    if not mine:
        pytest.skip("no screen of this person has its turn in this look")
    page = sign_in(who, width=width, theme=theme, **SERVED)
    wrong: dict[str, list[str]] = {}
    for screen in mine:
        screen.open(page)
        if found := checking.everything(page, width):
            wrong[screen.name] = found

    assert wrong == {}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_stop_of_the_tab_key_is_seen_and_ringed(sign_in: Visit, who: str, width: int) -> None:
    page = sign_in(who, width=width, **SERVED)
    lost: dict[str, list[str]] = {}
    for screen in (one for one in screens_of(who) if one.core):
        screen.open(page)
        if found := checking.stops(page):
            lost[screen.name] = found

    assert lost == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_no_screen_scrolls_sideways(sign_in: Visit, who: str) -> None:
    page = sign_in(who, width=320, **SERVED)
    wide = {}
    for screen in screens_of(who):
        screen.open(page)
        for width in (320, 768, 1280) if screen.core else (320,):
            page.set_viewport_size({"width": width, "height": 900})
            if (over := checking.sideways(page)) > 0:
                wide[screen.name, width] = over
        page.set_viewport_size({"width": 320, "height": 900})

    assert wide == {}
