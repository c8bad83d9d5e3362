"""The second lock: with every filter of the application removed, nothing crosses the wall."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import DatabaseError, InternalError, ProgrammingError, connection, transaction

from accounts.acting import acting_as, system
from accounts.models import User
from compliance import audit
from compliance.grants import OURS, UNTRACKED
from kols.actions import open_matter, set_science
from kols.models import KOL, OpenMatter

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

# The tables that hold what Medical wrote; whatever else is guarded is tried below.
MEDICAL = (
    "interactions_interaction", "interactions_topic", "interactions_attendee", "interactions_followup",
    "interactions_lastcontact", "kols_scientificprofile", "kols_openmatter", "kols_relation",
    "kols_ownership",
)  # fmt: skip


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return cursor.fetchone()[0]


def catalogue(sql: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def medical_past(company, relation, keller, novastat_hf, mara):
    """One row in every medical table, written as Medical writes them."""
    from interactions.models import Attendee, FollowUp, Interaction, LastContact, Topic

    with acting_as(mara):
        set_science(keller, tier=1, rationale="Leads the registry.", by=mara)
        visit = Interaction.objects.create(
            author=mara, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
            channel="IN_PERSON", status="DRAFT", market=company.germany, starts_at=AT, ends_at=AT,
            zone="Europe/Berlin", side_effect=False, recorded_at=AT, updated_at=AT,
        )  # fmt: skip
        Topic.objects.create(
            interaction=visit, author=mara, compartment="MEDICAL", subject="USE", use=novastat_hf
        )
        Attendee.objects.create(interaction=visit, author=mara, compartment="MEDICAL", kol=keller, at=AT)
        FollowUp.objects.create(
            owner=mara, interaction=visit, kol=keller, compartment="MEDICAL", what="Send the paper",
            due_on=AT.date(), market=company.germany, created_at=AT,
        )  # fmt: skip
        LastContact.objects.update_or_create(kol=keller, defaults={"at": AT, "interaction": visit})
        open_matter(relation, OpenMatter.Kind.DRAFT, person=mara, source=visit.pk)
    return visit


@pytest.mark.parametrize("table", MEDICAL)
def test_a_query_without_any_filter_returns_nothing_across_the_wall(
    table, medical_past, mara, clara, felix, otto, frieda, petra, rita, anton, sofia
):
    with acting_as(mara):
        assert rows(table) > 0
    with acting_as(clara):
        assert rows(table) > 0
    for person in (felix, otto, frieda, petra, rita, anton, sofia):
        with acting_as(person):
            assert (person.email, rows(table)) == (person.email, 0)
    with acting_as(None):
        assert rows(table) == 0
    assert rows(table) == 0


def test_every_table_behind_the_wall_shows_a_rep_nothing_of_this(medical_past, felix):
    guarded = catalogue(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'"
    )
    assert set(MEDICAL) <= guarded
    with acting_as(felix):
        seen = {table: rows(table) for table in sorted(guarded)}
    # Which rules hold in a market is no secret: everybody is judged by them.
    assert {table: count for table, count in seen.items() if count} == {"compliance_packactivation": 2}


def test_row_security_is_forced_wherever_it_is_on(company):
    assert (
        catalogue(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity AND relkind = 'r'"
        )
        == set()
    )


def test_a_search_by_raw_sql_across_joins_finds_nothing_either(medical_past, mara, felix):
    sql = """SELECT count(*) FROM kols_kol k JOIN interactions_attendee a ON a.kol_id = k.id
             JOIN interactions_interaction i ON i.id = a.interaction_id"""
    for person, expected in ((mara, 1), (felix, 0)):
        with acting_as(person), connection.cursor() as cursor:
            cursor.execute(sql)
            assert cursor.fetchone()[0] == expected


def test_a_rep_cannot_write_behind_the_wall(medical_past, felix):
    with acting_as(felix), connection.cursor() as cursor:
        cursor.execute("UPDATE interactions_interaction SET note = 'x'")
        assert cursor.rowcount == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE compliance_auditentry SET verb = 'x'",
        "DELETE FROM compliance_auditentry",
        "TRUNCATE compliance_auditentry",
        'INSERT INTO compliance_rowchange (at, recorded_at, transaction, actor, "table", operation) '
        "VALUES (now(), now(), 1, 'x', 'x', 'INSERT')",
        "UPDATE compliance_rowchange SET actor = 'x'",
        "DELETE FROM compliance_rowchange",
        "TRUNCATE compliance_rowchange",
        "TRUNCATE interactions_interaction CASCADE",
        "DELETE FROM interactions_interaction",
        "DELETE FROM kols_kol",
        "DELETE FROM kols_relation",
        "DELETE FROM accounts_appointment",
        "DELETE FROM products_lifecycleentry",
        "DELETE FROM compliance_deviation",
        "ALTER TABLE interactions_interaction DISABLE TRIGGER ALL",
        "ALTER TABLE interactions_interaction DISABLE ROW LEVEL SECURITY",
        "DROP TRIGGER history_update ON kols_kol",
        "DROP POLICY compartments ON interactions_interaction",
        "CREATE OR REPLACE FUNCTION crm_side() RETURNS text LANGUAGE sql AS $$ SELECT 'system' $$",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (a int)",
    ],
)
def test_the_web_role_has_no_right_to(sql, company):
    with acting_as(system("a break-in")), transaction.atomic(), connection.cursor() as cursor:
        with pytest.raises((ProgrammingError, InternalError, DatabaseError)) as error, transaction.atomic():
            cursor.execute(sql)
        assert error.value.__cause__.diag.sqlstate in ("42501", "42809", "23514")


def test_the_web_role_is_a_member_of_no_other_role():
    """The tests' own session is the owner's; the catalogue says what one of the web role may become."""
    mighty = catalogue(
        "SELECT rolname FROM pg_roles WHERE rolname <> 'crm_web' AND pg_has_role('crm_web', oid, 'MEMBER')"
    )
    assert mighty == set()
    powers = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
    assert catalogue(f"SELECT rolname FROM pg_roles WHERE rolname = 'crm_web' AND ({powers})") == set()
    assert catalogue("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'crm_web'") == set()


def test_the_clock_is_the_databases_own_unless_the_owner_sets_it():
    source = catalogue("SELECT prosrc FROM pg_proc WHERE proname = 'crm_now'").pop()
    assert "pg_has_role(session_user, 'crm_owner', 'MEMBER')" in source
    assert catalogue("SELECT pg_has_role('crm_web', 'crm_owner', 'MEMBER')::text") == {"false"}


def test_every_record_of_ours_is_tracked_by_the_database_itself():
    ours = {
        model._meta.db_table
        for label in OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed
    }
    for name in ("history_insert", "history_update", "history_delete"):
        tracked = catalogue(
            f"SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            f"WHERE t.tgname = '{name}' AND t.tgenabled IN ('O', 'A')"
        )
        assert ours - UNTRACKED - tracked == set()


def test_a_write_in_nobodys_name_is_refused(company):
    with pytest.raises(DatabaseError, match="Nobody is acting"), transaction.atomic():
        KOL.objects.create(family_name="Nobody", created_at=AT)
    with pytest.raises(LookupError):
        audit.record("did something", by=None)


def test_bulk_writes_and_raw_sql_leave_their_rows_in_the_history(company, keller, mara):
    with acting_as(mara), connection.cursor() as cursor:
        KOL.objects.filter(pk=keller.pk).update(specialty="Nephrology")
        cursor.execute("UPDATE kols_kol SET phone = '1' WHERE id = %s", [keller.pk])
    with acting_as(company.clara), connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, after ->> 'specialty', after ->> 'phone' FROM compliance_rowchange "
            'WHERE "row" = %s AND operation = %s ORDER BY sequence', [keller.pk, "UPDATE"],
        )  # fmt: skip
        assert cursor.fetchall()[-2:] == [(str(mara.pk), "Nephrology", ""), (str(mara.pk), "Nephrology", "1")]


def test_no_password_and_no_secret_reaches_the_history(company, clara):
    with acting_as(system("change")):
        user = User.objects.get(pk=company.mara.pk)
        user.set_password("something new and long")
        user.save()
    with acting_as(clara), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM compliance_rowchange WHERE before ? 'password' OR after ? 'password'"
        )
        assert cursor.fetchone()[0] == 0
