"""`dev.py screens`: a picture of every screen of everybody, in both widths, themes and languages, to be looked at.

Not a test that can fail on looks: whoever changes a page opens the pictures beside each other.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import SERVED, Site, Visit
from tests.e2e.screens import LOOKS, PEOPLE, Screen, screens_of
from tests.long.test_every_screen import language

FOLDER = Path(os.environ.get("SCREENS", Path(__file__).resolve().parents[2] / "screens"))
TALLEST = 6000

__all__ = ["language"]


def shoot(page: Page, screen: Screen, path: Path, width: int) -> None:
    """The whole page; the window grows to it, because bars stick to the window and not to the picture."""
    tall = page.evaluate("document.documentElement.scrollHeight") if not screen.press else 900
    page.set_viewport_size({"width": width, "height": max(900, min(tall, TALLEST))})
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size({"width": width, "height": 900})


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pictures(sign_in: Visit, site: Site, language: str, who: str, width: int, theme: str) -> None:
    page = sign_in(who, width=width, theme=theme, **SERVED)
    for screen in screens_of(who):
        screen.open(page)
        shoot(page, screen, FOLDER / language[:2] / f"{width}-{theme}" / f"{screen.name}.png", width)
