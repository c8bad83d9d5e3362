"""Materials: registered by one, approved by another, and out of use the instant the boundary moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.acting import acting_as, now, system
from compliance.policy import MaterialPurpose, MaterialStatus, Refused, State, zone_of
from products.material_actions import (
    approve_material,
    approve_plan_item,
    end_plan_item,
    enter_label,
    recall_material,
    retire_material,
)
from products.models import Material, MaterialVersion, PlanItem

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
WEEK = timedelta(days=7)


def seen_by(person) -> list[str]:
    with acting_as(person):
        return [str(one) for one in MaterialVersion.objects.visible_to(person).select_related("material")]


def in_quarantine_since(version) -> datetime | None:
    with acting_as(system("look")):
        return MaterialVersion.objects.quarantined().get(pk=version.pk).quarantined_at  # type: ignore[attr-defined]


def usable(version, at) -> bool:
    with acting_as(system("look")):
        return MaterialVersion.objects.usable(at).filter(pk=version.pk).exists()


def test_nobody_approves_what_she_registered_herself(deck, company, rita, ralf):
    letter = deck(MaterialPurpose.SAFETY, by=rita, approved_by=None)
    with acting_as(rita), pytest.raises(Refused, match="Two different people"):
        approve_material(letter, approval="MLR-1", by=rita)
    with acting_as(ralf):
        approved = approve_material(letter, approval="MLR-1", by=ralf)

    assert (approved.approved_by, approved.approval) == (ralf, "MLR-1")
    assert approved.status_at(approved.approved_at) is MaterialStatus.APPROVED
    assert approved.status_at(approved.approved_at - timedelta(seconds=1)) is MaterialStatus.IN_REVIEW


@pytest.mark.parametrize(
    ("person", "purpose"),
    [("lena", "PROMOTIONAL"), ("petra", "SCIENTIFIC"), ("rita", "SIUU"), ("felix", "PROMOTIONAL")],
)
def test_each_role_brings_the_materials_of_its_own_purposes(request, deck, person, purpose):
    with pytest.raises(Refused):
        deck(MaterialPurpose(purpose), by=request.getfixturevalue(person))
    with acting_as(system("look")):
        assert not Material.objects.exists()


def test_a_version_is_registered_once_and_never_rewritten(deck, lena, clara):
    version = deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara)
    with pytest.raises(Refused, match="settled"):
        deck(MaterialPurpose.SCIENTIFIC, by=lena)
    following = deck(MaterialPurpose.SCIENTIFIC, by=lena, version="2")

    assert following.material == version.material
    changes: list[dict[str, Any]] = [
        {"valid_to": datetime.now(UTC) + WEEK},
        {"approval": "other"},
        {"roles": []},
    ]
    for change in changes:
        with acting_as(clara), pytest.raises(DatabaseError), transaction.atomic():
            MaterialVersion.objects.filter(pk=version.pk).update(**change)
    with acting_as(clara), pytest.raises(DatabaseError), transaction.atomic():
        version.uses.clear()


def test_a_recall_ends_the_use_from_that_instant_and_not_before(deck, lena, clara):
    version = deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara)
    with acting_as(clara):
        recalled = recall_material(version, reason="Wrong dose on page 3", by=clara)
    at = recalled.recalled_at

    assert not usable(version, at)
    assert usable(version, at - timedelta(seconds=1))
    with acting_as(lena), pytest.raises(Refused):
        recall_material(version, reason="Once more", by=lena)


def test_what_is_retired_by_its_own_side_is_used_no_more(deck, lena, clara, rita):
    version = deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara)
    with acting_as(rita), pytest.raises(Refused):
        retire_material(version, by=rita)
    with acting_as(lena):
        retired = retire_material(version, by=lena)

    assert not usable(version, retired.retired_at)
    assert retired.status_at(retired.retired_at) is MaterialStatus.RETIRED


def test_a_suspension_puts_what_mentions_the_use_into_quarantine_at_its_instant(
    deck, petra, clara, novastat_hf, authorise, suspend
):
    opened = datetime.now(UTC) - 9 * WEEK
    authorise(novastat_hf, at=opened, recorded_at=opened)
    leaflet = deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=opened + WEEK)
    assert in_quarantine_since(leaflet) is None
    closed = datetime.now(UTC) - WEEK
    suspend(novastat_hf, at=closed)

    assert in_quarantine_since(leaflet) == closed
    assert usable(leaflet, closed - timedelta(seconds=1))
    assert not usable(leaflet, closed)


def test_what_was_approved_for_the_time_before_falls_with_the_authorisation(
    deck, lena, clara, novastat_hf, authorise
):
    science = deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara, at=datetime.now(UTC) - 4 * WEEK)
    at = datetime.now(UTC) - timedelta(hours=1)
    authorise(novastat_hf, at=at)

    assert in_quarantine_since(science) == at


def test_a_leaflet_made_for_the_day_of_the_launch_is_valid_on_that_day(
    deck, petra, clara, novastat_hf, authorise
):
    launch = datetime.now(UTC) - timedelta(hours=1)
    leaflet = deck(
        MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=launch - 4 * WEEK, valid_from=launch
    )
    authorise(novastat_hf, at=launch)

    assert in_quarantine_since(leaflet) is None
    assert usable(leaflet, launch)


def test_a_new_label_asks_for_a_new_review(deck, petra, clara, rita, novastat_hf, authorise):
    opened = datetime.now(UTC) - 9 * WEEK
    authorise(novastat_hf, at=opened, recorded_at=opened)
    leaflet = deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=opened + WEEK)
    with acting_as(rita):
        label = enter_label(
            novastat_hf, version="3.0", effective_at=now(), evidence="Type II variation", by=rita
        )

    assert in_quarantine_since(leaflet) == label.effective_at
    with acting_as(rita), pytest.raises(Refused):
        enter_label(novastat_hf, version="2.9", effective_at=label.effective_at, evidence="Older", by=rita)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("promotable", [True, False])
def test_the_database_derives_the_zone_as_the_policy_does(company, state, promotable):
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_zone(%s, %s)", [str(state), promotable])
        assert cursor.fetchone()[0] == zone_of(state, promotable=promotable)


def test_field_service_meets_a_material_once_its_use_has_opened_and_never_one_of_medical(
    deck, petra, lena, mara, clara, felix, novastat_hf, authorise
):
    deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, name="LX-204 leaflet")
    deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara, name="LX-204 deck")
    deck(MaterialPurpose.INTERNAL, by=lena, approved_by=clara, name="LX-204 training")
    assert seen_by(felix) == []
    authorise(novastat_hf)

    assert seen_by(felix) == ["LX-204 leaflet, 1"]
    assert seen_by(petra) == ["LX-204 leaflet, 1"]
    assert len(seen_by(mara)) == len(seen_by(clara)) == 3
    with acting_as(felix):
        assert {one.purpose for one in Material.objects.all()} == {"PROMOTIONAL"}
        assert MaterialVersion.objects.count() == 1
        assert MaterialVersion.uses.through.objects.count() == 1


def test_a_use_in_development_hides_a_material_that_mentions_an_open_one_beside_it(
    deck, petra, clara, felix, novastat, novastat_hf, germany, rita, authorise
):
    from products.actions import add_indication, add_use

    with acting_as(rita):
        second = add_use(add_indication(novastat, name="Kidney", label="Kidney", by=rita), germany, by=rita)
    authorise(novastat_hf)
    deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, uses=[novastat_hf, second])

    assert seen_by(felix) == []
    with acting_as(felix):
        assert MaterialVersion.objects.count() == 1


def test_a_number_taken_by_medical_tells_a_product_manager_nothing(deck, lena, petra, clara):
    deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara, number="MAT-7")

    assert deck(MaterialPurpose.PROMOTIONAL, by=petra, number="MAT-7").material.side == "COMMERCIAL"


def test_a_lead_approves_a_plan_for_the_time_to_come_and_ends_it(
    company, lena, mara, felix, petra, novastat_hf
):
    with acting_as(mara), pytest.raises(Refused):
        approve_plan_item(
            novastat_hf, reference="MP-1", purpose="Endpoints", from_=now(), until=now() + WEEK, by=mara
        )
    with acting_as(lena):
        with pytest.raises(Refused, match="time to come"):
            approve_plan_item(
                novastat_hf, reference="MP-1", purpose="Endpoints", from_=now() - WEEK, until=now(), by=lena
            )
        item = approve_plan_item(
            novastat_hf, reference="MP-1", purpose="Endpoints", from_=now(), until=now() + WEEK, by=lena
        )
    for person, count in ((mara, 1), (felix, 0), (petra, 0)):
        with acting_as(person):
            assert (PlanItem.objects.visible_to(person).count(), PlanItem.objects.count()) == (count, count)
    with acting_as(lena, at=item.during.lower + timedelta(days=1)):
        ended = end_plan_item(item, by=lena)
    assert ended.during.upper == item.during.lower + timedelta(days=1)
