"""The main job from end to end, through the pages alone: a regulator's table moves one expert, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from msl_crm.demo.people import PASSWORD
from tests.e2e.conftest import Site, Visit
from tests.e2e.walking import adopt, confirm, day, follow, hand_in, press, train, written
from tests.integration.test_imports import medicine, table

BRAND, NUMBER = "Vistanor", "EMEA/H/C/909001"

# The clock of the web server cannot be moved; the day on which the approved handover moves can.
MOVE = f"""
from accounts.acting import acting_as, now, system
from handovers.actions import make_effective
from handovers.models import Handover
with acting_as(system("bring the day of the move forward")):
    rows = Handover.objects.filter(state="APPROVED", relation__use__indication__product__brand="{BRAND}")
    rows.update(effective_at=now())
make_effective()
with acting_as(system("see what moved")):
    print(Handover.objects.filter(state="EFFECTIVE", relation__use__indication__product__brand="{BRAND}").count())
"""


@pytest.fixture
def people(sign_in: Visit) -> dict[str, Page]:
    names = ("rita.sommer", "ralf.winter", "lena.hoffmann", "tom.krause", "vera.lang", "jonas.weber")
    return {name.split(".")[0]: sign_in(name) for name in (*names, "clara.neumann")}


def test_a_regulators_tables_move_an_expert_to_field_service_and_back(
    site: Site, people: dict[str, Page]
) -> None:
    rita, ralf, lena, tom = (people[name] for name in ("rita", "ralf", "lena", "tom"))
    vera, jonas, clara = (people[name] for name in ("vera", "jonas", "clara"))

    # Regulatory imports the first table and adopts what is ours; a colleague confirms what it says.
    pending = medicine(BRAND, NUMBER, "Opinion", **{"Opinion status": "Positive"})
    hand_in(rita, "first.xlsx", table(day(20), pending), BRAND)
    adopt(rita, BRAND)
    confirm(ralf, BRAND, "Submitted")

    # The MSL begins to answer for the use.
    lena.goto("/kols/")
    with lena.expect_navigation():
        lena.locator("main tbody a").first.click()
    kol, name = lena.url, written(lena.locator("h1").inner_text())
    lena.goto(f"{kol}relations/")
    lena.select_option("select[name=use]", label=lena.locator("option", has_text=BRAND).first.inner_text())
    press(lena, "Take over")
    expect(lena.locator("main")).to_contain_text(BRAND)

    # The newer table proposes the authorisation; Regulatory's second person confirms it.
    granted = medicine(BRAND, NUMBER, "Authorised", **{"Marketing authorisation date": day(1)})
    hand_in(rita, "second.xlsx", table(day(1), granted), BRAND)
    expect(rita.locator("main")).to_contain_text("entries proposed")
    confirm(ralf, BRAND, "Authorised")

    # The handover is due: the MSL prepares, the lead releases, the field lead names the rep, who accepts.
    tom.goto("/handovers/")
    with tom.expect_navigation():
        tom.locator(".x-card", has_text=BRAND).get_by_role("link", name="Open the board").click()
    board = tom.url
    expect(tom.locator("#column-to_prepare-title").locator("..").locator("..")).to_contain_text(name)

    lena.goto("/handovers/mine/")
    lena.locator(".x-hcard", has_text=BRAND).locator("input[name=item]").check()
    press(lena, "Check and prepare")
    lena.check("input[name=previewed]")
    lena.fill("input[name=password]", PASSWORD)
    press(lena, "Sign 1 handover")
    expect(lena.locator("body")).to_contain_text("1 handover prepared and signed")

    tom.goto(board)
    follow(tom, "Release")
    tom.fill("input[name=password]", PASSWORD)
    press(tom, "Sign the release")

    # Who is not trained on the label in force cannot be named; the lead of the place writes the training down.
    vera.goto("/handovers/assignments/")
    rep = vera.locator(".x-hcard", has_text=BRAND).locator("option", has_text="Jonas Weber")
    expect(rep).to_contain_text("training")
    train(vera, "Jonas Weber", BRAND, "Germany")

    vera.goto("/handovers/assignments/")
    card = vera.locator(".x-hcard", has_text=BRAND)
    card.locator("input[name=item]").check()
    card.locator("select").select_option(label="Jonas Weber")
    with vera.expect_navigation():
        vera.locator(".x-selbar .btn-primary").click()

    jonas.goto("/handovers/inbox/")
    jonas.locator(".x-hcard", has_text=BRAND).locator("input[name=item]").check()
    press(jonas, "Accept")
    tom.goto(board)
    expect(tom.locator("main")).to_contain_text("Moves on")

    # The day comes: the expert is the rep's, on his list as on the board.
    assert site.manage("shell", "-v", "0", "-c", MOVE).strip().endswith("1")
    jonas.goto(f"/kols/?q={name.split()[-1]}")
    expect(jonas.locator("tr", has_text=name)).to_contain_text(BRAND)
    expect(jonas.locator("tr", has_text=name)).to_contain_text("Jonas Weber")
    tom.goto(board)
    expect(tom.locator("main")).to_contain_text("1 of 1 account is with field service")

    # The trail tells it.
    clara.goto(f"/compliance/trail/?subject={BRAND}")
    told = clara.locator("main").inner_text()
    for said in ("Lena Hoffmann prepared", "Vera Lang assigned", "Jonas Weber accepted", "made effective"):
        assert said in told, told[:3000]

    # The authorisation is withdrawn: the ownership comes back.
    fallen = medicine(
        BRAND,
        NUMBER,
        "Withdrawn",
        **{
            "Marketing authorisation date": day(1),
            "Withdrawal / expiry / revocation / lapse of marketing authorisation date": day(0),
        },
    )
    hand_in(rita, "third.xlsx", table(day(0), fallen), BRAND)
    confirm(ralf, BRAND, "Withdrawn")
    lena.goto(kol)
    mine = lena.locator("section", has=lena.get_by_role("heading", name="Who answers")).locator(
        "li", has_text=BRAND
    )
    expect(mine).to_contain_text("Lena Hoffmann, Medical")
    clara.goto(f"/compliance/trail/?subject={BRAND}")
    expect(clara.locator("main")).to_contain_text(f"reversed handover of {name} and {BRAND}")
    jonas.goto(f"/kols/?q={name.split()[-1]}")
    expect(jonas.locator("main")).not_to_contain_text(BRAND)
