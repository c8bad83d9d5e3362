"""What the palette holds: one's own experts and products, what was opened last, and nothing of the other side."""

from __future__ import annotations

import pytest

from accounts.acting import acting_as
from kols.actions import register_kol

pytestmark = pytest.mark.django_db


def names(rows: list[list[str]]) -> list[str]:
    return [row[0] for row in rows]


def index(browser) -> dict:
    return browser.get("/search/index/").json()


def test_the_index_holds_ones_own_experts_and_no_others(mara, moritz, relation, germany, client_of):
    with acting_as(moritz):
        register_kol(by=moritz, family_name="Fremd", main_market=germany)

    found = index(client_of(mara))

    assert [name.split()[-1] for name in names(found["people"])] == ["Keller"]
    assert found["people"][0][2] == f"/kols/{relation.kol_id}/"
    assert index(client_of(moritz))["people"] == []


def test_the_server_finds_whom_one_does_not_answer_to(mara, moritz, germany, client_of):
    with acting_as(moritz):
        register_kol(by=moritz, family_name="Müller", main_market=germany)

    found = client_of(mara).get("/search/hits/?q=mueller").json()

    assert names(found["people"]) == ["Müller"]
    assert client_of(mara).get("/search/hits/?q=").json() == {"people": [], "products": []}


def test_what_was_opened_last_comes_first(mara, relation, germany, client_of):
    with acting_as(mara):
        other = register_kol(by=mara, family_name="Zander", main_market=germany)
    browser = client_of(mara)
    for kol in (relation.kol, other, relation.kol):
        browser.get(f"/kols/{kol.pk}/")

    assert [name.split()[-1] for name in names(index(browser)["recent"])] == ["Keller", "Zander"]


def test_field_service_finds_nobody_before_a_handover(mara, felix, relation, client_of):
    assert names(client_of(mara).get("/search/hits/?q=keller").json()["people"])

    browser = client_of(felix)
    assert index(browser)["people"] == index(browser)["recent"] == []
    assert browser.get("/search/hits/?q=keller").json()["people"] == []


def test_whoever_changes_side_leaves_what_was_opened_behind(mara, relation, client_of):
    from kols import palette

    browser = client_of(mara)
    browser.get(f"/kols/{relation.kol_id}/")
    assert len(index(browser)["recent"]) == 1

    with acting_as(mara):
        mara.role = "FIELD_SERVICE"
        assert palette.index_of(mara)["recent"] == []


def test_the_answers_cost_few_statements(mara, relation, client_of, statements):
    browser = client_of(mara)
    browser.get(f"/kols/{relation.kol_id}/")
    index(browser)
    with statements() as asked:
        index(browser)
    assert len(asked) <= 8


def test_answers_with_people_in_them_are_kept_by_nobody_on_the_way(mara, relation, client_of):
    for path in ("/search/index/", "/search/hits/?q=keller"):
        assert "no-store" in client_of(mara).get(path)["Cache-Control"]
