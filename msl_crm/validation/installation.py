"""Is the product installed as it was released? Versions, pins, roles, triggers, row security: asked of the machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from compliance.grants import APPEND_ONLY, NEVER_DELETED, OURS, UNTRACKED, WEB_MAY_CALL, WRITTEN_BY_FUNCTIONS
from msl_crm.validation.results import Result, nothing, same

ROLES = {
    "crm_owner": (True, False),
    "crm_web": (True, False),
    "crm_guard": (False, True),
    "crm_backup": (True, True),
}
HISTORY = {"history_insert", "history_update", "history_delete"}


def results() -> Iterator[Result]:
    """Every check of the installation, in the order in which one would look."""
    yield Result("Python is 3.11 or newer", sys.version_info >= (3, 11), sys.version.split()[0])
    yield nothing("packages are those pinned in requirements.txt", other_versions())
    yield nothing("Django's own checks", (message.id for message in run_checks() if message.level >= 30))
    number = ask("SHOW server_version_num")[0][0]
    yield Result("PostgreSQL is 15 to 18", 150000 <= int(number) < 190000, ask("SHOW server_version")[0][0])
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield nothing("every migration has run", (str(migration) for migration, _ in plan))
    yield from of_roles()
    yield from of_tables()
    yield from of_triggers()
    yield nothing(
        "functions past row security are called by triggers alone, but for those named", open_functions()
    )


def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def names(sql: str, *parameters: Any) -> set[str]:
    return {row[0] for row in ask(sql, *parameters)}


def other_versions() -> Iterator[str]:
    pinned = (Path(settings.BASE_DIR) / "requirements.txt").read_text(encoding="utf-8")
    for name, version, marker in re.findall(
        r"^([A-Za-z0-9_.\[\]-]+)==(\S+)( ;[^\\]*)?", pinned, re.MULTILINE
    ):
        try:
            there = metadata.version(name.partition("[")[0])
        except metadata.PackageNotFoundError:
            # A pin with a condition is for another platform or another Python.
            if not marker:
                yield f"{name} is missing"
            continue
        if there != version:
            yield f"{name} {there}, should be {version}"


def of_roles() -> Iterator[Result]:
    found = {name: (login, bypass) for name, login, bypass in ask(
        "SELECT rolname, rolcanlogin, rolbypassrls FROM pg_roles WHERE starts_with(rolname, 'crm_')")}  # fmt: skip
    for role, wanted in ROLES.items():
        yield same(f"{role} may sign in, reads past row security", wanted, found.get(role))
    mighty = names(
        "SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'crm_') AND (rolsuper OR rolcreaterole OR rolreplication)"
    )
    yield nothing("no role of ours is a superuser, makes roles or replicates", mighty)
    yield nothing("crm_web is a member of no role", names(
        "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles w ON w.oid = m.member "
        "WHERE w.rolname = 'crm_web'"))  # fmt: skip
    yield nothing("crm_web owns nothing", names(
        "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'crm_web'"))  # fmt: skip


def of_tables() -> Iterator[Result]:
    guarded = names("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
    forced = names("SELECT relname FROM pg_class WHERE relforcerowsecurity AND relkind = 'r'")
    policed = names("SELECT tablename FROM pg_policies")
    yield nothing("row security is forced wherever it is on", sorted(guarded - forced))
    yield nothing("every guarded table has a policy", sorted(guarded - policed))
    yield Result("tables are guarded", len(guarded) > 40, f"{len(guarded)} of them")

    def held(right: str, tables: set[str]) -> list[str]:
        there = tables & names("SELECT relname FROM pg_class WHERE relkind = 'r'")
        return sorted(
            names(
                "SELECT t FROM unnest(%s::text[]) t WHERE has_table_privilege('crm_web', t, %s)",
                list(there),
                right,
            )
        )

    trail = set(WRITTEN_BY_FUNCTIONS)
    for right in ("INSERT", "UPDATE", "DELETE"):
        yield nothing(f"crm_web has no {right} on the trail, the history and signatures", held(right, trail))
    yield nothing("crm_web rewrites nothing that is only added to", held("UPDATE", set(APPEND_ONLY)))
    yield nothing("crm_web deletes no record", held("DELETE", set(NEVER_DELETED)))
    yield nothing("crm_web truncates nothing", held("TRUNCATE", tracked()))


def tracked() -> set[str]:
    models = (m for label in OURS for m in apps.get_app_config(label).get_models(include_auto_created=True))
    return {model._meta.db_table for model in models if model._meta.managed} - set(UNTRACKED)


def of_triggers() -> Iterator[Result]:
    on: dict[str, set[str]] = {}
    for table, trigger in ask(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
    ):
        on.setdefault(table, set()).add(trigger)
    missing = [
        f"{table}.{name}" for table in sorted(tracked()) for name in sorted(HISTORY - on.get(table, set()))
    ]
    yield nothing("every table of ours keeps its history, and its triggers are on", missing)
    yield nothing("no trigger is switched off", names(
        "SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgenabled <> 'O'"))  # fmt: skip
    for table in ("compliance_auditentry", "compliance_rowchange"):
        yield Result(f"{table} is never rewritten", "never_rewritten" in on.get(table, set()))


def open_functions() -> list[str]:
    callable_ = names(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pg_get_userbyid(proowner) = 'crm_guard' "
        "AND prorettype <> 'trigger'::regtype AND has_function_privilege('crm_web', oid, 'EXECUTE')"
    )
    return sorted(callable_ - set(WEB_MAY_CALL))
