"""The second lock asked of the catalogue: every table there is, also one added tomorrow, and every way past a policy."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from accounts.acting import acting_as, system
from compliance.grants import NUMBERED, OURS
from compliance.models import Anchor, RowChange, Salt, Seal, Unsealed
from kols.models import Committee, Seat
from tests.integration.test_two_locks import ask, guarded, tables

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

# Tables without row security, and why everybody's session may read them. What is missing here must be guarded.
OPEN = {
    "who works here, in which role, and where: every page names colleagues": {
        "accounts_absencecover", "accounts_appointment", "accounts_appointment_markets", "accounts_custodian",
        "accounts_market", "accounts_post", "accounts_territory", "accounts_territoryregion", "accounts_user",
        "accounts_user_groups", "accounts_user_user_permissions",
    },
    "sign-in: read before anybody acts": {
        "account_emailaddress", "account_emailconfirmation", "accounts_apitoken", "accounts_factorrule",
        "calendars_feed", "axes_accessattempt",
        "axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog", "django_session", "mfa_authenticator",
        "usersessions_usersession",
    },
    "what somebody wants to hear of": {"accounts_noticechoice"},
    "of the framework, nothing of the business": {
        "auth_group", "auth_group_permissions", "auth_permission", "django_admin_log", "django_content_type",
        "django_migrations",
    },
    "where reports of side effects go: desks and their mailboxes": {"safety_desk"},
    "what regulators publish": {"imports_adoption", "imports_regulatorrecord", "imports_snapshot"},
    "the directory of experts, which both sides share (decision 3); the first lock parts it": {
        "kols_affiliation", "kols_identifier", "kols_institution", "kols_kol", "kols_practice",
    },
    "products and where they stand: a regulatory fact": {
        "products_indication", "products_labelversion", "products_launchrelease", "products_lifecycleentry",
        "products_product",
        "products_product_managers", "products_theme", "products_therapeuticarea", "products_use",
    },
}  # fmt: skip
# What a column tells that Medical knows: such a table is guarded, whatever it is called.
TELLING = {
    "interaction_id",
    "visit_id",
    "handover_id",
    "relation_id",
    "campaign_id",
    "compartment",
    "kol_id",
    "side",
}
# The directory itself, and the trees of territories, which are everybody's.
SHARED = {*OPEN["the directory of experts, which both sides share (decision 3); the first lock parts it"],
          "accounts_appointment", "accounts_territory"}  # fmt: skip

# Unique keys of guarded tables: why a violation tells nobody of the other side's rows.
UNIQUE = {
    "one person's own": {
        "one_reset_waits_per_person",
        "a_key_is_used_once_per_person", "a_person_is_told_once", "a_device_sends_a_visit_once", "a_report_is_taken_once",
        "a_text_is_asked_about_once", "an_appointment_is_offered_once", "a_job_is_begun_once", "a_deed_signs_a_version_once",
        "a_part_of_a_result_is_written_once", "one_view_of_a_name_per_person", "one_view_to_start_with",
    },
    "named after a record that its writer must see": {
        "safety_clinical_report_id_key",
        "a_kol_attends_once", "a_record_is_amended_once_at_a_time", "a_record_is_voided_once",
        "interactions_amendment_draft_id_key", "a_date_is_asked_about_once", "a_left_draft_is_closed_once",
        "a_late_entry_meets_a_record_once", "a_late_fact_meets_a_record_once",
        "a_version_of_a_material_is_one",
        "interactions_topic_themes_topic_id_theme_id_98eb7eef_uniq",
        "products_materialversion_materialversion_id_marke_a812033c_uniq",
        "products_materialversion_materialversion_id_use_i_2fa2a54a_uniq",
    },
    "each side has its own": {"a_number_is_given_once_on_each_side", "one_standing_consent_for_a_channel"},
    "written by the product alone, on behalf of whoever may see it": {
        "one_campaign_per_opening", "one_open_proposal_per_handover", "one_handover_in_flight_per_relation",
        "one_step_per_version", "a_batch_moves_a_handover_once", "a_timer_fires_once", "a_flag_is_raised_once",
        "interactions_lastcontact_kol_id_key", "interactions_rejudging_entry_id_key", "a_relation_is_shown_once_to_a_person",
        "one_pulse_per_kol_and_market", "compliance_auditentry_sequence_key", "whatever_is_sealed_is_sealed_once",
        "two_records_are_linked_once", "compliance_finding_deviation_id_key",
    },
    "one side's alone": {
        "a_sample_holds_an_entry_once", "a_sample_holds_a_deviation_once", "compliance_hearing_finding_id_key",
        "handovers_accountanswer_request_id_key", "kols_scientificprofile_kol_id_key", "one_goal_per_kol_and_period",
        "a_matter_is_open_once",
    },
    "no secret": {"one_proposal_at_a_time_for_each_market"},
}  # fmt: skip


def names(sql: str, *parameters: object) -> set[str]:
    return {row[0] for row in ask(sql, *parameters)}


def test_every_table_is_guarded_or_open_for_a_reason():
    every = names(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    opened = set().union(*OPEN.values())
    assert opened & set(guarded()) == set()
    assert every - set(guarded()) - opened == set(), "give it row security, or say here why it needs none"
    assert opened - every == set()


def test_a_table_that_tells_of_a_record_is_guarded():
    """Whatever points to a visit, a handover, a relation or an expert, or stands on a side."""
    telling = names(
        "SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = ANY(%s)", sorted(TELLING),
    )  # fmt: skip
    assert telling - set(guarded()) - SHARED == set()


def test_no_view_shows_what_its_reader_may_not():
    """A view reads with its owner's eyes, unless it says otherwise."""
    found = names(
        "SELECT DISTINCT v.relname FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid "
        "JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass "
        "JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity "
        "WHERE v.relkind IN ('v', 'm') AND NOT coalesce('security_invoker=true' = ANY(v.reloptions), false)"
    )
    assert found == set()
    assert names("SELECT relname FROM pg_class WHERE relkind IN ('m', 'f')") == set()


