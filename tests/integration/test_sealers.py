"""Sealing beside people who write: nothing passed over, nothing sealed twice, nobody kept waiting."""

from __future__ import annotations

import psycopg2
import pytest
from django.db import connection

from accounts.acting import acting_as, system
from compliance import audit, chain, verification
from compliance.models import AuditEntry, Seal
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def session() -> psycopg2.extensions.connection:
    facts = connection.settings_dict
    return psycopg2.connect(
        dbname=facts["NAME"], user="crm_web", host=facts["HOST"] or None, port=facts["PORT"] or None,
        password=None if str(facts["HOST"]).startswith("/") else facts["PASSWORD"],
    )  # fmt: skip


def write(cursor: psycopg2.extensions.cursor, verb: str) -> None:
    """One entry, in a transaction that stays open."""
    cursor.execute("SELECT crm_act_as_system('system: a test', NULL, '')")
    cursor.execute(
        "SELECT crm_write_trail(jsonb_build_array(jsonb_build_object('actor_name', 'x', 'actor_role', '', 'verb', %s::text, "
        "'refused', false, 'subject_type', '', 'subject_words', '', 'market_code', '', 'facts', '{}'::jsonb, "
        "'rules', '[]'::jsonb, 'policy_version', '')))", [verb],
    )  # fmt: skip


def sealed() -> list[str]:
    with acting_as(system("look")):
        return [seal.action for seal in Seal.objects.order_by("sequence")]


def test_what_commits_late_is_sealed_late_and_not_passed_over(transactional_db):
    slow, quick = session(), session()
    try:
        write(slow.cursor(), "written first")
        write(quick.cursor(), "written second")
        quick.commit()
        chain.seal()
        assert sealed() == ["written second"]
        slow.commit()
        chain.seal()
    finally:
        slow.close()
        quick.close()
    assert sealed() == ["written second", "written first"]
    with acting_as(system("look")):
        numbers = dict(AuditEntry.objects.values_list("verb", "sequence"))
    assert numbers["written first"] < numbers["written second"]
    assert verification.verify([], why="test")["unbroken"]


def test_a_sealer_that_is_killed_has_sealed_nothing_and_the_next_one_goes_on(transactional_db):
    writer, killed = session(), session()
    try:
        for n in range(5):
            write(writer.cursor(), f"wrote {n}")
        writer.commit()
        cursor = killed.cursor()
        cursor.execute("SELECT crm_act_as_system('system: seal the trail', NULL, '')")
        cursor.execute("SELECT crm_seal(3)")
        assert cursor.fetchone() == (3,)
        # Meanwhile nobody else seals, and nobody who writes waits.
        assert chain.seal_some() == 0
        write(writer.cursor(), "wrote meanwhile")
        writer.commit()
    finally:
        killed.close()
        writer.close()
    assert sealed() == []
    assert chain.seal() == 6
    assert sealed() == [*(f"wrote {n}" for n in range(5)), "wrote meanwhile"]


def test_several_sealers_at_once_seal_each_row_once(transactional_db):
    def write_many() -> None:
        for n in range(30):
            with acting_as(system("a test")):
                audit.record("wrote", by=None, n=n)

    def seal_often() -> int:
        return sum(chain.seal_some(7) for _ in range(25))

    *counts, _first, _second = at_once(seal_often, seal_often, seal_often, write_many, write_many)
    left = chain.seal()
    assert sum(counts) + left == 60
    assert sealed() == ["wrote"] * 60
    assert verification.verify([], why="test")["unbroken"]
