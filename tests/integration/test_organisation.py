"""The company's shape: the first administrator, markets, and who stands in for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.actions import arrange_cover, edit_market, end_cover
from accounts.models import AbsenceCover, Appointment, Market, Notice, User
from compliance.policy import Refused, Role

pytestmark = pytest.mark.django_db
ADA = ("ada@example.org", "--given-name", "Ada", "--family-name", "Example")


def test_the_first_administrator_comes_by_a_command(as_owner, capsys):
    with acting_as(system("set the stage")):
        Market.objects.create(code="DE", name="Germany", zone="Europe/Berlin", calendar="DE")

    call_command("create_administrator", *ADA)

    with acting_as(system("look")):
        ada = User.objects.get()
        assert ada.role == Role.ADMIN
        assert not ada.has_usable_password()
        assert [m.code for m in Appointment.objects.get().markets.all()] == ["DE"]
    assert "Ada Example is administrator" in capsys.readouterr().out
    with pytest.raises(CommandError, match="already"):
        call_command("create_administrator", "bea@example.org", *ADA[1:])
    with pytest.raises(CommandError, match="address"):
        call_command("create_administrator", *ADA, "--another")
    with pytest.raises(CommandError, match="no e-mail"):
        call_command("create_administrator", "ada", *ADA[1:])


def test_an_administrator_adds_a_market_and_closes_it(anton, client_of):
    browser = client_of(anton)
    facts = {"code": "fr", "name": "France", "zone": "Europe/Paris", "calendar": "FR"}
    browser.post(reverse("accounts:market_new"), facts)
    with acting_as(anton):
        france = Market.objects.get(code="FR")
    assert b"There is a market" in browser.post(reverse("accounts:market_new"), facts).content
    assert b"Two letters" in browser.post(reverse("accounts:market_new"), {**facts, "code": "4"}).content

    browser.post(reverse("accounts:market", args=[france.pk]), {"name": "France", "calendar": "FR"})

    with acting_as(anton):
        assert not Market.objects.get(code="FR").active
        assert b"closed" in browser.get(reverse("accounts:organisation")).content


def test_nobody_else_touches_markets(clara, germany, client_of):
    browser = client_of(clara)
    assert browser.post(reverse("accounts:market_new"), {"code": "FR"}).status_code == 404
    assert browser.get(reverse("accounts:market", args=[germany.pk])).status_code == 404
    with acting_as(clara), pytest.raises(Refused):
        edit_market(germany, name="Elsewhere", by=clara)


def test_lena_arranges_that_moritz_stands_in_for_mara(lena, mara, moritz, client_of):
    browser = client_of(lena)
    with acting_as(lena):
        first = now().date() + timedelta(days=2)
    browser.post(
        reverse("accounts:covers"),
        {"absent": mara.pk, "cover": moritz.pk, "first_day": first, "last_day": first + timedelta(days=7)},
    )

    assert b"Moritz Behrens for Mara Lindqvist" in browser.get(reverse("accounts:covers")).content
    with acting_as(system("look")):
        row = AbsenceCover.objects.get()
        assert (row.during.upper - row.during.lower).days in (7, 8)
        assert Notice.objects.get(kind="covering").person == moritz

    browser.post(reverse("accounts:cover_end", args=[row.pk]))

    with acting_as(system("look")):
        assert AbsenceCover.objects.count() == 0


def test_a_cover_that_has_begun_ends_now_and_stays_in_the_past(lena, mara, moritz):
    with acting_as(lena):
        row = arrange_cover(mara, moritz, from_=now(), until=now() + timedelta(days=9), by=lena)
    with acting_as(lena, at=row.during.lower + timedelta(days=1)):
        end_cover(row, by=lena)
    with acting_as(system("look")):
        assert AbsenceCover.objects.get().during.upper == row.during.lower + timedelta(days=1)


def test_a_lead_arranges_for_her_own_team_and_not_backwards(lena, frieda, felix, otto, mara, moritz):
    tomorrow = timedelta(days=1)
    with acting_as(lena), pytest.raises(Refused, match="R-049"):
        arrange_cover(felix, otto, from_=now(), until=now() + tomorrow, by=lena)
    with acting_as(frieda), pytest.raises(Refused, match="R-049"):
        arrange_cover(mara, moritz, from_=now(), until=now() + tomorrow, by=frieda)
    with acting_as(lena), pytest.raises(Refused, match="R-049"):
        arrange_cover(mara, moritz, from_=now() - tomorrow, until=now() + tomorrow, by=lena)
    with acting_as(mara), pytest.raises(Refused):
        arrange_cover(mara, moritz, from_=now(), until=now() + tomorrow, by=mara)


def test_each_side_sees_its_own_covers(lena, frieda, felix, otto, mara, moritz, client_of):
    for lead, absent, cover in ((lena, mara, moritz), (frieda, felix, otto)):
        with acting_as(lead):
            arrange_cover(absent, cover, from_=now(), until=now() + timedelta(days=3), by=lead)

    assert b"Lindqvist" not in client_of(frieda).get(reverse("accounts:covers")).content
    assert b"Brandt" not in client_of(lena).get(reverse("accounts:covers")).content
    assert client_of(mara).get(reverse("accounts:covers")).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"cover": ""}, {"last_day": "2020-01-01"}, {"first_day": "2020-01-01"}, {"first_day": "\x00"}]
)
def test_what_cannot_be_is_told_and_nothing_is_arranged(lena, mara, moritz, client_of, wrong):
    with acting_as(lena):
        day = now().date() + timedelta(days=2)
    answer = client_of(lena).post(
        reverse("accounts:covers"),
        {"absent": mara.pk, "cover": moritz.pk, "first_day": day, "last_day": day, **wrong},
    )
    assert answer.status_code == 200
    with acting_as(system("look")):
        assert AbsenceCover.objects.count() == 0
