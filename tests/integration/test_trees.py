"""Managers see their tree: two field leads in one market, the head above them, and nothing stranded.

Nadja leads the north, where Hamburg and so Professor Keller belong; Stefan leads the south. Frieda is the
head of both.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Notice, Post, TerritoryRegion, User
from compliance.policy import Role, Side
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import Campaign, Handover
from kols.models import KOL, Ownership, Relation
from tests.conftest import EVER, SINCE

pytestmark = pytest.mark.django_db


def lead(company, name, territory):
    with acting_as(system("set the stage")):
        person = User.objects.create(
            email=f"{name}@example.org", given_name=name.title(), family_name="Lead", role=Role.FIELD_LEAD
        )
        post = Appointment.objects.create(
            user=person, role=Role.FIELD_LEAD, side=Side.COMMERCIAL, during=EVER, recorded_at=SINCE
        )
        post.markets.add(company.germany)
        Post.objects.create(user=person, territory=territory, leads=True, during=EVER)
    return person


@pytest.fixture
def nadja(company):
    return lead(company, "nadja", company.north)


@pytest.fixture
def stefan(company):
    return lead(company, "stefan", company.south)


@pytest.fixture
def prepared(relation, novastat_hf, authorise, mara, nadja, stefan):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        due = Handover.objects.get(relation=relation)
    with acting_as(mara):
        return prepare_handover(due, by=mara, signature=Signature(mara, "password"), previewed=True)


@pytest.fixture
def with_felix(prepared, felix, nadja, lena):
    with acting_as(nadja):
        item = assign_handover(prepared, recipient=felix, by=nadja)
    with acting_as(felix):
        item = accept_handover(item, by=felix)
    with acting_as(lena):
        approve_handover(item, by=lena, signature=Signature(lena, "password"), effective_at=now())
    make_effective()
    return item


def seen(person):
    """How much of each kind a person sees: handovers, campaigns, relations, owners' rows, experts."""
    with acting_as(person):
        kinds = Handover, Campaign, Relation, Ownership, KOL
        return [kind.objects.visible_to(person).count() for kind in kinds]


def test_what_is_prepared_waits_for_the_lead_of_the_place(prepared, nadja, stefan, frieda, client_of):
    assert seen(nadja) == seen(frieda) == [1, 1, 1, 0, 1]
    assert seen(stefan) == [0, 0, 0, 0, 0]

    for person, there in ((nadja, True), (frieda, True), (stefan, False)):
        browser = client_of(person)
        assert (b"Keller" in browser.get(reverse("handovers:assignments")).content) is there
        board = browser.get(reverse("handovers:board", args=[prepared.campaign_id]))
        assert board.status_code == (200 if there else 404)
        dossier = browser.get(reverse("handovers:dossier", args=[prepared.pk]))
        assert dossier.status_code == (200 if there else 404)
        listed = browser.get("/api/handovers/").json()["results"]
        assert [row["id"] for row in listed] == ([str(prepared.pk)] if there else [])


def test_the_lead_of_the_place_is_told_and_the_other_is_not(prepared, nadja, stefan, frieda):
    with acting_as(system("look")):
        told = set(Notice.objects.filter(kind="handover_prepared").values_list("person", flat=True))
    assert told == {nadja.pk, frieda.pk}


def test_an_account_is_seen_by_the_leads_of_its_owner(with_felix, nadja, stefan, frieda):
    assert seen(nadja) == seen(frieda) == [1, 1, 1, 1, 1]
    assert seen(stefan) == [0, 0, 0, 0, 0]


def test_somebody_who_leaves_strands_nothing(with_felix, company, felix, nadja, stefan, frieda):
    with acting_as(system("felix leaves")):
        Post.objects.filter(user=felix).update(during=DateTimeTZRange(SINCE, now() - timedelta(minutes=1)))

    assert seen(nadja) == seen(frieda) == [1, 1, 1, 1, 1]
    assert seen(stefan) == [0, 0, 0, 0, 0]


def test_an_expert_in_nobodys_territory_is_everybodys_to_give_away(prepared, company, nadja, stefan, frieda):
    with acting_as(system("close the region")):
        TerritoryRegion.objects.filter(territory=company.north).update(
            during=DateTimeTZRange(SINCE, now() - timedelta(minutes=1))
        )

    assert seen(nadja) == seen(stefan) == seen(frieda) == [1, 1, 1, 0, 1]


def test_an_expert_who_moves_south_is_the_souths(prepared, company, hospital, nadja, stefan):
    with acting_as(system("move")):
        hospital.region = "DE-BY"
        hospital.save(update_fields=["region"])

    assert seen(nadja) == [0, 0, 0, 0, 0]
    assert seen(stefan) == [1, 1, 1, 0, 1]


def test_an_account_given_to_the_south_is_the_souths_and_stays_known_to_who_had_it(
    with_felix, company, otto, nadja, stefan
):
    with acting_as(system("reassign")):
        row = Ownership.objects.get(relation=with_felix.relation_id, side=Side.COMMERCIAL)
        row.owner = otto
        row.save(update_fields=["owner"])

    assert seen(stefan)[3:] == [1, 1]
    assert seen(nadja)[3] == 0


def test_the_other_lead_can_neither_assign_nor_learn_that_there_is_something(prepared, felix, stefan):
    from compliance.policy import Refused

    with acting_as(stefan), pytest.raises(Refused):
        assign_handover(prepared, recipient=felix, by=stefan)
    with acting_as(system("look")):
        assert Handover.objects.get(pk=prepared.pk).state == "PREPARED"
