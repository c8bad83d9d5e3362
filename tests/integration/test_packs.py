"""A market's rules: proposed by one, compared with what was, confirmed by another, named by every decision (R-160)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Market
from accounts.notices import notices_of
from compliance.models import PackActivation
from compliance.pack_actions import confirm_pack, propose_pack, reject_pack
from compliance.pack_reading import compared
from compliance.packs import in_force
from compliance.policy import Act, Refused
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def propose(market, by, version="2026.2", at=None):
    with acting_as(by):
        return propose_pack(market, version, by=by, effective_at=at)


def settle(row, by, act=confirm_pack):
    with acting_as(by):
        return act(row.pk, by=by)


def holds(market, at=None):
    with acting_as(system("look")):
        return Market.objects.annotate(pack=in_force(at or now())).get(pk=market.pk).pack


def test_two_people_bring_rules_into_force_and_decisions_name_them(
    relation, keller, novastat_hf, mara, germany, clara, rita
):
    row = propose(germany, clara)
    assert holds(germany) == "2026.1"
    with acting_as(rita):
        assert [one.kind for one in notices_of(rita)] == ["pack_proposed"]
    with pytest.raises(Refused, match="Two different people"):
        settle(row, clara)
    settled = settle(row, rita)

    assert (holds(germany), settled.settled_by, settled.proposed_by) == ("2026.2", rita, clara)
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
    assert Act.from_json(record.act).pack_versions == (("DE", "2026.1"),), "two hours ago the old ones held"


def test_rules_begin_at_their_instant_and_never_in_the_past(germany, clara, rita):
    with pytest.raises(Refused, match="past"):
        propose(germany, clara, at=datetime.now(UTC) - DAY)
    settle(propose(germany, clara, at=datetime.now(UTC) + 3 * DAY), rita)
    assert [holds(germany), holds(germany, datetime.now(UTC) + 4 * DAY)] == ["2026.1", "2026.2"]


def test_one_proposal_waits_at_a_time_and_is_settled_once(germany, clara, rita, ralf):
    row = propose(germany, clara)
    with pytest.raises(Refused, match="settled"):
        propose(germany, clara)
    settle(row, rita, reject_pack)
    for act in (confirm_pack, reject_pack):
        with pytest.raises(Refused, match="settled"):
            settle(row, ralf, act)
    assert holds(germany) == "2026.1"
    settle(propose(germany, clara), ralf)
    assert holds(germany) == "2026.2"


@pytest.mark.parametrize("person", ["mara", "lena", "felix", "frieda", "petra", "anton", "sofia", "rita"])
def test_compliance_alone_proposes(request, germany, person):
    with pytest.raises(Refused):
        propose(germany, request.getfixturevalue(person))


@pytest.mark.parametrize("person", ["mara", "lena", "felix", "petra", "anton"])
def test_who_neither_oversees_nor_regulates_settles_nothing(request, germany, clara, person):
    row = propose(germany, clara)
    with pytest.raises(Refused):
        settle(row, request.getfixturevalue(person))


def test_rules_nobody_has_written_are_refused(germany, clara):
    with pytest.raises(Refused, match="no such rules"):
        propose(germany, clara, version="1999.9")
    with acting_as(system("set the stage")):
        utopia = Market.objects.create(code="XX", name="Utopia", zone="UTC", calendar="DE")
    with pytest.raises(Refused, match="no such rules"):
        propose(utopia, clara)


def test_the_database_keeps_what_was_settled_and_wants_two(germany, clara, rita):
    row = propose(germany, clara)
    with acting_as(system("past every action")), pytest.raises(DatabaseError), transaction.atomic():
        PackActivation.objects.filter(pk=row.pk).update(
            status="CONFIRMED", settled_by=clara, settled_at=now(), effective_at=now()
        )
    settled = settle(row, rita)
    with acting_as(system("past every action")):
        for change in ({"version": "2026.1"}, {"effective_at": now() + DAY}, {"status": "PROPOSED"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                PackActivation.objects.filter(pk=settled.pk).update(**change)


def test_beforehand_it_shows_which_decisions_of_the_last_90_days_would_have_been_others(
    relation, keller, novastat_hf, mara, germany, clara, rita, client_of
):
    with acting_as(mara):
        recent = log(mara, keller, visit(germany), asked(novastat_hf))
        log(
            mara, keller, visit(germany, starts_at=datetime.now(UTC) - 100 * DAY, late_reason="Ill"),
            asked(novastat_hf),
        )  # fmt: skip
    with acting_as(clara):
        found = compared(germany, "2026.2")
    assert (found.judged, found.differ, found.cut, dict(found.rules)) == (1, 1, False, {"R-072": 1})
    assert [row["one"] for row in found.rows] == [recent]

    page = reverse("compliance:pack", args=["DE", "2026.2"])
    html = client_of(clara).get(page).content.decode()
    assert "1 of 1 decisions would have been others." in html
    assert reverse("interactions:detail", args=[recent.pk]) in html
    html = client_of(rita).get(page).content.decode()
    assert "1 of 1 decisions" in html
    assert str(recent.pk) not in html, "Regulatory reads no visits"


def test_on_the_pages_clara_proposes_and_rita_confirms(germany, clara, rita, anton, mara, client_of):
    page = reverse("compliance:pack", args=["DE", "2026.2"])
    for person in (anton, mara):
        assert client_of(person).get(page).status_code == 404
    browser = client_of(clara)
    assert "Version 2026.1" in browser.get(reverse("compliance:packs")).content.decode()
    assert browser.post(page, {"on": "2020-01-01"}).status_code == 422
    assert browser.post(page, {}).status_code == 302
    assert browser.get(reverse("compliance:pack", args=["DE", "9"])).url == reverse("compliance:packs")
    with acting_as(system("look")):
        row = PackActivation.objects.get(status="PROPOSED")
    confirm = reverse("compliance:pack_confirmation", args=[row.pk])
    assert confirm not in browser.get(page).content.decode(), "nobody is offered to confirm her own"
    assert client_of(mara).post(confirm).status_code == 404
    other = client_of(rita)
    assert confirm in other.get(page).content.decode()
    assert other.post(page, {}).status_code == 404
    other.post(confirm)
    assert "These rules are in force" in other.get(page).content.decode()
    assert holds(germany) == "2026.2"


def test_a_new_market_says_that_it_has_no_rules(germany, clara, client_of):
    with acting_as(system("set the stage")):
        Market.objects.create(code="AT", name="Austria", zone="Europe/Vienna", calendar="AT")
    html = client_of(clara).get(reverse("compliance:packs")).content.decode()
    assert "No rules are in force" in html
    assert reverse("compliance:pack", args=["AT", "2026.1"]) in html
