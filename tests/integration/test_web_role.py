"""What the web role can do with SQL of its own, tried over a connection of its own, not the owner's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from accounts.acting import acting_as, now, system
from compliance import audit
from compliance.grants import WEB_MAY_CALL
from compliance.models import AuditEntry, Deviation
from compliance.policy import Side
from handovers.models import HandoverStep
from interactions.actions import add_follow_up
from interactions.models import Attendee, FollowUp, Interaction, Topic
from kols.models import KOL
from safety.actions import report_side_effect
from tests.integration.test_two_locks import ask

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DENIED = "42501"


@pytest.fixture
def web(db: None) -> Iterator[psycopg2.extensions.cursor]:
    """A session that signed in as the web role: what a stolen password opens, before any context is set."""
    facts = connection.settings_dict
    session = psycopg2.connect(
        dbname=facts["NAME"], user="crm_web", host=facts["HOST"] or None, port=facts["PORT"] or None,
        password=None if str(facts["HOST"]).startswith("/") else facts["PASSWORD"],
    )  # fmt: skip
    session.autocommit = True
    with session.cursor() as cursor:
        yield cursor
    session.close()


def refused(cursor, sql: str) -> str:
    with pytest.raises(psycopg2.Error) as error:
        cursor.execute(sql)
    return error.value.pgcode


@pytest.mark.parametrize(
    "sql",
    [
        "SET ROLE crm_owner",
        "SET ROLE crm_guard",
        "SET SESSION AUTHORIZATION crm_owner",
        "SET session_replication_role = replica",
        "SET log_statement = 'none'",
        "COPY kols_kol TO PROGRAM 'cat'",
        "COPY kols_kol TO '/tmp/kols.csv'",
        "COPY compliance_auditentry (verb) FROM STDIN",
        "TRUNCATE kols_relation CASCADE",
        "ALTER TABLE kols_relation NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE kols_relation DISABLE TRIGGER relation_is_owned",
        "ALTER FUNCTION crm_now() OWNER TO crm_web",
        "CREATE OR REPLACE FUNCTION crm_user() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$",
        "CREATE TRIGGER mine BEFORE INSERT ON kols_kol FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()",
        "CREATE POLICY mine ON kols_relation USING (true)",
        "CREATE ROLE mine",
        "INSERT INTO compliance_auditentry (id) VALUES (gen_random_uuid())",
        "SELECT crm_check_relation(gen_random_uuid())",
        "SELECT crm_add_day_counts('{}', '{}', '{}', '{}')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
    ],
)  # fmt: skip
def test_a_session_of_the_web_role_is_denied(web, sql):
    assert refused(web, sql) == DENIED


def test_the_web_role_owns_nothing_at_all(web):
    web.execute(
        "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid "
        "WHERE r.rolname = 'crm_web' AND d.deptype = 'o'"
    )
    assert web.fetchone() == (0,)


def test_the_web_role_cannot_set_the_clock(web):
    web.execute("SELECT set_config('crm.clock', '2020-01-01 00:00+00', false)")
    web.execute("SELECT crm_now() = transaction_timestamp()")
    assert web.fetchone() == (True,)


def test_a_session_without_a_context_reads_nothing_behind_the_wall(web):
    web.execute(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND relname <> 'compliance_packactivation'"
    )
    for (table,) in web.fetchall():
        web.execute(f'SELECT count(*) FROM "{table}"')
        assert (table, web.fetchone()) == (table, (0,))


def test_a_dump_by_the_web_role_stops_at_the_wall(web):
    """pg_dump switches row security off, so that a dump is whole or fails. It fails."""
    web.execute("SET row_security = off")
    assert refused(web, "COPY kols_relation TO STDOUT") == DENIED
    assert refused(web, "SELECT * FROM interactions_interaction") == DENIED


def test_what_the_planner_knows_of_a_guarded_table_is_not_told(web):
    web.execute("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
    told = {row[0] for row in web.fetchall()}
    web.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
    assert told & {row[0] for row in web.fetchall()} == set()


def test_only_named_functions_run_past_the_wall_for_the_web_role(company):
    found = ask(
        "SELECT proname FROM pg_proc WHERE prosecdef AND prorettype <> 'trigger'::regtype "
        "AND pronamespace = 'public'::regnamespace AND has_function_privilege('crm_web', oid, 'EXECUTE')"
    )
    assert {row[0] for row in found} == WEB_MAY_CALL
    unsafe = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace AND "
    assert ask(unsafe + "strpos(coalesce(proconfig::text, ''), 'search_path=public') = 0") == []


def test_the_facts_of_the_boundary_are_for_the_side_that_acts(keller, novastat_hf, felix, mara, visit):
    """A rep who asks as Medical gets nothing, not even the expert's row."""
    facts = "SELECT * FROM crm_contact_facts(ARRAY[%s]::uuid[], now(), %s, NULL)"
    prompted = (
        "SELECT * FROM crm_prompted(ARRAY[%s]::uuid[], ARRAY[%s]::uuid[], now(), 30, %s, 'MEDICAL', NULL)"
    )
    with acting_as(system("look")):
        Topic.objects.filter(interaction=visit).update(basis="PROACTIVE")
    with acting_as(mara):
        assert len(ask(facts, keller.pk, "MEDICAL")) == 1
        assert len(ask(prompted, keller.pk, novastat_hf.pk, mara.pk)) == 1
    with acting_as(felix):
        assert len(ask(facts, keller.pk, "COMMERCIAL")) == 1
        assert ask(facts, keller.pk, "MEDICAL") == []
        assert ask(prompted, keller.pk, novastat_hf.pk, mara.pk) == []