def test_no_unique_key_speaks_across_the_wall():
    keys = names(
        "SELECT i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
        "WHERE (x.indisunique OR x.indisexclusion) AND NOT x.indisprimary AND c.relrowsecurity AND NOT x.indisexclusion"
    )
    assert keys == set().union(*UNIQUE.values()), "say why a violation of it tells nothing"


def test_the_web_role_holds_no_right_beyond_rows(company):
    """No TRUNCATE, no TRIGGER, no REFERENCES, on any table; and none of it handed on."""
    for right in (
        "TRUNCATE",
        "TRIGGER",
        "REFERENCES",
        "SELECT WITH GRANT OPTION",
        "DELETE WITH GRANT OPTION",
    ):
        held = names(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v') AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege('crm_web', oid, %s)", right,
        )  # fmt: skip
        assert (right, held) == (right, set())
    for right in ("CREATE", "USAGE WITH GRANT OPTION"):
        assert ask("SELECT has_schema_privilege('crm_web', 'public', %s)", right) == [(False,)]
    assert ask("SELECT has_database_privilege('crm_web', current_database(), 'CREATE')") == [(False,)]


def test_a_sequence_gives_numbers_and_tells_nothing():
    sequences = names(
        "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
    )
    assert len(sequences) > 5
    readable = {
        one
        for one in sequences
        if ask("SELECT has_sequence_privilege('crm_web', %s, 'SELECT')", one) == [(True,)]
    }
    assert readable == set()
    for sequence in (f"{table}_{column}_seq" for table, column in NUMBERED.items()):
        assert ask("SELECT has_sequence_privilege('crm_web', %s, 'USAGE')", sequence) == [(False,)]


def test_every_record_of_ours_is_named_by_chance_alone():
    """Decision 7: UUIDv4 everywhere; only the trail and its chain have sequences, which oversight alone reads."""
    from uuid import uuid4

    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            key = model._meta.pk
            if model._meta.managed and model not in (Anchor, RowChange, Salt, Seal, Unsealed):
                assert (model._meta.label, key.get_internal_type()) == (model._meta.label, "UUIDField")
                assert key.default is uuid4 or key.primary_key


def test_what_a_guarded_row_points_to_is_not_deleted_by_the_web_role():
    """PostgreSQL would refuse it because of rows its caller may not see, and so tell that there are some."""
    telling = names(
        "SELECT DISTINCT p.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "JOIN pg_class p ON p.oid = k.confrelid WHERE k.contype = 'f' AND c.relrowsecurity AND NOT p.relrowsecurity "
        "AND has_table_privilege('crm_web', p.oid, 'DELETE')"
    )
    assert telling == set()


def test_a_guarded_parent_is_not_deleted_across_the_wall(visit, felix, mara):
    """Nothing is deleted, so nothing is refused: the row is not there for him."""
    with acting_as(felix), transaction.atomic():
        for table in guarded():
            if ask("SELECT has_table_privilege('crm_web', %s, 'DELETE')", table) == [(True,)]:
                ask(f'DELETE FROM "{table}" WHERE false RETURNING 1')
                assert ask(f'WITH gone AS (DELETE FROM "{table}" RETURNING 1) SELECT count(*) FROM gone') == [
                    (0,)
                ]


def test_a_guessed_id_is_refused_whether_it_is_hidden_or_nobodys(visit, relation, felix):
    """A pointer to a hidden row and one to no row: neither is written, and neither answer shows which it was."""
    said = []
    for pk in (visit.pk, "00000000-0000-4000-8000-000000000000"):
        with acting_as(felix), pytest.raises((IntegrityError, Exception)) as error, transaction.atomic():
            ask("INSERT INTO interactions_topic (id, interaction_id, compartment, subject, activity, position, basis, zone, "
                "shared, heard, documents) VALUES (gen_random_uuid(), %s, 'FIELD', 'ADMIN', 'ADMIN_CONTACT', 0, '', '', "
                "'', '', '{}') RETURNING id", pk)  # fmt: skip
        said.append(type(error.value))
    assert said[0] is said[1]


