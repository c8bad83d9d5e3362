"""What an operator runs: the installation as released, the operation as it must be, a backup that comes back."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.acting import acting_as, system
from accounts.models import Custodian
from msl_crm.validation import installation, operation, restoring, tracing
from msl_crm.validation.results import Result, told

pytestmark = pytest.mark.django_db
TRIGGERS = "every table of ours keeps its history, and its triggers are on"
TRAIL = "crm_web has no UPDATE on the trail, the history and signatures"


def failed(results) -> dict[str, str]:
    return {row.name: row.found for row in results if row.fine is False}


def statement(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_this_installation_is_as_it_was_released(as_owner):
    found = list(installation.results())
    assert failed(found) == {}
    assert len(found) > 20


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("ALTER TABLE kols_kol DISABLE TRIGGER history_update", TRIGGERS),
        ("ALTER TABLE interactions_topic NO FORCE ROW LEVEL SECURITY", "row security is forced wherever it is on"),
        ("GRANT DELETE ON interactions_interaction TO crm_web", "crm_web deletes no record"),
        ("GRANT UPDATE ON compliance_auditentry TO crm_web", TRAIL),
        ("DROP TRIGGER never_rewritten ON compliance_rowchange", "compliance_rowchange is never rewritten"),
        ("DELETE FROM django_migrations WHERE app = 'kols'", "every migration has run"),
    ],
)  # fmt: skip
def test_what_was_changed_behind_its_back_is_found(as_owner, broken, name):
    statement(broken)
    assert name in failed(installation.results())


def test_a_pin_that_is_not_what_is_installed_is_found(as_owner, settings, tmp_path):
    (tmp_path / "requirements.txt").write_text("django==4.0\nnothing-of-this-name==1.0\n", encoding="utf-8")
    settings.BASE_DIR = tmp_path
    assert [words.partition(",")[0].split()[0] for words in installation.other_versions()] == [
        "django",
        "nothing-of-this-name",
    ]


def test_the_operation_is_looked_at_and_what_is_wrong_fails(company, tmp_path):
    dump = tmp_path / "crm.dump"
    dump.write_bytes(b"x")
    with acting_as(system("set the stage")):
        Custodian.objects.create(
            user=company.lena, market=company.switzerland, during=company.lena.appointments.get().during
        )
    out = StringIO()
    found = list(operation.results(backup=str(dump), disk=str(tmp_path)))
    fine = {row.name for row in found if row.fine}
    assert {"clocks of application and database agree", "the trail is sealed", "every active market has a custodian",
            "the newest backup is younger than 26 hours"} <= fine  # fmt: skip

    with acting_as(system("set the stage")):
        Custodian.objects.all().delete()
    assert {"every active market has a custodian", "the newest backup is younger than 26 hours"} <= set(
        failed(operation.results(backup=str(tmp_path / "none"), disk=str(tmp_path)))
    )
    with pytest.raises(SystemExit) as ended:
        call_command("check_operation", stdout=out)
    assert ended.value.code == 1
    assert "FAIL every active market has a custodian: Switzerland, Germany" in out.getvalue()


def test_something_too_old_fails_and_nothing_there_is_fine(company):
    with acting_as(system("look")) as acting:
        old = operation.young("x", acting.now - timedelta(hours=1), acting.now, timedelta(minutes=15))
    assert (old.fine, operation.young("x", None, acting.now, timedelta()).fine) == (False, True)


def test_the_last_line_sums_up_and_the_exit_code_is_for_machines():
    rows = [Result("one", True), Result("two", None, "look"), Result("three", False, "gone")]
    text, code = told(rows, as_json=False)
    assert text.splitlines() == [
        "ok   one", "?    two: look", "FAIL three: gone", "", "3 looked at, 1 failed, 1 not to be told from here",
    ]  # fmt: skip
    assert (code, told(rows[:2], as_json=True)[1]) == (1, 0)


@pytest.fixture
def owner(db):
    return restoring.address_of(connection.settings_dict)


def test_a_backup_comes_back_row_by_row_and_right_by_right(owner):
    found = restoring.drill(owner, f"{owner['dbname']}_drill")
    assert failed(found) == {}
    assert int(next(row.found for row in found if row.name == "rows restored")) > 50


def test_a_restore_that_lost_something_is_found(owner, tmp_path):
    name = f"{owner['dbname']}_lost"
    reader = restoring.as_role(owner, "crm_backup")
    restoring.throw_away(owner, name)
    file = Path(tmp_path) / "crm.dump"
    try:
        with restoring.connected(reader) as here:
            here.execute("SELECT pg_export_snapshot()")
            restoring.dump(reader, file, here.fetchone()[0])
            restoring.restore(owner, file, name)
            with restoring.connected(restoring.as_role(owner, owner["user"], name), autocommit=True) as there:
                there.execute("DELETE FROM django_migrations WHERE app = 'axes'")
                there.execute("ALTER TABLE kols_kol DISABLE TRIGGER history_update")
                there.execute("DROP POLICY trail_read ON compliance_auditentry")
            with restoring.connected(restoring.as_role(reader, "crm_backup", name)) as there:
                found = failed(restoring.compared(here, there))
    finally:
        restoring.throw_away(owner, name)
    assert found["tables whose rows differ"] == "django_migrations"
    assert [words for words in found.values() if "kols_kol.history_update" in words]
    assert [words for words in found.values() if "compliance_auditentry.trail_read" in words]


def test_requirements_lead_to_their_tests():
    rows = tracing.table()
    assert (
        "integration/test_proof.py::test_the_password_alone_proves_who_has_enrolled_nothing"
        in rows["R-141"]["tests"]
    )
    assert [
        name
        for name in rows["P-08"]["tests"]
        if name.startswith("integration/test_noninterference.py::test_p08")
    ]
    assert "accounts/reauthentication.py" in rows["R-141"]["kept in"]
    assert rows["11.300"]["tests"]
    out = StringIO()
    call_command("trace", stdout=out, stderr=StringIO())
    assert "| R-141 | " in out.getvalue()
