"""How often topics are said to have been asked for: for Compliance, against colleagues, with its uncertainty."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Market, User
from compliance.models import AuditEntry
from interactions.models import Interaction, Topic
from interactions.solicitation import Line, Share, shares
from tests.conftest import EVER, SINCE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (0, 0, 0, 1),
    ],
)
def test_the_interval_is_wilsons(asked, total, low, high):
    assert Share(asked, total).interval == pytest.approx((low, high), abs=5e-5)


def line(asked, total, *, others=(50, 100), colleagues=3):
    return Line(
        person=None, number=1, share=Share(asked, total), others=Share(*others), colleagues=colleagues
    )


@pytest.mark.parametrize(
    ("one", "differs", "words"),
    [
        (line(60, 60), 1, "clearly more often"),
        (line(0, 60), -1, "clearly less often"),
        (line(33, 60), 0, "Cannot be told apart"),
        (line(19, 19), 0, "Fewer than twenty"),
        (line(20, 20), 1, "clearly more often"),
        (line(60, 60, colleagues=2), 0, "Fewer than three colleagues"),
        (line(60, 60, others=(2, 19)), 0, "Fewer than twenty"),
    ],
)
def test_a_difference_is_said_only_where_there_is_one(one, differs, words):
    assert one.differs == differs
    assert words in one.verdict


@pytest.fixture
def year(company, novastat_hf):
    """Mara says of all of forty topics that they were asked for; three colleagues of half of them."""
    with acting_as(system("set the stage")):
        more = []
        for name in ("nina", "olga"):
            user = User.objects.create(email=f"{name}@example.org", given_name=name, family_name="Adler")
            post = Appointment.objects.create(user=user, role="MSL", during=EVER, recorded_at=SINCE)
            post.markets.add(company.germany)
            more.append(user)
        for author in (company.mara, company.moritz, *more):
            for number in range(40):
                asked = author == company.mara or number % 2
                visit(company, novastat_hf, author, "UNSOLICITED_REQUEST" if asked else "PROACTIVE")
    return more


def visit(company, use, author, basis, *, days=3, **more):
    at = now() - timedelta(days=days)
    facts = {
        "author_role": "MSL",
        "author_side": "MEDICAL",
        "compartment": "MEDICAL",
        "status": "DRAFT",
        **more,
    }
    one = Interaction.objects.create(
        author=author, kind="VISIT", channel="IN_PERSON", market=company.germany, starts_at=at, ends_at=at,
        zone="Europe/Berlin", side_effect=False, recorded_at=at, updated_at=at, **facts,
    )  # fmt: skip
    Topic.objects.create(interaction=one, subject="USE", use=use, basis=basis)


def named(market):
    with acting_as(system("set the stage")):
        Market.objects.filter(pk=market.pk).update(staff_names_in_comparisons=True)


def test_whoever_is_asked_far_more_often_stands_first(year, company, clara, client_of):
    named(company.germany)
    html = client_of(clara).get(reverse("interactions:request_shares")).text

    assert html.index("Mara Lindqvist") < html.index("Moritz Behrens")
    assert "40 of 40, 100 % (95 in 100 times between 91 % and 100 %)" in html
    assert "Colleagues: 60 of 120, 50 % (95 in 100 times between 41 % and 59 %)." in html
    with acting_as(clara):
        assert AuditEntry.objects.filter(verb="read the shares of requests").count() == 1


def test_old_and_withdrawn_visits_and_calls_of_field_service_do_not_count(year, company, novastat_hf, clara):
    with acting_as(system("set the stage")):
        visit(company, novastat_hf, company.mara, "PROACTIVE", days=366)
        visit(company, novastat_hf, company.mara, "PROACTIVE", status="WITHDRAWN")
    named(company.germany)
    with acting_as(clara):
        [market] = shares(clara)
    assert market.lines[0].share == Share(40, 40)


def test_without_leave_nobody_is_named(year, clara, client_of):
    html = client_of(clara).get(reverse("interactions:request_shares")).text
    assert "Person 1" in html
    assert [name for name in ("Mara", "Moritz", "Adler") if name in html] == []


def test_it_is_for_compliance_and_not_for_the_line_nor_the_person(year, company, client_of):
    address = reverse("interactions:request_shares")
    for name in ("mara", "lena", "felix", "frieda", "petra", "rita", "anton", "sofia"):
        assert client_of(getattr(company, name)).get(address).status_code == 404


def test_an_officer_does_not_see_her_own_share(year, company, novastat_hf, clara):
    with acting_as(system("set the stage")):
        for _number in range(30):
            visit(company, novastat_hf, clara, "PROACTIVE")
    named(company.germany)
    with acting_as(clara):
        [market] = shares(clara)
    assert {one.name for one in market.lines} == {
        "Mara Lindqvist", "Moritz Behrens", "nina Adler", "olga Adler",
    }  # fmt: skip


def test_the_page_costs_the_same_for_few_and_for_many(year, clara, client_of, statements):
    client = client_of(clara)
    with statements() as asked:
        client.get(reverse("interactions:request_shares"))
    assert len(asked) <= 12, asked
