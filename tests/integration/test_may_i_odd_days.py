"""May I? on odd days: without a time, when clocks change, in two markets, of people who left or changed sides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Market
from compliance.models import AuditEntry
from compliance.packs import open_with
from compliance.policy import Basis, Kind, Outcome, Role, Side, State
from interactions.may_i import Question, answer, people, whole_day
from kols.actions import reassign_owner
from kols.models import Ownership, Practice
from products.models import Use
from tests.conftest import SINCE
from tests.integration.test_may_i import DAY, A, D, X, ask_api, call, may, params

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
ASKED = Basis.UNSOLICITED_REQUEST


def of_day(person, kol, use, day, *, asker=None, **more):
    question = Question(
        person=person, kol=kol, use=use, market=use.market, **whole_day(use.market, day), **more
    )
    with acting_as(asker or person):
        return answer(question, asker=asker or person)


def local(use, days, hour, minute=0):
    """A time of the clock in the use's market, so many days ago."""
    day = use.market.local_day(datetime.now(UTC)) - days * DAY
    return datetime.combine(day, datetime.min.time(), use.market.tz) + timedelta(hours=hour, minutes=minute)


# A day without a time (R-002) -----------------------------------------------------------------------------------------


def test_a_day_without_a_time_is_open_only_if_all_of_it_is(relation, keller, novastat_hf, mara, authorise):
    noon = local(novastat_hf, 3, 12)
    authorise(novastat_hf, at=noon)
    day = novastat_hf.market.local_day(noon)
    found = [of_day(mara, keller, novastat_hf, day + n * DAY, basis=ASKED).outcome for n in (-1, 0, 1)]
    assert found == [D, D, A]
    assert may(mara, keller, novastat_hf, at=noon + timedelta(hours=1)).outcome is A


def test_a_day_on_which_the_owner_changes_is_judged_by_its_strictest_moment(
    relation, keller, novastat_hf, mara, moritz, lena, authorise
):
    authorise(novastat_hf, at=local(novastat_hf, 9, 0))
    noon = local(novastat_hf, 1, 12)
    with acting_as(lena):
        reassign_owner(relation, to=moritz, by=lena, at=noon)
    day = novastat_hf.market.local_day(noon)
    for person in (mara, moritz):
        assert of_day(person, keller, novastat_hf, day).outcome is D
    assert [of_day(who, keller, novastat_hf, day - DAY).outcome for who in (mara, moritz)] == [A, D]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
)
def test_a_day_has_the_hours_that_its_clocks_give_it(germany, day, hours):
    found = whole_day(germany, day)
    length = found["until"].astimezone(UTC) - found["at"].astimezone(UTC)
    assert length == timedelta(hours=hours) - timedelta(microseconds=1)


def test_the_last_hour_of_the_long_day_counts(relation, keller, novastat_hf, mara, authorise):
    """25 October 2026 lasts 25 hours in Germany; authorised in the first minute of the next day."""
    authorise(novastat_hf, at=datetime(2026, 10, 25, 23, 0, tzinfo=UTC))
    found = [of_day(mara, keller, novastat_hf, date(2026, 10, n), basis=ASKED).outcome for n in (25, 26)]
    assert found == [D, A]


def test_a_time_that_the_clocks_leap_over_does_not_exist(relation, keller, novastat_hf, mara, client_of):
    page = reverse("interactions:may_i")
    asked = {"kol": keller.pk, "use": novastat_hf.pk, "on": "2026-03-29"}
    refused = client_of(mara).get(page, params(**asked, at="02:30"))
    assert (refused.status_code, "does not exist" in refused.content.decode()) == (422, True)
    twice = client_of(mara).get(page, params(kol=keller.pk, use=novastat_hf.pk, on="2026-10-25", at="02:30"))
    assert "25 Oct 2026, 02:30 in Germany" in twice.content.decode()


def test_the_page_judges_a_day_without_a_time_as_a_whole(
    relation, keller, novastat_hf, mara, authorise, client_of
):
    noon = local(novastat_hf, 3, 12)
    authorise(novastat_hf, at=noon)
    asked = {"kol": keller.pk, "use": novastat_hf.pk, "on": f"{noon:%Y-%m-%d}", "basis": str(ASKED)}
    page = reverse("interactions:may_i")
    whole = client_of(mara).get(page, params(**asked)).content.decode()
    assert "The whole of" in whole
    assert "Yes, with what belongs to it" in whole.split("By what is known now")[1]
    after = client_of(mara).get(page, params(**asked, at="13:00")).content.decode()
    assert "Yes, with what belongs to it" not in after.split("By what is known now")[1]
    api = client_of(mara)
    by_day = {"kol": keller.pk, "use": novastat_hf.pk, "basis": str(ASKED), "on": f"{noon:%Y-%m-%d}"}
    assert ask_api(api, **by_day).json()["now"]["outcome"] == "WITH_DOCUMENTS"
    assert ask_api(api, **by_day, at=noon.isoformat()).status_code == 400
    assert ask_api(api, kol=keller.pk, on="9999-12-31").status_code == 400
    assert ask_api(api, kol=keller.pk, at="9999-12-31T00:00:00Z").status_code == 400


