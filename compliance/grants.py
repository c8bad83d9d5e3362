"""What each database role may do, set after every migration, so that a new table is never forgotten."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

OURS = tuple(settings.OUR_APPS)
# Tables without a history, and why their rows are no records.
WHY_UNTRACKED = {
    "it points to a record, and says nothing that is not there": {
        "accounts_notice",
        "calendars_suggestion",
    },
    "derived from records, by triggers": {
        "interactions_lastcontact",
        "reports_daycount",
        "reports_pulse",
        "reports_pulsecount",
    },
    "a receipt or a secret of one person": {
        "accounts_idempotencykey",
        "calendars_feed",
        "calendars_source",
    },
    "the state of work under way; what it does is recorded where it is done": {"jobs_job", "jobs_part"},
    "the trail itself, and its seals": {
        "compliance_anchor",
        "compliance_auditentry",
        "compliance_rowchange",
        "compliance_salt",
        "compliance_seal",
        "compliance_unsealed",
    },
}
UNTRACKED = {table for tables in WHY_UNTRACKED.values() for table in tables}
APPEND_ONLY = {
    "compliance_auditentry",
    "compliance_findingstep",
    "handovers_handoverstep",
    "reviews_draw",
    "safety_clinical",
}
# Written by functions of the guard alone.
WRITTEN_BY_FUNCTIONS = (
    "compliance_anchor",
    "compliance_auditentry",
    "compliance_rowchange",
    "compliance_salt",
    "compliance_seal",
    "compliance_signature",
    "compliance_unsealed",
)
# Their numbers are the trail's: given out by the guard alone.
NUMBERED = {
    "compliance_auditentry": "sequence",
    "compliance_rowchange": "sequence",
    "compliance_unsealed": "id",
}
# What runs past row-level security is for triggers, but for these: each tells its caller no more than she may know.
WEB_MAY_CALL = {
    *(
        "crm_apply_amendment",
        "crm_contact_facts",
        "crm_first_sample_requests",
        "crm_field_accounts",
        "crm_fold_figures",
        "crm_link_joint_visits",
        "crm_merge_expert",
        "crm_open_glass",
        "crm_met_on_one_day",
        "crm_personal_facts",
        "crm_prompted",
        "crm_purge_report",
        "crm_rows_then",
        "crm_void_interaction",
    ),
    "crm_note_anchor",
    "crm_seal",
    "crm_write_signatures",
    "crm_write_trail",
}
# Lawful erasure is the only deletion of these, and it is not the web role's.
NEVER_DELETED = {
    "accounts_factorreset",
    "accounts_user",
    "accounts_appointment",
    "accounts_breakglass",
    "accounts_certificate",
    "accounts_market",
    "accounts_rightsreview",
    "accounts_territory",
    "compliance_deviation",
    "compliance_finding",
    "compliance_hearing",
    "compliance_measure",
    "compliance_packactivation",
    "handovers_accountanswer",
    "handovers_accountrequest",
    "handovers_campaign",
    "handovers_handover",
    "interactions_amendment",
    "interactions_closing",
    "interactions_interaction",
    "interactions_jointvisit",
    "interactions_preclearance",
    "interactions_voiding",
    "kols_consent",
    "kols_institution",
    "kols_kol",
    "kols_objection",
    "kols_privacynotice",
    "kols_relation",
    "products_indication",
    "products_labelversion",
    "products_launchrelease",
    "products_lifecycleentry",
    "products_material",
    "products_materialversion",
    "products_planitem",
    "products_product",
    "products_theme",
    "products_therapeuticarea",
    "products_use",
    "reviews_inquiry",
    "reviews_item",
    "reviews_observation",
    "safety_cue",
    "safety_desk",
    "safety_reconciliation",
    "safety_safetyreport",
}


def apply(using: str = "default", **_: Any) -> None:
    """Grant the web and guard roles what they need, and put the history triggers on every table of ours."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    ours = {
        model._meta.db_table
        for label in OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed
    } & tables
    if "compliance_rowchange" not in tables:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO crm_web, crm_guard"
        )
        # A sequence gives numbers out; how far it is would count the rows of everybody.
        cursor.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM crm_web")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO crm_web")
        cursor.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO crm_guard")
        for table in sorted(tables.intersection(WRITTEN_BY_FUNCTIONS)):
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {quote(table)} FROM crm_web")
        for table in sorted(tables & set(NUMBERED)):
            sequence = quote(f"{table}_{NUMBERED[table]}_seq")
            cursor.execute(f"REVOKE ALL ON SEQUENCE {sequence} FROM crm_web")
        for table in sorted(APPEND_ONLY & tables):
            cursor.execute(f"REVOKE UPDATE, DELETE ON {quote(table)} FROM crm_web")
        for table in sorted(NEVER_DELETED & tables):
            cursor.execute(f"REVOKE DELETE ON {quote(table)} FROM crm_web")
        for table in sorted(ours - UNTRACKED):
            cursor.execute("SELECT crm_track_table(%s)", [table])
        _close_functions(cursor)


def _close_functions(cursor: Any) -> None:
    """Leave the guard's functions to its triggers."""
    cursor.execute(
        "SELECT oid::regprocedure::text, proname FROM pg_proc WHERE prosecdef "
        "AND pg_get_userbyid(proowner) = 'crm_guard' AND prorettype <> 'trigger'::regtype"
    )
    for function, name in cursor.fetchall():
        cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC, crm_web")
        if name in WEB_MAY_CALL:
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO crm_web")