def test_nobody_looks_up_the_accounts_of_somebody_else(owned_by_field, keller, felix, otto, mara, frieda):
    accounts = "SELECT use FROM crm_field_accounts(%s, ARRAY[%s]::uuid[], now(), now())"
    with acting_as(felix):
        assert ask(accounts, felix.pk, keller.pk) == [(owned_by_field.use_id,)]
    for person in (otto, mara, frieda):
        with acting_as(person):
            assert ask(accounts, felix.pk, keller.pk) == ask(accounts, person.pk, keller.pk) == []


# The trail


def test_an_entry_names_whoever_acts_whatever_the_caller_says(felix, mara):
    with acting_as(felix):
        audit.record("lied", by=mara, words="x")
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="lied")
    assert (entry.actor, entry.actor_name, entry.actor_role) == (
        str(felix.pk),
        "Felix Brandt",
        "FIELD_SERVICE",
    )


def test_nobody_writes_the_trail_in_nobodys_name(company):
    with pytest.raises(DatabaseError, match="Nobody is acting"), transaction.atomic():
        ask("SELECT crm_write_trail('[]')")


def test_the_instant_of_an_entry_is_the_databases(felix):
    with acting_as(felix):
        at = now()
        ask("""SELECT crm_write_trail('[{"actor_name": "x", "actor_role": "", "verb": "lied", "refused": false,
            "at": "2020-01-01", "sequence": 1, "actor": "y", "subject_type": "", "subject_words": "", "market_code": "",
            "facts": {}, "rules": [], "policy_version": ""}]')""")
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="lied")
    assert (entry.at, entry.actor, entry.sequence > 1) == (at, str(felix.pk), True)


def test_no_row_goes_into_the_trail_past_its_function(company):
    with acting_as(system("a break-in")), pytest.raises(ProgrammingError) as error, transaction.atomic():
        ask("INSERT INTO compliance_auditentry (id, verb) VALUES (gen_random_uuid(), 'x') RETURNING id")
    assert error.value.__cause__.pgcode == DENIED


# Writing across the wall