# Days ahead --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("owned_by_field")
def test_a_suspension_that_is_settled_for_a_day_ahead_counts_from_its_instant(
    keller, novastat_hf, felix, mara, suspend
):
    instant = local(novastat_hf, -10, 0)
    suspend(novastat_hf, at=instant)
    last = instant - timedelta(hours=1)
    assert [call(felix, keller, novastat_hf, at=at).outcome for at in (last, instant)] == [D, X]
    assert dict(call(felix, keller, novastat_hf, at=last).facts())["Who answers"].startswith("Felix Brandt")
    after = may(mara, keller, novastat_hf, at=instant, basis=ASKED)
    assert (after.outcome, dict(after.facts())["Who answers"].split(",")[0]) == (D, "Mara Lindqvist")


# Two markets --------------------------------------------------------------------------------------------------------


@pytest.fixture
def america(company, keller):
    """Professor Keller practises in the United States too, six hours behind."""
    with acting_as(system("set the stage")):
        market = Market.objects.create(
            code="US", name="United States", zone="America/New_York", calendar="US"
        )
        open_with(market, "2026.1", SINCE)
        Practice.objects.create(kol=keller, market=market)
    return market


@pytest.mark.usefixtures("owned_by_field")
def test_who_practises_in_two_markets_is_met_about_what_is_open_in_both(
    keller, novastat_hf, heart_failure, felix, mara, america, rita, enter
):
    assert call(felix, keller, novastat_hf).outcome is X, "nothing is known of it in the United States"
    with acting_as(system("set the stage"), at=SINCE):
        there = Use.objects.create(indication=heart_failure, market=america, created_at=SINCE)
    enter(there, State.SUBMITTED, at=datetime.now(UTC) - 100 * DAY)
    assert call(felix, keller, novastat_hf).outcome is X
    assert dict(may(mara, keller, novastat_hf).facts())["Where it stands"].count(":") == 2
    enter(there, State.AUTHORISED, at=datetime.now(UTC) - 10 * DAY)
    assert call(felix, keller, novastat_hf).outcome is D


def test_the_clock_is_that_of_the_market_that_is_chosen(
    relation, keller, novastat_hf, mara, america, authorise, client_of
):
    """Authorised at noon in Germany, six in the morning in New York."""
    noon = local(novastat_hf, 3, 12)
    authorise(novastat_hf, at=noon)
    page, browser = reverse("interactions:may_i"), client_of(mara)
    asked = {"kol": keller.pk, "use": novastat_hf.pk, "on": f"{noon:%Y-%m-%d}", "basis": str(ASKED)}
    said = {
        (code, at): browser.get(page, params(**asked, at=at, market=code)).content.decode()
        for code in ("DE", "US") for at in ("07:00", "11:00", "13:00")
    }  # fmt: skip
    assert "07:00 in United States" in said["US", "07:00"]
    zones = {
        key: html.split("By what is known now")[1].count("Germany: before") for key, html in said.items()
    }
    pre = {key for key, html in said.items() if "Germany: Open" not in html.split("By what is known now")[1]}
    assert pre == {("DE", "07:00"), ("DE", "11:00")}, zones
    assert browser.get(page, params(**asked, market="CH")).status_code == 422


# People who left or changed sides ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("owned_by_field")
def test_compliance_asks_about_somebody_who_has_left(
    relation, keller, novastat_hf, felix, otto, frieda, clara, lena
):
    week = datetime.now(UTC) - 2 * DAY
    before = call(felix, keller, novastat_hf, at=week, asker=clara)
    with acting_as(frieda):
        reassign_owner(relation, to=otto, by=frieda)
    with acting_as(system("let go")):
        Appointment.objects.filter(user=felix).update(during=DateTimeTZRange(SINCE, now()))
        felix.is_active, felix.role = False, ""
        felix.save(update_fields=["is_active", "role"])
    with acting_as(clara):
        assert felix in people(clara)
    assert call(felix, keller, novastat_hf, at=week, asker=clara).outcome == before.outcome == D
    later = call(felix, keller, novastat_hf, at=datetime.now(UTC) + DAY, asker=clara)
    assert (later.outcome, later.decision.rules) == (X, ("R-140",))
    with acting_as(lena):
        assert felix not in people(lena)


