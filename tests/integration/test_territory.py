"""The lead's territory: numbers kept by the transactions that cause them, each with the rows behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Sum
from django.urls import reverse

from accounts.acting import acting_as, system
from interactions.models import Interaction, LastContact
from kols.actions import set_science
from kols.filters import unseen
from kols.models import KOL
from reports import figures
from reports.models import DayCount, Pulse, PulseCount

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def visit(author, market, at, **facts):
    return Interaction.objects.create(
        author=author, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT", channel="IN_PERSON",
        status="DRAFT", market=market, starts_at=at, ends_at=at, zone="Europe/Berlin", side_effect=False,
        recorded_at=at, updated_at=at, **facts,
    )  # fmt: skip


def test_a_kol_has_a_pulse_from_the_moment_she_is_registered(keller, mara, germany):
    with acting_as(mara):
        set_science(keller, tier=1, rationale="Guideline author.", by=mara)

        assert list(Pulse.objects.values_list("kol", "market", "region", "tier", "last_at")) == [
            (keller.pk, germany.pk, "DE-HH", 1, None)
        ]


def test_the_pulse_follows_the_last_contact(keller, mara, germany):
    with acting_as(system("test")):
        first = visit(mara, germany, NOW - timedelta(days=5))
        LastContact.objects.create(kol=keller, at=first.starts_at, interaction=first)

        assert Pulse.objects.get().last_at == first.starts_at


def test_a_withdrawn_visit_leaves_the_count_of_its_day(mara, germany):
    with acting_as(system("test")):
        first = visit(mara, germany, NOW - timedelta(days=5))
        visit(mara, germany, NOW - timedelta(days=5))
        before = contacts()
        first.status = "WITHDRAWN"
        first.save(update_fields=["status"])

        assert (before, contacts()) == (2, 1)


def contacts():
    return DayCount.objects.aggregate(Sum("contacts"))["contacts__sum"]


def counted(lena):
    with acting_as(lena):
        return {(row.region, row.tier): row for row in figures.recency(figures.scope_of(lena, NOW), NOW)}


def met(kol, by, market, at):
    with acting_as(system("test")):
        first = visit(by, market, at)
        LastContact.objects.update_or_create(kol=kol, defaults={"at": at, "interaction": first})


def test_the_counts_follow_an_expert_through_contact_tier_and_place(keller, mara, lena, germany):
    with acting_as(mara):
        set_science(keller, tier=1, rationale="Guideline author.", by=mara)
    met(keller, mara, germany, NOW - timedelta(days=40))
    assert counted(lena) == {("DE-HH", 1): figures.Recency("DE-HH", 1, 1, 0, 1, 0)}

    met(keller, mara, germany, NOW - timedelta(days=3))
    assert counted(lena) == {("DE-HH", 1): figures.Recency("DE-HH", 1, 1, 1, 0, 0)}

    with acting_as(mara):
        set_science(keller, tier=2, rationale="Fewer guidelines.", by=mara)
    with acting_as(system("test")):
        keller.main_institution.region = "DE-BY"
        keller.main_institution.save(update_fields=["region"])
    assert counted(lena) == {("DE-BY", 2): figures.Recency("DE-BY", 2, 1, 1, 0, 0)}

    with acting_as(system("test")):
        KOL.objects.filter(pk=keller.pk).update(status="RETIRED")
    assert counted(lena) == {}


def test_the_counts_say_what_the_list_behind_them_shows(keller, mara, lena, germany):
    """On the very day on which ninety days are over, and on the ones beside it."""
    for hours in range(88 * 24, 93 * 24, 5):
        met(keller, mara, germany, NOW - timedelta(hours=hours))
        [row] = counted(lena).values()
        with acting_as(system("test")):
            assert row.kols - row.seen == unseen(KOL.objects.all(), NOW, 90).count()


def test_entries_put_together_are_the_same_sums(keller, mara, lena, germany):
    for days in (3, 3, 4, 5):
        met(keller, mara, germany, NOW - timedelta(days=days))
    before = counted(lena)
    with acting_as(system("test")):
        logged, entries = contacts(), PulseCount.objects.count()

    assert figures.fold() > 0
    assert figures.fold() == 0

    assert [row.kols for row in before.values()] == [1]
    assert counted(lena) == before
    with acting_as(system("test")):
        assert contacts() == logged == 4
        assert PulseCount.objects.count() == 1 < entries
        assert DayCount.objects.count() == 3


def test_the_lead_reads_her_territory_in_a_fixed_number_of_statements(client_of, lena, keller, statements):
    client = client_of(lena)

    with statements() as asked:
        page = client.get(reverse("reports:territory"))

    assert page.status_code == 200
    # One of them reads the session, which outside of tests comes from the cache.
    assert len(asked) == 13


def test_field_service_has_no_such_page_and_no_such_rows(client_of, felix, frieda, lena, keller):
    assert client_of(lena).get(reverse("reports:territory")).status_code == 200
    for person in (felix, frieda):
        assert client_of(person).get(reverse("reports:territory")).status_code == 404
        with acting_as(person):
            assert Pulse.objects.count() == PulseCount.objects.count() == 0


def test_the_topics_of_six_weeks_stand_beside_the_six_before(
    relation, mara, moritz, lena, germany, client_of
):
    from interactions.models import Topic
    from products.models import Theme

    with acting_as(mara):
        mechanism, gap = Theme.objects.get(name="Mechanism"), Theme.objects.get(name="Guideline gap")
        for days, theme in ((1, gap), (2, gap), (50, gap), (3, mechanism), (100, mechanism)):
            topic = Topic.objects.create(
                interaction=visit(mara, germany, NOW - timedelta(days=days)), subject="ADMIN"
            )
            topic.themes.add(theme)
    browser = client_of(lena)

    page = browser.get(reverse("reports:topics")).content.decode()

    assert [row.split("</span>")[0] for row in page.split("<li><span>")[1:3]] == [
        "Guideline gap",
        "Mechanism",
    ]
    assert ">2</b>" in page
    assert "+1" in page
    assert reverse("reports:topics") in browser.get(reverse("reports:territory")).content.decode()
    assert client_of(moritz).get(reverse("reports:topics")).status_code == 404
