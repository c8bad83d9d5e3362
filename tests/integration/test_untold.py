"""What field service is not told between accepting and the move: whether Medical approved, waits, or looks at a flag."""

from __future__ import annotations

import pytest

from accounts.acting import acting_as, now, system
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    open_due_handovers,
    prepare_handover,
    release_campaign,
)
from handovers.models import Handover, RiskFlag
from tests.integration.two_worlds import answer

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def assigned(relation, novastat_hf, authorise, mara, frieda, felix):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        due = Handover.objects.select_related("campaign").get(relation=relation)
    with acting_as(mara):
        due = prepare_handover(due, by=mara, signature=Signature(mara, "password"), previewed=True)
    with acting_as(frieda):
        return assign_handover(due, recipient=felix, by=frieda)


def told(item, client_of, felix, frieda) -> dict[tuple[str, str], object]:
    """Every page, list and answer on which the two could look for it."""
    board = f"/handovers/campaigns/{item.campaign_id}/"
    paths = (
        "/", "/handovers/", "/handovers/inbox/", f"/handovers/{item.pk}/", "/notices/", "/handovers/assignments/",
        board, f"{board}?column=WAITING", f"{board}?rep={felix.pk}", "/api/handovers/", f"/api/handovers/{item.pk}/",
        "/api/handovers/?state=ACCEPTED", "/api/handovers/?state=APPROVED", "/api/handovers/?page_size=1", "/api/notices/",
    )  # fmt: skip
    found: dict[tuple[str, str], object] = {}
    for person in (felix, frieda):
        browser = client_of(person)
        found.update({(person.given_name, path): answer(browser, path) for path in paths})
    his = client_of(felix)
    for body in ({}, *({"version": version} for version in range(1, 9))):
        for step in ("acceptance", "refusal"):
            posted = his.post(
                f"/api/handovers/{item.pk}/{step}/", {**body, "reason": "CAPACITY"}, "application/json"
            )
            found[step, str(body)] = posted.status_code, posted.content
    for step in ("acceptance", "refusal"):
        posted = his.post(f"/handovers/{item.pk}/{step}/", {"reason": "CAPACITY"}, follow=True)
        found[step, "page"] = posted.status_code, posted.content.count(b"alert"), len(posted.content)
    return found


def test_an_approval_changes_no_byte_for_field_service_until_it_moves(
    assigned, client_of, felix, frieda, lena
):
    with acting_as(felix):
        accept_handover(assigned, by=felix)
    before = told(assigned, client_of, felix, frieda)

    with acting_as(lena):
        approve_handover(assigned, by=lena, signature=Signature(lena, "password"))

    after = told(assigned, client_of, felix, frieda)
    assert [key for key in before if before[key] != after[key]] == []
    assert before["Felix", "/handovers/inbox/"][0] == 200
    assert b"Accepted, moves after approval" in after["Felix", "/handovers/inbox/"][2]
    shown = client_of(felix).get(f"/api/handovers/{assigned.pk}/").json()
    assert (shown["state"], shown["effective_at"], shown["version"]) == ("ACCEPTED", None, None)
    assert client_of(lena).get(f"/api/handovers/{assigned.pk}/").json()["state"] == "APPROVED"


@pytest.mark.parametrize("flagged", [False, True])
def test_in_a_released_campaign_a_flag_is_not_told_by_what_does_not_follow(
    assigned, client_of, felix, frieda, lena, flagged
):
    """Without a flag it is approved as it is accepted; with one it waits. Both read the same."""
    with acting_as(system("set the stage")):
        if flagged:
            RiskFlag.objects.create(
                handover=assigned, code=RiskFlag.Code.INVESTIGATOR, cleared_at=None, raised_at=now()
            )
    with acting_as(lena):
        release_campaign(assigned.campaign, by=lena, signature=Signature(lena, "password"))
    posted = client_of(felix).post(f"/api/handovers/{assigned.pk}/acceptance/", {}, "application/json")
    with acting_as(system("look")):
        assert Handover.objects.get(pk=assigned.pk).state == ("ACCEPTED" if flagged else "APPROVED")
    wire = posted.json()
    assert posted.status_code == 200
    assert (wire["state"], wire["effective_at"], wire["version"], wire["state_since"]) == (
        "ACCEPTED",
        None,
        None,
        None,
    )
    for person, page in (
        (felix, "/handovers/inbox/"),
        (frieda, f"/handovers/campaigns/{assigned.campaign_id}/"),
    ):
        body = client_of(person).get(page).content
        assert (b"Accepted, moves after approval" in body, b"Moves on" in body) == (True, False)