def test_of_somebody_who_changed_sides_oversight_hears_what_held_then_and_she_herself_does_not(
    keller, novastat_hf, mara, clara
):
    at, turn = datetime.now(UTC) - 5 * DAY, datetime.now(UTC) - DAY
    with acting_as(system("change sides")):
        Appointment.objects.filter(user=mara).update(during=DateTimeTZRange(SINCE, turn))
        Appointment.objects.create(
            user=mara, role=Role.FIELD_SERVICE, during=DateTimeTZRange(turn, None), recorded_at=now()
        )
        mara.role = Role.FIELD_SERVICE
        mara.save(update_fields=["role"])
    found = may(mara, keller, novastat_hf, at=at, asker=clara, basis=ASKED)
    assert (found.outcome, found.act.role) == (D, Role.MSL)
    own = may(mara, keller, novastat_hf, at=at, basis=ASKED)
    assert (own.outcome, own.decision.rules) == (X, ("R-140",))


def test_that_oversight_asked_is_a_line_of_the_trail_and_that_an_msl_did_is_none(
    relation, keller, novastat_hf, mara, clara, client_of
):
    asked = {"kol": keller.pk, "use": novastat_hf.pk, "person": mara.pk}
    for person in (mara, clara):
        assert client_of(person).get(reverse("interactions:may_i"), params(**asked)).status_code == 200
        assert ask_api(client_of(person), **asked).status_code == 200
    with acting_as(system("look")):
        read = AuditEntry.objects.filter(verb="read", subject_id=keller.pk)
        assert [entry.actor for entry in read] == [str(clara.pk)]


# What was known then, of owners --------------------------------------------------------------------------------------


def test_who_answered_is_named_as_it_was_known_to_whoever_asks(
    relation, keller, novastat_hf, mara, moritz, lena, clara
):
    with acting_as(lena):
        reassign_owner(relation, to=moritz, by=lena, at=now() - DAY)
    noon = datetime.now(UTC) - timedelta(hours=12)
    for asker in (mara, lena, clara):
        said = [
            dict(may(mara, keller, novastat_hf, at=noon, then=then, asker=asker).facts())[
                "Who answers"
            ].split(",")[0]
            for then in (True, False)
        ]
        assert said == ["Mara Lindqvist", "Moritz Behrens"], asker


@pytest.mark.usefixtures("owned_by_field")
def test_an_ownership_that_never_was_still_counts_for_who_acted_while_it_stood(
    relation, keller, novastat_hf, felix, frieda, clara, enter
):
    """The withdrawal was known today only: Felix had every reason to call, and knows of her no more by law."""
    at = datetime.now(UTC) - 3 * DAY
    assert [call(felix, keller, novastat_hf, at=at, then=t, asker=clara).outcome for t in (True, False)] == [
        D,
        D,
    ]
    with acting_as(system("look")):
        taken = Ownership.objects.get(relation=relation, side=Side.COMMERCIAL).during.lower
    enter(novastat_hf, State.WITHDRAWN, at=taken - timedelta(minutes=1))
    found = {t: call(felix, keller, novastat_hf, at=at, then=t, asker=clara) for t in (True, False)}
    assert [found[t].outcome for t in (True, False)] == [D, X]
    assert dict(found[True].facts())["Who answers"].startswith("Felix Brandt, field service")


@pytest.mark.usefixtures("owned_by_field")
def test_field_service_hears_of_no_owner_in_medical_then_either(keller, novastat_hf, felix, frieda):
    before = datetime.now(UTC) - 35 * DAY
    for asker in (felix, frieda):
        for then in (True, False):
            found = call(felix, keller, novastat_hf, at=before, then=then, asker=asker)
            assert (found.outcome, "Who answers" in dict(found.facts())) == (X, False)


# Every activity there is ---------------------------------------------------------------------------------------------


def test_any_activity_may_be_asked_about_and_a_side_effect_is_always_reported(
    relation, keller, novastat_hf, mara, client_of
):
    said = {kind: may(mara, keller, novastat_hf, kind=kind, basis=ASKED).outcome for kind in Kind}
    assert (said[Kind.SAMPLE], said[Kind.PRODUCT_CALL], said[Kind.ADVERSE_EVENT]) == (X, X, A)
    html = (
        client_of(mara)
        .get(reverse("interactions:may_i"), params(kol=keller.pk, kind="SAMPLE"))
        .content.decode()
    )
    assert '<option value="SAMPLE" selected>' in html
    assert set(said.values()) == set(Outcome)