def test_nothing_comes_back_from_a_write_across_the_wall(visit, relation, felix, keller):
    for sql in (
        "UPDATE interactions_interaction SET note = note RETURNING note",
        "DELETE FROM interactions_topic RETURNING id",
        "UPDATE kols_relation SET during = during RETURNING id",
    ):
        with acting_as(felix):
            assert ask(sql) == []
    with acting_as(felix), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Interaction.objects.create(
            author=felix, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
            channel="PHONE", status="DRAFT", market=keller.practices.get().market, starts_at=AT, ends_at=AT,
            zone="Europe/Berlin", side_effect=False, recorded_at=AT, updated_at=AT,
        )  # fmt: skip


def test_a_conflict_with_a_hidden_row_does_not_show_it(relation, felix):
    """ON CONFLICT may not read what the policy hides: it fails instead of returning the row."""
    with acting_as(felix), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        ask(
            "INSERT INTO kols_relation (id, kol_id, use_id, during, shown_to_field) "
            "VALUES (%s, %s, %s, tstzrange(now(), NULL), true) "
            "ON CONFLICT (id) DO UPDATE SET during = excluded.during RETURNING *",
            relation.pk, relation.kol_id, relation.use_id,
        )  # fmt: skip


# Changing sides


@pytest.fixture
def crossed(mara, keller, relation, novastat, visit):
    """Mara has reported a side effect and a deviation, as an MSL."""
    with acting_as(mara):
        report_side_effect(by=mara, kol=keller, product=novastat, what_happened="Quokka")
        Deviation.objects.create(
            reporter=mara, reporter_side=Side.MEDICAL, happened_at=now(), recorded_at=now(), words="Quokka",
            act={}, decision={}, policy_version="1",
        )  # fmt: skip
        assert [len(ask(f"SELECT 1 FROM {table}")) for table in OF_THE_REPORTER] == [1, 1]
    return mara


OF_THE_REPORTER = ("safety_safetyreport", "compliance_deviation")


def test_in_the_database_too_a_report_stays_on_the_side_it_was_made_on(crossed):
    with acting_as(crossed):
        for side, expected in (("COMMERCIAL", [0, 0]), ("NEUTRAL", [0, 0]), ("MEDICAL", [1, 1])):
            ask("SELECT set_config('crm.side', %s, true)", side)
            assert [len(ask(f"SELECT 1 FROM {table}")) for table in OF_THE_REPORTER] == expected


# I-09 and I-10


