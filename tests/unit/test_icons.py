"""Every icon a page asks for is in the sprite: a name that is not there draws nothing, and nobody is told."""

from __future__ import annotations

import re
from pathlib import Path

from accounts.wording import SENTENCES
from msl_crm import navigation
from msl_crm.icons import ICONS
from msl_crm.navigation import Place

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"""\{% icon "([a-z0-9-]+)"|\bicon="([a-z0-9-]+)\"""")


def test_the_icons_of_the_navigation_are_there():
    places = [place for place in vars(navigation).values() if isinstance(place, Place)]

    assert len(places) > 10
    assert {place.icon for place in places} <= set(ICONS)


def test_the_icons_of_notices_are_there():
    assert {icon for _sentence, icon in SENTENCES.values()} <= set(ICONS)


def test_the_icons_that_templates_name_are_there():
    found = {
        name
        for file in (ROOT / "templates").rglob("*.html")
        for names in NAMED.findall(file.read_text("utf-8"))
        for name in names
        if name
    }

    assert len(found) > 30
    assert found <= set(ICONS), found - set(ICONS)