def test_where_an_expert_sits_is_medicals(science, felix, mara, clara, frieda, petra, rita):
    for person, count in ((mara, 1), (clara, 1), (felix, 0), (frieda, 0), (petra, 0), (rita, 0)):
        with acting_as(person):
            assert (person.email, Seat.objects.count(), Committee.objects.count()) == (
                person.email,
                count,
                count,
            )


def test_a_file_of_people_is_of_whoever_handed_it_in(company):
    from accounts.acting import now
    from imports.models import Upload

    with acting_as(system("set the stage")):
        for person, kind in ((company.mara, "PEOPLE"), (company.rita, "AUTHORISATIONS")):
            Upload.objects.create(
                kind=kind, filename="x", content=b"x", sha256="x", by=person, uploaded_at=now()
            )
    for name, seen in (("mara", ["PEOPLE"]), ("moritz", []), ("rita", ["AUTHORISATIONS"]), ("ralf", ["AUTHORISATIONS"]),
                       ("felix", []), ("frieda", []), ("petra", []), ("anton", []), ("sofia", []),
                       ("clara", ["AUTHORISATIONS", "PEOPLE"])):  # fmt: skip
        with acting_as(getattr(company, name)):
            assert (name, sorted(Upload.objects.values_list("kind", flat=True))) == (name, seen)


def test_tables_of_ours_are_known_to_the_comparison_of_the_two_locks():
    assert set(guarded()) <= set(tables())


def test_what_is_signed_says_when_and_by_whom():
    """Wherever a row has `…_at` and `…_by` that come later, a constraint of the table holds them together."""
    apart = ask(
        "WITH later AS (SELECT c.oid, c.relname, a.attname, regexp_replace(a.attname, '_(at|on|by_id)$', '') AS stem "
        "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attnotnull "
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname ~ '_(at|on|by_id)$') "
        "SELECT who.relname, who.attname, instant.attname FROM later who JOIN later instant USING (oid, stem) "
        " WHERE who.attname ~ '_by_id$' AND instant.attname !~ '_by_id$' AND NOT EXISTS ("
        "   SELECT 1 FROM pg_constraint k WHERE k.conrelid = who.oid AND k.contype = 'c' "
        "      AND strpos(pg_get_constraintdef(k.oid), who.attname) > 0 "
        "      AND strpos(pg_get_constraintdef(k.oid), instant.attname) > 0)"
    )
    assert apart == []


# Models without `visible_to`, and through what they are reached.
THROUGH = {
    "what signing in takes, by role": {"accounts.FactorRule"},
    "who works here, in which role, and where": {
        "accounts.Appointment", "accounts.Custodian", "accounts.Market", "accounts.Post", "accounts.Territory",
        "accounts.TerritoryRegion", "accounts.User",
    },
    "one person's own, by her name": {"accounts.ApiToken", "accounts.IdempotencyKey", "accounts.Notice",
                                       "accounts.NoticeChoice"},
    "the trail's entry": {
        "compliance.Anchor", "compliance.RowChange", "compliance.Salt", "compliance.Seal", "compliance.Unsealed",
    },
    "one's own job": {"jobs.Part"},
    "the product, its use, or a version of the material": {
        "products.Indication", "products.LabelVersion", "products.Material", "products.OpenPeriod", "products.Period",
        "products.TherapeuticArea",
    },
    "the expert, or the relation": {
        "kols.Affiliation", "kols.Alignment", "kols.Committee", "kols.Identifier", "kols.Institution", "kols.OpenMatter",
        "kols.Practice", "kols.ScientificContact", "kols.Seat", "kols.Showing",
    },
    "the record of what took place": {
        "interactions.Attendee", "interactions.LastContact", "interactions.Rejudging", "interactions.Topic",
    },
    "the handover, or the request for an account": {
        "handovers.AccountAnswer", "handovers.ExitProposal", "handovers.HandoverStep", "handovers.Reminder",
        "handovers.RiskFlag",
    },
    "nobody's in particular: who takes reports": {"safety.Desk"},
    "what regulators publish": {"imports.Adoption", "imports.RegulatorRecord", "imports.Snapshot"},
    "a territory's page": {"reports.DayCount", "reports.Pulse", "reports.PulseCount"},
}  # fmt: skip


def test_every_model_says_whom_it_is_visible_to():
    """One that does not is named here with the record through which it is reached."""
    silent = {
        model._meta.label
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        if not hasattr(model._default_manager.all(), "visible_to")
    }
    assert silent == set().union(*THROUGH.values()), "give it visible_to, or say here how it is reached"
