"""Databases of the benchmark's own: made, filled, looked at as the web role, thrown away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PREFIX = "crm_bench"


@dataclass(frozen=True)
class Size:
    """How many KOLs and interactions a company has."""

    kols: int
    interactions: int

    def __str__(self) -> str:
        return f"{self.kols:,} KOLs and {self.interactions:,} interactions"

    @property
    def database(self) -> str:
        return f"{PREFIX}_{self.kols}_{self.interactions}"


def address(database: str, role: str) -> str:
    """The address of a database of this server for a role, as DATABASE_URL wants it."""
    here: dict[str, Any] = settings.DATABASES["default"]
    secret = f":{quote(here['PASSWORD'], safe='')}" if here["PASSWORD"] else ""
    place = quote(here["HOST"], safe="") + (f":{here['PORT']}" if here["PORT"] else "")
    return f"postgres://{role}{secret}@{place}/{database}"


def environment(database: str, role: str) -> dict[str, str]:
    """What a process of the product needs to work on this database in this role."""
    return {
        **os.environ,
        "DATABASE_URL": address(database, role),
        "DEBUG": "off",
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
    }


def exists(database: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return cursor.fetchone() is not None


def drop(database: str) -> None:
    """Throw one of our databases away; any other name is refused."""
    if not database.startswith(f"{PREFIX}_"):
        raise ValueError(f"{database} is not the benchmark's")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(database)} WITH (FORCE)")


def make(size: Size) -> None:
    """The company at this size. One that is there is brought up to date and kept."""
    if not exists(size.database):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(size.database)}")
    _manage(size, "migrate", "--noinput", "--verbosity", "0")
    _manage(size, "seed_demo", "--kols", str(size.kols), "--interactions", str(size.interactions))


def _manage(size: Size, *words: str) -> None:
    owner: str = connection.settings_dict["USER"]
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        env=environment(size.database, owner),
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def working_on(database: str, role: str) -> Iterator[None]:
    """This process's own connection moved to another database and role for the time of the block."""
    before = {name: connection.settings_dict[name] for name in ("NAME", "USER")}
    connection.close()
    connection.settings_dict.update(NAME=database, USER=role)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
