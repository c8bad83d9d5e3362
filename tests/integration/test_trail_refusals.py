"""What the web role may do to the trail: read it where it may, call its functions, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, migrations, transaction
from django.db.migrations.state import ProjectState

from accounts.acting import acting_as, system
from compliance.grants import OURS, UNTRACKED, WHY_UNTRACKED
from compliance.models import AuditEntry, RowChange
from jobs import work
from jobs.actions import begin_job
from kols.models import KOL
from tests.integration.test_two_locks import as_guard, ask, everything  # noqa: F401 a fixture

pytestmark = pytest.mark.django_db
pytest_plugins = [
    "tests.integration.kol_stage", "tests.integration.material_stage", "tests.integration.everybody",
]  # fmt: skip
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DENIED = "42501"
TRAIL = (
    "compliance_auditentry",
    "compliance_rowchange",
    "compliance_seal",
    "compliance_salt",
    "compliance_unsealed",
    "compliance_anchor",
)
REFUSED = (
    "INSERT INTO {0} DEFAULT VALUES",
    "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM {0}",
    "UPDATE {0} SET {1} = {1}",
    "DELETE FROM {0}",
    "DELETE FROM {0} WHERE false",
    "MERGE INTO {0} t USING (SELECT 1) s ON false WHEN MATCHED THEN DELETE",
    "TRUNCATE {0}",
    "TRUNCATE {0} CASCADE",
    "SELECT * FROM {0} FOR UPDATE",
    "SELECT * FROM {0} FOR SHARE",
    "BEGIN; LOCK TABLE {0} IN SHARE MODE",
    "BEGIN; LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
    "COPY {0} FROM STDIN",
    "COPY {0} TO '/tmp/trail'",
    "ALTER TABLE {0} DISABLE TRIGGER never_rewritten",
    "ALTER TABLE {0} DISABLE TRIGGER ALL",
    "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {0} OWNER TO crm_web",
    "ALTER TABLE {0} ADD COLUMN mine int",
    "ALTER TABLE {0} RENAME TO mine",
    "DROP TABLE {0}",
    "DROP TRIGGER never_rewritten ON {0}",
    "ALTER TABLE {0} REPLICA IDENTITY FULL",
    "CREATE TRIGGER mine BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION crm_keep_trail()",
    "CREATE RULE mine AS ON INSERT TO {0} DO INSTEAD NOTHING",
    "CREATE POLICY mine ON {0} USING (true)",
    "CREATE INDEX mine ON {0} ({1})",
    "COMMENT ON TABLE {0} IS 'mine'",
    "VACUUM FULL {0}",
    "CLUSTER {0}",
)  # fmt: skip
ANYWHERE = (
    "SET ROLE crm_guard",
    "SET ROLE crm_owner",
    "SET SESSION AUTHORIZATION crm_guard",
    "SET session_replication_role = replica",
    "SELECT crm_erase_from_trail('{}', 'mine')",
    "CREATE OR REPLACE FUNCTION crm_seal(most int) RETURNS int LANGUAGE sql AS 'SELECT 0'",
    "ALTER FUNCTION crm_seal(int) OWNER TO crm_web",
    "DROP FUNCTION crm_keep_trail() CASCADE",
    "SELECT nextval('compliance_auditentry_sequence_seq')",
    "SELECT setval('compliance_rowchange_sequence_seq', 1)",
    "SELECT last_value FROM compliance_unsealed_id_seq",
    "ALTER SEQUENCE compliance_auditentry_sequence_seq RESTART",
)


@pytest.fixture
def web(db: None) -> Iterator[psycopg2.extensions.cursor]:
    """A session that signed in as the web role."""
    facts = connection.settings_dict
    session = psycopg2.connect(
        dbname=facts["NAME"], user="crm_web", host=facts["HOST"] or None, port=facts["PORT"] or None,
        password=None if str(facts["HOST"]).startswith("/") else facts["PASSWORD"],
    )  # fmt: skip
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute("SET statement_timeout = '5s'")
        yield cursor
    session.close()


def code(cursor, sql: str) -> str:
    """How the database answers, with an administrator's context claimed."""
    try:
        cursor.execute("SELECT set_config('crm.actor', 'x', false), set_config('crm.side', 'system', false)")
        cursor.execute(sql)
    except psycopg2.Error as error:
        cursor.execute("ROLLBACK")
        return str(error.pgcode)
    return "done"


