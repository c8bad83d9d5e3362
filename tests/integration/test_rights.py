"""Whoever leaves leaves nothing without an owner and no way in; and rights are looked at by somebody else (question 17)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from accounts import actions
from accounts.acting import acting_as, now, system
from accounts.models import AbsenceCover, ApiToken, Appointment, Post, RightsReview
from accounts.rights import rights_of
from accounts.rights_actions import review
from calendars.models import Feed
from compliance.models import AuditEntry
from compliance.policy import Refused
from interactions.actions import add_follow_up, leave
from interactions.models import FollowUp
from kols.models import Ownership
from tests.integration.factor_stage import enrol, sign_in

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def a_busy_desk(person, other, lead, market, relation=None):
    """Everything that may keep a way in, or wait for somebody who is gone."""
    browser = Client()
    sign_in(browser, person)
    with acting_as(person):
        _token, secret = ApiToken.issue(person, "script", now())
        Feed.objects.create(user=person, appointment=person.appointments.get(), name="x", layers=["visits"],
                            digest=Feed.hash(person.email), created_at=now())  # fmt: skip
        add_follow_up(
            by=person, what="Send the paper", due_on=market.local_day(now()), market=market, relation=relation
        )
    with acting_as(lead):
        for absent, cover in ((person, other), (other, person)):
            actions.arrange_cover(absent, cover, from_=now(), until=now() + timedelta(days=9), by=lead)
    return browser, secret


def what_is_left_of(person) -> dict[str, int]:
    with acting_as(system("look")) as acting:
        on = {"during__contains": acting.now}
        return {
            "owns": Ownership.objects.filter(owner=person, **on).count(),
            "appointed": Appointment.objects.filter(user=person, **on).count(),
            "posts": Post.objects.filter(user=person, **on).count(),
            "custodies": person.custodies.filter(**on).count(),
            "covers": AbsenceCover.objects.filter(during__endswith__gt=acting.now, absent=person).count(),
            "stands in": AbsenceCover.objects.filter(during__endswith__gt=acting.now, cover=person).count(),
            "follow-ups": FollowUp.objects.open().filter(owner=person).count(),
            "tokens": person.api_tokens.filter(revoked_at=None).count(),
            "sessions": UserSession.objects.filter(user=person).count(),
        }


@pytest.mark.parametrize("name", ["mara", "felix"])
def test_a_leaver_of_either_side_leaves_no_way_in_and_nothing_without_somebody(
    name, company, relation, client_of
):
    side = {"mara": (company.moritz, company.lena, relation), "felix": (company.otto, company.frieda, None)}
    person, (other, lead, of) = getattr(company, name), side[name]
    browser, secret = a_busy_desk(person, other, lead, company.germany, of)
    assert all(
        what_is_left_of(person)[what]
        for what in ("appointed", "posts", "covers", "stands in", "follow-ups", "tokens")
    )

    client_of(company.anton).post(f"/people/{person.pk}/closing/")

    assert what_is_left_of(person) == dict.fromkeys(what_is_left_of(person), 0)
    with acting_as(lead):
        assert FollowUp.objects.open().filter(owner=lead).count() == 1
    for path in ("/", "/device/key/", "/device/data/", "/profile/"):
        assert browser.get(path).status_code == 302
    assert Client().get("/api/kols/", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 401
    assert Client().get(f"/calendar/feed/{person.email}.ics").status_code == 404
    assert sign_in(Client(), person)["Location"] == "/account/inactive/"


def test_a_leaver_in_field_service_who_owns_is_reassigned_first_and_nothing_is_lost(handed_over, company):
    felix, anton = company.felix, company.anton
    with acting_as(anton), pytest.raises(Refused):
        leave(felix, by=anton)
    assert what_is_left_of(felix)["owns"] == 1
    assert what_is_left_of(felix)["appointed"] == 1


def test_the_page_lists_rights_and_says_who_looked_at_them(mara, anton, clara, client_of):
    enrol(mara)
    browser = client_of(clara)
    page = browser.get("/people/rights/").text
    for words in ("Lindqvist, Mara", "mara@example.org", "nobody has looked at it yet", "privileged"):
        assert words in page
    assert "Lindqvist" not in browser.get("/people/rights/?show=privileged").text
    assert "Lindqvist" not in browser.get("/people/rights/?show=without").text

    browser.post("/people/rights/", {"person": [str(mara.pk), str(clara.pk)], "keep": "yes"})
    with acting_as(clara):
        seen = RightsReview.objects.get()
        assert (seen.person, seen.reviewer, seen.rights["role"], seen.rights["factors"]) == (
            mara,
            clara,
            "MSL",
            ["app"],
        )
        (row,) = rights_of([mara], now())
        assert row.last_review == seen
    assert "looked at by Clara Neumann" in browser.get("/people/rights/").text
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="reviewed the rights of").count() == 1


def test_leavers_stay_on_the_list_with_the_day(mara, relation, anton, client_of):
    client_of(anton).post(f"/people/{mara.pk}/closing/")
    browser = client_of(anton)
    assert "Lindqvist" not in browser.get("/people/rights/").text
    assert "Lindqvist" in browser.get("/people/rights/?show=leavers").text


def test_the_file_holds_the_rows_of_the_page_and_the_trail_its_hash(mara, anton, client_of):
    enrol(mara)
    answer = client_of(anton).get("/people/rights/file.csv")
    rows = {row["address"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert (rows[mara.email]["role"], rows[mara.email]["second_factor"]) == ("MSL", "app")
    with acting_as(system("look")):
        facts = AuditEntry.objects.get(verb="exported the rights of").facts
    assert (facts["rows"], len(facts["sha256"])) == (len(rows), 64)


def test_nobody_reviews_herself_and_nobody_rewrites_a_review(mara, anton, clara, felix):
    with acting_as(felix), pytest.raises(Refused):
        review([mara], outcome=RightsReview.Outcome.KEEP, by=felix)
    with acting_as(clara):
        assert review([clara], outcome=RightsReview.Outcome.KEEP, by=clara) == 0
        with pytest.raises(IntegrityError), transaction.atomic():
            RightsReview.objects.create(person=clara, reviewer=clara, outcome="KEEP", rights={}, at=now())
        with pytest.raises(ProgrammingError), transaction.atomic():
            RightsReview.objects.create(person=mara, reviewer=anton, outcome="KEEP", rights={}, at=now())
        review([mara], outcome=RightsReview.Outcome.CHANGE, by=clara)
        with pytest.raises(IntegrityError), transaction.atomic():
            RightsReview.objects.update(outcome="KEEP")
    with acting_as(felix), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_rightsreview")
        assert cursor.fetchone()[0] == 0