def call(author, kol, use, *, activity="PRODUCT_CALL", status="DRAFT"):
    record = Interaction.objects.create(
        author=author, author_role="FIELD_SERVICE", author_side="COMMERCIAL", compartment="FIELD",
        kind="PRODUCT_CALL", channel="PHONE", status=status, market=use.market, starts_at=now(), ends_at=now(),
        zone="Europe/Berlin", side_effect=False, recorded_at=now(), updated_at=now(),
    )  # fmt: skip
    Topic.objects.create(interaction=record, subject="USE", use=use, activity=activity)
    Attendee.objects.create(interaction=record, kol=kol, main=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return record


def test_the_database_takes_a_call_from_whoever_answers_for_the_expert(
    handed_over, keller, novastat_hf, felix
):
    with acting_as(felix):
        assert call(felix, keller, novastat_hf).pk


@pytest.mark.parametrize("activity", ["PRODUCT_CALL", "SAMPLE", "SCIENTIFIC_LECTURE", "EXTERNAL_TRAINING"])
def test_the_database_takes_no_call_from_another_rep(handed_over, keller, novastat_hf, otto, activity):
    with acting_as(otto), pytest.raises(IntegrityError, match="answers for"), transaction.atomic():
        call(otto, keller, novastat_hf, activity=activity)


def test_the_database_takes_a_question_for_medical_from_anybody(handed_over, keller, novastat_hf, otto):
    with acting_as(otto):
        assert call(otto, keller, novastat_hf, activity="INQUIRY_REFERRAL").pk


def test_who_covers_for_the_owner_may_call(handed_over, keller, novastat_hf, otto, felix):
    from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

    from accounts.models import AbsenceCover

    with acting_as(system("set the stage")):
        AbsenceCover.objects.create(absent=felix, cover=otto, during=DateTimeTZRange(now(), None))
    with acting_as(otto):
        assert call(otto, keller, novastat_hf).pk


def test_an_expert_added_later_is_looked_at_as_well(handed_over, keller, novastat_hf, felix, germany):
    with acting_as(system("set the stage")):
        stranger = KOL.objects.create(family_name="Stranger", sort_name="stranger", created_at=now())
    with acting_as(felix):
        record = call(felix, keller, novastat_hf)
        with pytest.raises(IntegrityError, match="answers for"), transaction.atomic():
            bring(stranger, record)


def bring(kol, record) -> None:
    Attendee.objects.create(interaction=record, kol=kol)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE safety_safetyreport SET reporter_side = 'COMMERCIAL'",
        "UPDATE compliance_deviation SET reporter_side = 'COMMERCIAL'",
        "UPDATE kols_privacynotice SET side = 'COMMERCIAL'",
        "UPDATE kols_ownership SET side = 'COMMERCIAL' WHERE side = 'MEDICAL'",
        "UPDATE interactions_interaction SET compartment = 'FIELD'",
        "UPDATE interactions_followup SET compartment = 'FIELD'",
        "UPDATE interactions_topic SET interaction_id = gen_random_uuid()",
        "UPDATE interactions_attendee SET interaction_id = gen_random_uuid()",
    ],
)
def test_not_even_the_product_itself_moves_a_record_across(crossed, keller, germany, sql):
    with acting_as(crossed):
        add_follow_up(by=crossed, what="Paper", due_on=AT.date(), market=germany, kol=keller)
    with (
        acting_as(system("a fault")),
        pytest.raises(IntegrityError, match=r"R-100|owner"),
        transaction.atomic(),
    ):
        ask(sql + " RETURNING 1")


def test_a_part_lives_in_the_compartment_of_its_record_whatever_is_said(visit, novastat_hf, mara):
    with acting_as(mara):
        topic = Topic.objects.create(interaction=visit, compartment="FIELD", subject="USE", use=novastat_hf)
        topic.refresh_from_db()
    assert topic.compartment == "MEDICAL"


def test_what_follows_a_medical_record_is_medical(visit, felix, keller, germany):
    with acting_as(system("a fault")), pytest.raises(IntegrityError, match="R-100"), transaction.atomic():
        FollowUp.objects.create(
            owner=felix, interaction=visit, kol=keller, compartment="FIELD", what="x", due_on=AT.date(),
            market=germany, created_at=now(),
        )  # fmt: skip


# What the application itself sends


def test_no_step_of_a_handover_is_read_by_its_signer_from_the_other_side(handed_over, mara):
    with acting_as(mara):
        assert HandoverStep.objects.filter(by=mara).exists()
        ask("SELECT set_config('crm.side', 'COMMERCIAL', true), set_config('crm.role', 'FIELD_LEAD', true)")
        assert not HandoverStep.objects.filter(by=mara).exists()


def test_a_streamed_answer_is_written_as_whoever_asked_though_others_act_meanwhile(
    handed_over, mara, felix, clara, client_of
):
    """A streamed extract outlives its request: what is in it is asked for again, in the person's name."""
    answer = client_of(clara).get("/compliance/trail/export.csv")
    with acting_as(felix):
        body = b"".join(answer.streaming_content).decode()
    assert "Mara Lindqvist" in body
    assert client_of(felix).get("/compliance/trail/export.csv").status_code == 404


def test_an_answer_is_not_replayed_on_another_side(mara):
    from accounts.models import IdempotencyKey

    with acting_as(mara):
        IdempotencyKey.objects.create(
            user=mara,
            key=str(uuid4()),
            request_hash="h",
            status=201,
            body={"note": "quokka"},
            created_at=now(),
        )
        assert IdempotencyKey.objects.count() == 1
        ask("SELECT set_config('crm.side', 'COMMERCIAL', true)")
        assert IdempotencyKey.objects.count() == 0
