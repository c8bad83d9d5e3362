"""For every write operation of the matrix: one line of history for each changed row, and never an actor unknown.

PostgreSQL itself counts what a transaction inserts, updates and deletes in each table; the history may not differ
from that count by one row, whether the operation was allowed, refused, or broke off half-way.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import resolve

from accounts.acting import acting_as, system
from compliance.grants import OURS, UNTRACKED
from compliance.models import AuditEntry, RowChange
from msl_crm.access import may_use, rule_of
from tests.integration import test_matrix
from tests.integration.test_matrix import BODIES, Operation, about, every_operation
from tests.integration.test_routes import FILL
from tests.integration.test_two_locks import ask

pytestmark = pytest.mark.django_db
pytest_plugins = [
    "tests.integration.kol_stage", "tests.integration.everybody", "tests.integration.material_stage",
    "tests.integration.matrix_stage",
]  # fmt: skip
COUNTED = (
    "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
)
# What forms need before they write anything; beside the bodies of the matrix.
FORMS: dict[str, dict[str, Any]] = {
    "POST accounts:preferences": {"time_zone": "Asia/Tokyo"},
    "POST interactions:withdrawal": {},
}


TRAIL: tuple[Any, ...] = (RowChange, AuditEntry)


class _Undo(Exception):
    pass


def tracked() -> list[str]:
    every = {
        m._meta.db_table
        for label in OURS
        for m in apps.get_app_config(label).get_models(True)
        if m._meta.managed
    }
    return sorted(every - UNTRACKED)


def counted() -> tuple[int, int]:
    """Rows of tracked tables that this transaction has changed so far, and lines of history it has written."""
    rows = {
        name: (ins, upd, dele) for name, ins, upd, dele in ask(COUNTED, [*tracked(), "compliance_rowchange"])
    }
    lines = rows.pop("compliance_rowchange", (0, 0, 0))
    return sum(map(sum, rows.values())), lines[0]


def done(browser: Any, one: Operation, path: str, named: dict[str, Any]) -> tuple[int, int, set[str]]:
    """How many rows the operation has changed, how many lines it left, and whose; all of it undone again."""
    sent = {**BODIES.get(one.name, {}), **FORMS.get(one.name, {})}
    body = json.dumps(sent)
    for word, record in named.items():
        body = body.replace(word, str(record.pk))
    before = counted()
    with acting_as(system("look")):
        last = [model.objects.order_by("-sequence")[0].sequence for model in TRAIL]
    found: tuple[int, int, set[str]] = (0, 0, set())
    try:
        with transaction.atomic():
            if one.path.startswith("/api/"):
                browser.generic(one.method, path, body, content_type="application/json")
            else:
                browser.post(path, json.loads(body))
            after = counted()
            with acting_as(system("look")):
                actors = {
                    actor
                    for model, seen in zip(TRAIL, last, strict=True)
                    for actor in model.objects.filter(sequence__gt=seen).values_list("actor", flat=True)
                }
            found = (after[0] - before[0], after[1] - before[1], actors)
            raise _Undo
    except _Undo:
        browser.cookies.pop("messages", None)
    return found


# Who is asked for each operation: the first so many of these that may use it.
ASKED = ("MSL", "FIELD_SERVICE", "COMPLIANCE", "REGULATORY", "ADMIN", "FIELD_LEAD", "MSL_LEAD", "SAFETY")
MOST = 2


def _about(path: str) -> Any:
    """Whose id belongs there; nobody's where the matrix does not know the address yet."""
    try:
        return about(path)
    except AssertionError:
        return None, rule_of(resolve(path.replace("{}", FILL["uuid"])))


def test_every_write_operation_leaves_one_line_for_each_row_it_changes(stage, people, client_of, monkeypatch):
    monkeypatch.setattr(test_matrix, "about", _about)
    for word in ("KNOWN", "DUE", "PREPARED"):
        stage.go(word)
    named = {"RECIPIENT": stage.company.felix, "KELLER": stage.relation.kol}
    browsers = {name: client_of(people[name]) for name in ASKED}
    for browser in browsers.values():
        browser.raise_request_exception = False
    known = {str(person.pk) for person in people.values()}
    wrong, unknown, wrote = {}, {}, set()
    for operation in every_operation():
        if operation.method == "GET" and operation.name not in FORMS:
            continue
        record = stage.record(operation.kind, operation.name.split()[-1]) if operation.kind else None
        path = operation.path.replace("{}", record or str(uuid4()))
        for name in [name for name in ASKED if may_use(people[name], operation.rule)][:MOST]:
            rows, lines, actors = done(browsers[name], operation, path, named)
            if rows != lines:
                wrong[operation.name, name] = (rows, lines)
            if odd := {one for one in actors if one not in known and not one.startswith("system: ")}:
                unknown[operation.name, name] = odd
            if rows:
                wrote.add(operation.name)
    assert wrong == {}
    assert unknown == {}
    assert len(wrote) > 15, sorted(wrote)
