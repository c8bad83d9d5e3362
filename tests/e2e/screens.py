"""The screens that are looked at in every theme and width: who sees them and where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page


@dataclass(frozen=True)
class Screen:
    """A page of somebody. `link` finds it from the start page: the first link whose address matches.

    `below` goes on from the address found, `press` opens a state of the page, `core` screens are looked at
    in every look by the fast suite; the long one looks at all of them in all.
    """

    name: str
    who: str
    path: str
    link: str = ""
    below: str = ""
    press: str = ""
    core: bool = False
    status: int = 200

    def open(self, page: Page) -> None:
        """Go there; for a page of one record, by the first link to such a record."""
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        path = self.path.replace("{tomorrow}", tomorrow.isoformat())
        _go(page, path, 200 if self.link else self.status)
        if self.link:
            found = page.evaluate("Array.from(document.links).map(a => a.getAttribute('href'))")
            target = next((href for href in found if href and re.search(self.link, href)), None)
            assert target, f"no link like {self.link} on {self.path}"
            _go(page, target + self.below, self.status)
        page.wait_for_load_state()
        if self.press:
            page.locator(self.press).first.click()


def _go(page: Page, path: str, status: int = 200) -> None:
    response = page.goto(path)
    assert response, path
    assert response.status == status, f"{path}: {response.status}"


ID = r"[0-9a-f-]{36}"
KOL = rf"/kols/{ID}/$"
VISIT = rf"/interactions/{ID}/$"
PRODUCT = rf"/products/{ID}/$"
MSL, LEAD, REP, FIELD = "lena.hoffmann", "tom.krause", "jonas.weber", "vera.lang"
OFFICER, REGULATORY, ADMIN, AUDITOR = "clara.neumann", "rita.sommer", "anton.albers", "ada.fischer"
SCREENS = (
    Screen("today", MSL, "/", core=True),
    Screen("log-visit", MSL, "/kols/", KOL, press="main a[href*='/interactions/new/']:visible", core=True),
    Screen("log-visit-whom", MSL, "/interactions/new/"),
    Screen("plan-visit-whom", MSL, "/interactions/plan/"),
    Screen("visits", MSL, "/interactions/"),
    Screen("interaction", MSL, "/interactions/", rf"/interactions/{ID}/$"),
    Screen("calendar", MSL, "/calendar/", core=True),
    Screen("calendar-week", MSL, "/calendar/?view=week"),
    Screen("calendar-month", MSL, "/calendar/?view=month"),
    Screen("calendar-sharing", MSL, "/calendar/sharing/"),
    Screen("jobs", MSL, "/jobs/"),
    Screen("trail-extract", OFFICER, "/compliance/trail/print/"),
    Screen("calendar-day", MSL, "/calendar/?view=day"),
    Screen("calendar-agenda", MSL, "/calendar/?view=agenda"),
    Screen("calendar-move", MSL, "/calendar/?view=agenda&on={tomorrow}", VISIT, below="move/"),
    Screen("calendar-team", LEAD, "/calendar/?view=week&team=1"),
    Screen("approvals", LEAD, "/interactions/approvals/"),
    Screen("sign-drafts", MSL, "/interactions/signing/"),
    Screen("follow-ups", MSL, "/interactions/follow-ups/"),
    Screen("may-i", MSL, "/interactions/may-i/"),
    Screen("kols", MSL, "/kols/", core=True),
    Screen("kols-filter", MSL, "/kols/", press=".x-filter > summary"),
    Screen("kols-nothing", MSL, "/kols/?q=zzzzqqq"),
    Screen("kol", MSL, "/kols/", KOL, core=True),
    Screen("kol-new", MSL, "/kols/new/"),
    Screen("kol-edit", MSL, "/kols/", KOL, "edit/"),
    Screen("kol-science", MSL, "/kols/", KOL, "science/"),
    Screen("kol-consents", MSL, "/kols/", KOL, "consents/"),
    Screen("kol-relations", MSL, "/kols/", KOL, "relations/"),
    Screen("kol-affiliations", MSL, "/kols/", KOL, "affiliations/"),
    Screen("kol-identifiers", MSL, "/kols/", KOL, "identifiers/"),
    Screen("kol-markets", MSL, "/kols/", KOL, "markets/"),
    Screen("kol-seats", MSL, "/kols/", KOL, "seats/"),
    Screen("kol-goal", MSL, "/kols/", KOL, "goal/"),
    Screen("products", MSL, "/products/"),
    Screen("materials", MSL, "/products/materials/"),
    Screen("to-prepare", MSL, "/handovers/mine/"),
    Screen("notices", MSL, "/notices/", core=True),
    Screen("settings", MSL, "/profile/", core=True),
    Screen("search", MSL, "/search/?q=prof"),
    Screen(
        "palette", MSL, "/", press=".x-side [data-key=search]:visible, .x-topbar [data-key=search]:visible"
    ),
    Screen("not-found", MSL, "/nothing/here/", status=404),
    Screen("more", MSL, "/", press=".x-tabbar summary:visible, .x-side [data-key=search]:visible"),
    Screen("sessions", MSL, "/account/sessions/"),
    Screen("password", MSL, "/account/password/change/"),
    Screen("sign-out", MSL, "/account/logout/"),
    Screen("side-effect", MSL, "/safety/new/"),
    Screen("certificates", LEAD, "/certificates/"),
    Screen("territory", LEAD, "/reports/territory/", core=True),
    Screen("handovers", LEAD, "/handovers/"),
    Screen("board", LEAD, "/handovers/", rf"/handovers/campaigns/{ID}/$", core=True),
    Screen("campaign-record", LEAD, "/handovers/", rf"/handovers/campaigns/{ID}/$", "record/"),
    Screen("covers", LEAD, "/covers/"),
    Screen("plan-items", LEAD, "/products/plan/"),
    Screen("import-people", LEAD, "/imports/people/new/"),
    Screen("inbox", REP, "/handovers/inbox/", core=True),
    Screen("accounts-asked", REP, "/handovers/account-requests/"),
    Screen("dossier", REP, "/handovers/inbox/", rf"/handovers/{ID}/$"),
    Screen("refusal", REP, "/handovers/inbox/", rf"/handovers/{ID}/$", "refusal/"),
    Screen("accounts", REP, "/kols/"),
    Screen("account", REP, "/kols/", KOL),
    Screen("calls", REP, "/interactions/"),
    Screen("question", REP, "/interactions/question/"),
    Screen("rep-settings", REP, "/profile/"),
    Screen("rep-products", REP, "/products/"),
    Screen("assignments", FIELD, "/handovers/assignments/", core=True),
    Screen("field-inbox", FIELD, "/handovers/inbox/"),
    Screen("field-handovers", FIELD, "/handovers/"),
    Screen("desk", OFFICER, "/compliance/", core=True),
    Screen("trail", OFFICER, "/compliance/trail/"),
    Screen("trail-entry", OFFICER, "/compliance/trail/", rf"/compliance/trail/{ID}/$"),
    Screen("trail-of-record", OFFICER, "/kols/", KOL, press="main a[href*='/compliance/trail/of/']:visible"),
    Screen("trail-check", OFFICER, "/compliance/trail/verification/"),
    Screen("deviations", OFFICER, "/compliance/deviations/"),
    Screen("review", OFFICER, "/reviews/"),
    Screen("review-item", OFFICER, "/reviews/", rf"/reviews/items/{ID}/$"),
    Screen("sample", OFFICER, "/reviews/", rf"/reviews/draws/{ID}/$"),
    Screen("findings", OFFICER, "/compliance/findings/?status=all"),
    Screen("finding", OFFICER, "/compliance/findings/?status=all", rf"/compliance/findings/{ID}/$"),
    Screen("observed-visits", OFFICER, "/reviews/observations/"),
    Screen("trends", OFFICER, "/reviews/trends/"),
    Screen("inspection", AUDITOR, "/reviews/questions/"),
    *(Screen(f"question-{number}", AUDITOR, f"/reviews/questions/{number}/") for number in range(1, 21)),
    Screen("mismatches", OFFICER, "/interactions/mismatches/"),
    Screen("requests", OFFICER, "/interactions/requests/"),
    Screen("rules", OFFICER, "/compliance/rules/"),
    Screen("pack", OFFICER, "/compliance/rules/", r"/compliance/rules/\w+/[\w.]+/$"),
    Screen("boundary", OFFICER, "/compliance/boundary/?role=MSL&zone=PRE&market=JP+2026.2"),
    Screen("officer-kol", OFFICER, "/kols/", KOL),
    Screen("product", REGULATORY, "/products/", PRODUCT, core=True),
    Screen("product-new", REGULATORY, "/products/new/"),
    Screen("proposals", REGULATORY, "/products/proposals/"),
    Screen("material-new", REGULATORY, "/products/materials/new/"),
    Screen("imports", REGULATORY, "/imports/"),
    Screen("import-authorisations", REGULATORY, "/imports/authorisations/new/"),
    Screen("records", REGULATORY, "/imports/records/"),
    Screen("safety", "selma.haas", "/safety/"),
    Screen("safety-report", "selma.haas", "/safety/", rf"/safety/{ID}/$"),
    Screen("told-in-passing", "selma.haas", "/safety/told-in-passing/"),
    Screen("reconciliation", "selma.haas", "/safety/reconciliation/"),
    Screen("safety-desks", "selma.haas", "/safety/desks/"),
    Screen("safety-desk", "selma.haas", "/safety/desks/", rf"/safety/desks/{ID}/PV/$"),
    Screen("managed", "petra.vogt", "/"),
    Screen("people", ADMIN, "/people/"),
    Screen("person", ADMIN, "/people/", rf"/people/{ID}/$"),
    Screen("invite", ADMIN, "/people/new/"),
    Screen("organisation", ADMIN, "/organisation/"),
    Screen("rights", ADMIN, "/people/rights/"),
    Screen("break-glass", ADMIN, "/break-glass/"),
    Screen("sign-in-rules", ADMIN, "/organisation/sign-in/"),
    Screen("factor-lost", ADMIN, "/people/", rf"/people/{ID}/$", "factors/"),
    Screen("second-factor", ADMIN, "/account/mfa/"),
    Screen("market", ADMIN, "/organisation/", rf"/organisation/markets/{ID}/$"),
    Screen("territory-new", ADMIN, "/organisation/territories/new/"),
    Screen("styleguide", ADMIN, "/styleguide/"),
)
LOOKS = ((1440, "light"), (390, "dark"), (390, "light"), (1440, "dark"))
PEOPLE = sorted({screen.who for screen in SCREENS})


def screens_of(who: str) -> list[Screen]:
    return [screen for screen in SCREENS if screen.who == who]