@pytest.mark.parametrize("table", TRAIL)
def test_every_statement_of_the_web_role_against_the_trail_is_refused(web, table):
    column = "id" if table.endswith(("entry", "unsealed")) else "sequence"
    answers = {sql: code(web, sql.format(table, column)) for sql in REFUSED}
    # A table that PostgreSQL only warns about is skipped, not touched: it says so and does nothing.
    left_alone = {"VACUUM FULL {0}": ("done", DENIED)}
    odd = {sql: answer for sql, answer in answers.items() if answer not in left_alone.get(sql, (DENIED,))}
    assert odd == {}
    assert code(web, f"SELECT count(*) FROM {table}") == "done"
    # Granting what one does not hold is no error, only a warning; it gives nothing.
    code(web, f"GRANT ALL ON {table} TO crm_web")
    held = [right for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
            if ask("SELECT has_any_column_privilege('crm_web', %s, 'INSERT, UPDATE, REFERENCES') "
                   "OR has_table_privilege('crm_web', %s, %s)", table, table, right) == [(True,)]]  # fmt: skip
    assert held == []


def test_nor_is_there_a_way_around_the_tables(web):
    assert {sql: code(web, sql) for sql in ANYWHERE} == dict.fromkeys(ANYWHERE, DENIED)


def test_not_even_the_owner_rewrites_it_while_the_triggers_stand(keller, as_owner):
    with acting_as(system("look")):
        for sql in (
            "UPDATE compliance_auditentry SET verb = 'x'", "DELETE FROM compliance_rowchange",
            "UPDATE compliance_auditentry SET erased_at = now(), facts = '{}'", "DELETE FROM compliance_unsealed",
        ):  # fmt: skip
            with (
                pytest.raises(DatabaseError, match="never rewritten"),
                transaction.atomic(),
                as_guard_or_owner(),
            ):
                ask(f"{sql} RETURNING 1")


def as_guard_or_owner():
    """The owner reads nothing behind forced row security, so nothing would be rewritten: look past it."""
    from contextlib import contextmanager

    @contextmanager
    def lifted():
        with connection.cursor() as cursor:
            for table in TRAIL:
                cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        yield

    return lifted()


# Nothing is left out -------------------------------------------------------------------------------

# Tables that are not ours, and why what is written there needs no history.
NOT_OURS = {
    "sign-in; the trail tells of it by events": {
        "account_emailaddress", "account_emailconfirmation", "axes_accessattempt", "axes_accessattemptexpiration",
        "axes_accessfailurelog", "axes_accesslog", "django_session", "usersessions_usersession", "mfa_authenticator",
    },
    "of the framework, and unused: roles are appointments": {
        "auth_group", "auth_group_permissions", "auth_permission",
    },
    "of the framework, nothing of the business": {"django_admin_log", "django_content_type", "django_migrations"},
}  # fmt: skip


