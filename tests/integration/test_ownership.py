"""Who answers to an expert: exactly one at every instant, and the database says so too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from compliance.policy import Refused, Side
from kols.actions import end_relation, open_relation, reassign_owner
from kols.models import Ownership, Relation

pytestmark = pytest.mark.django_db


def refused_by(name: str):
    return pytest.raises(IntegrityError, match=name)


def settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_an_msl_answers_from_the_instant_she_begins(relation, mara):
    with acting_as(mara):
        settle()
        held = Ownership.objects.get(relation=relation, during__contains=now())

    assert (held.owner, held.side, held.market) == (mara, Side.MEDICAL, mara.posts.get().territory.market)


def hand_on(relation, to, side, *, left_at) -> None:
    """Write an ownership past every action: the old one ends at `left_at`, the next begins now."""
    with acting_as(system("test")), transaction.atomic():
        held = Ownership.objects.get(relation=relation)
        held.during = DateTimeTZRange(held.during.lower, left_at(now()))
        held.save(update_fields=["during"])
        Ownership.objects.create(
            relation=relation, side=side, owner=to, market=held.market, during=DateTimeTZRange(now(), None)
        )
        settle()


def test_a_gap_between_two_owners_is_refused_by_the_database(relation, moritz):
    with refused_by("exactly one owner"):
        hand_on(relation, moritz, Side.MEDICAL, left_at=lambda at: at - timedelta(days=1))


def test_field_service_cannot_own_what_is_not_authorised(relation, felix):
    with refused_by("Field service owns only"):
        hand_on(relation, felix, Side.COMMERCIAL, left_at=lambda at: at)


def test_a_second_relation_for_the_same_use_is_refused_with_its_rule(relation, keller, novastat_hf, mara):
    with acting_as(mara), pytest.raises(Refused) as refusal:
        open_relation(keller, novastat_hf, by=mara)

    assert refusal.value.decision.rules == ("R-115",)


def test_a_lead_gives_a_relation_to_a_colleague_without_a_gap(relation, lena, moritz):
    with acting_as(lena):
        reassign_owner(relation, to=moritz, by=lena)
        settle()
        owners = [
            row.owner.given_name for row in Ownership.objects.filter(relation=relation).order_by("during")
        ]

    assert owners == ["Mara", "Moritz"]


def test_the_last_ownership_ends_with_its_relation(relation, mara):
    with acting_as(mara):
        end_relation(relation, by=mara)
        settle()

        assert Relation.objects.get().during.upper == Ownership.objects.get().during.upper == now()


def test_a_msl_who_still_owns_cannot_be_deactivated_behind_the_relations_back(relation, mara):
    with refused_by("active person"):
        switch_off(mara)


def switch_off(person) -> None:
    with acting_as(system("test")), transaction.atomic():
        person.is_active = False
        person.save(update_fields=["is_active"])
        settle()


def test_field_service_sees_no_medical_ownership_even_without_a_filter(relation, felix, mara):
    with acting_as(mara):
        assert Ownership.objects.count() == 1
    with acting_as(felix):
        assert (Ownership.objects.count(), Relation.objects.count()) == (0, 0)
