"""The screens that are looked at in every theme and width: who sees them and where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class Screen:
    """A page of somebody. `link` finds it from the start page: the first link whose address matches."""

    name: str
    who: str
    path: str
    link: str = ""

    def open(self, page: Page) -> None:
        """Go there; for a page of one record, by the first link to such a record."""
        _go(page, self.path)
        if self.link:
            found = page.evaluate("Array.from(document.links).map(a => a.getAttribute('href'))")
            target = next((href for href in found if href and re.search(self.link, href)), None)
            assert target, f"no link like {self.link} on {self.path}"
            _go(page, target)
        page.wait_for_load_state()


def _go(page: Page, path: str) -> None:
    response = page.goto(path)
    assert response, path
    assert response.status == 200, f"{path}: {response.status}"


ID = r"[0-9a-f-]{36}"
SCREENS = (
    Screen("today", "lena.hoffmann", "/"),
    Screen("log-visit", "lena.hoffmann", "/interactions/new/"),
    Screen("visits", "lena.hoffmann", "/interactions/"),
    Screen("interaction", "lena.hoffmann", "/interactions/", rf"/interactions/{ID}/$"),
    Screen("kols", "lena.hoffmann", "/kols/"),
    Screen("kol", "lena.hoffmann", "/kols/", rf"/kols/{ID}/$"),
    Screen("products", "lena.hoffmann", "/products/"),
    Screen("product", "rita.sommer", "/products/", rf"/products/{ID}/$"),
    Screen("proposals", "rita.sommer", "/products/proposals/"),
    Screen("imports", "rita.sommer", "/imports/"),
    Screen("to-prepare", "lena.hoffmann", "/handovers/mine/"),
    Screen("handovers", "tom.krause", "/handovers/"),
    Screen("board", "tom.krause", "/handovers/", rf"/handovers/campaigns/{ID}/$"),
    Screen("territory", "tom.krause", "/reports/territory/"),
    Screen("inbox", "jonas.weber", "/handovers/inbox/"),
    Screen("dossier", "jonas.weber", "/handovers/inbox/", rf"/handovers/{ID}/$"),
    Screen("accounts", "jonas.weber", "/kols/"),
    Screen("assignments", "vera.lang", "/handovers/assignments/"),
    Screen("desk", "clara.neumann", "/compliance/"),
    Screen("trail", "clara.neumann", "/compliance/trail/"),
    Screen("deviations", "clara.neumann", "/compliance/deviations/"),
    Screen("boundary", "clara.neumann", "/compliance/boundary/?role=MSL&zone=PRE&market=JP+2026.2"),
    Screen("safety", "selma.haas", "/safety/"),
    Screen("managed", "petra.vogt", "/"),
)