def test_every_table_has_its_history_or_a_reason_why_not():
    """Asked of the catalogue: all three triggers, switched on, calling the guard's function."""
    found = ask(
        "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'crm_track' AND t.tgenabled IN ('O', 'A') "
        "AND pg_get_userbyid(p.proowner) = 'crm_guard' AND p.prosecdef GROUP BY c.relname"
    )
    tracked = {table for table, triggers in found if triggers == 3}
    every = {
        row[0]
        for row in ask(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    }
    excused = UNTRACKED | set().union(*NOT_OURS.values())
    assert every - tracked - excused == set(), "put it under the history, or say why not"
    assert tracked & excused == set()
    ours = {m._meta.db_table for label in OURS for m in apps.get_app_config(label).get_models(True)}
    assert UNTRACKED - ours == set()
    assert all(reason.strip() for reason in WHY_UNTRACKED)


def test_every_row_there_is_was_written_down_once(everything):  # noqa: F811
    """After a company's worth of actions: one INSERT for each row of each tracked table, and none without an actor."""
    wrong = {}
    with as_guard():
        for label in OURS:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                table = model._meta.db_table
                if not model._meta.managed or table in UNTRACKED:
                    continue
                ((rows, added, removed, twice),) = ask(
                    f'SELECT (SELECT count(*) FROM "{table}"), count(*) FILTER (WHERE operation = \'INSERT\'), '
                    "count(*) FILTER (WHERE operation = 'DELETE'), count(\"row\") FILTER (WHERE operation = 'INSERT') "
                    "- count(DISTINCT \"row\") FILTER (WHERE operation = 'INSERT') "
                    'FROM compliance_rowchange WHERE "table" = %s', table,
                )  # fmt: skip
                if rows != added - removed or twice:
                    wrong[table] = (rows, added, removed, twice)
        actors = {
            row[0]
            for row in ask(
                "SELECT actor FROM compliance_auditentry UNION SELECT actor FROM compliance_rowchange"
            )
        }
        people = {str(row[0]) for row in ask("SELECT id FROM accounts_user")}
    assert wrong == {}
    assert {one for one in actors if one not in people and not one.startswith("system: ")} == set()
    assert {"system: ", "nobody signed in"} & actors == set()


def _lines(table: str) -> int:
    return RowChange.objects.filter(table=table).count()


def test_a_change_of_many_rows_is_one_line_for_each(everything):  # noqa: F811
    """Whatever table: so many rows touched by one statement, so many lines. What may not change stays unwritten."""
    wrong, touched = {}, set()
    with as_guard(), acting_as(system("touch everything")):
        for label in OURS:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                table, key = model._meta.db_table, model._meta.pk.column
                if not model._meta.managed or table in UNTRACKED:
                    continue
                before = _lines(table)
                try:
                    with transaction.atomic():
                        rows = len(ask(f'UPDATE "{table}" SET "{key}" = "{key}" RETURNING 1'))
                except DatabaseError:
                    rows = 0
                if _lines(table) - before != rows:
                    wrong[table] = (rows, _lines(table) - before)
                if rows:
                    touched.add(table)
    assert wrong == {}
    assert len(touched) > 40


# One story for each way of writing -----------------------------------------------------------------


def changes(table: str = "kols_kol") -> list[tuple[str, str, str]]:
    with acting_as(system("look")):
        rows = RowChange.objects.filter(table=table).order_by("sequence")
        return [(row.actor, row.operation, (row.after or row.before)["family_name"]) for row in rows]


def test_a_bulk_write_leaves_a_line_for_each_row(company, mara):
    with acting_as(mara):
        made = KOL.objects.bulk_create([KOL(family_name=name, created_at=AT) for name in ("One", "Two")])
        KOL.objects.filter(pk__in=[one.pk for one in made]).update(specialty="Cardiology")
    who = str(mara.pk)
    assert changes() == [
        (who, "INSERT", "One"),
        (who, "INSERT", "Two"),
        (who, "UPDATE", "One"),
        (who, "UPDATE", "Two"),
    ]


def test_sql_by_hand_leaves_its_line(company, mara):
    with acting_as(mara):
        KOL.objects.create(family_name="One", created_at=AT)
        ask("UPDATE kols_kol SET family_name = 'Three' RETURNING 1")
    assert changes()[-1] == (str(mara.pk), "UPDATE", "Three")


def test_the_technical_administration_changes_nothing_and_a_page_leaves_its_line(
    company, anton, mara, client_of
):
    browser = client_of(anton)
    address = f"/technical/accounts/user/{mara.pk}/change/"
    assert browser.post(address, {"given_name": "Maria"}).status_code in (403, 404)
    assert changes("accounts_user")[-1][2] != "Maria"
    browser = client_of(mara)
    page = browser.get("/profile/").context["form"].initial
    browser.post(
        "/profile/", {**{name: value or "" for name, value in page.items()}, "time_zone": "Asia/Tokyo"}
    )
    with acting_as(system("look")):
        row = RowChange.objects.filter(table="accounts_user", row=mara.pk).order_by("sequence").last()
    assert (row.actor, row.after["time_zone"], "password" in row.after) == (str(mara.pk), "Asia/Tokyo", False)


def test_a_job_writes_in_the_name_of_whoever_began_it(company, mara):
    @work.kind("writing")
    def write(job, owner):
        KOL.objects.create(family_name="Four", created_at=AT)
        return work.Batch(done=1)

    with acting_as(mara):
        begin_job(by=mara, kind="writing", key="k", title="Writing", facts={})
    work.work_on_next()
    assert changes() == [(str(mara.pk), "INSERT", "Four")]


def test_work_without_a_person_has_a_name_of_its_own(company):
    with acting_as(system("open due handovers")):
        KOL.objects.create(family_name="Five", created_at=AT)
    assert changes() == [("system: open due handovers", "INSERT", "Five")]


def test_a_migration_of_data_says_which_it_is_or_writes_nothing(company, as_owner):
    def load(state, editor):
        with acting_as(system("migrate: load experts")):
            state.get_model("kols", "KOL").objects.create(family_name="Six", created_at=AT)

    def silent(state, editor):
        state.get_model("kols", "KOL").objects.create(family_name="Seven", created_at=AT)

    state = ProjectState.from_apps(apps)
    with connection.schema_editor() as editor:
        migrations.RunPython(load).database_forwards("kols", editor, state, state)
        with pytest.raises(DatabaseError, match="Nobody is acting"), transaction.atomic():
            migrations.RunPython(silent).database_forwards("kols", editor, state, state)
    assert changes() == [("system: migrate: load experts", "INSERT", "Six")]


def test_no_job_of_ours_is_nameless():
    """Every `system(…)` in the sources says what it is for."""
    import ast
    from pathlib import Path

    root, nameless = Path(__file__).resolve().parents[2], []
    for app in OURS:
        for path in (root / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "system":
                    reason = node.args[0] if node.args else None
                    if not (
                        isinstance(reason, ast.Constant) and len(str(reason.value)) > 5
                    ) and not isinstance(reason, ast.Name | ast.JoinedStr | ast.Attribute):
                        nameless.append(f"{path.name}:{node.lineno}")
    assert nameless == []
    assert AuditEntry._meta.get_field("actor").null is False
