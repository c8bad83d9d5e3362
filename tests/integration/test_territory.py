"""The lead's territory: numbers kept by the transactions that cause them, each with the rows behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from interactions.models import Interaction, LastContact
from kols.actions import set_science
from reports.models import DayCount, Pulse

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
        before = DayCount.objects.get().contacts
        first.status = "WITHDRAWN"
        first.save(update_fields=["status"])

        assert (before, DayCount.objects.get().contacts) == (2, 1)


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
            assert Pulse.objects.count() == 0
