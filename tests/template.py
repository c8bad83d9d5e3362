"""The migrated database that test databases are copied from, made once for each state of the migrations.

Migrating takes most of a short run. A copy of a migrated database takes a tenth of a second, and the run still asks
for open migrations, which finds none.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PREFIX = "test_template_"


def ready() -> str:
    """The name of a migrated database on the test server; other states' are dropped when one is made."""
    with _alone(), closing(psycopg2.connect(_address("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            wanted = f"{PREFIX}{_state()}"
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
            there = {name for (name,) in cursor.fetchall()}
            if wanted in there:
                return wanted
            for name in there:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            _make(cursor, wanted)
    return wanted


def _make(cursor: psycopg2.extensions.cursor, name: str) -> None:
    """Under another name until it is whole: an interrupted run leaves no half-migrated template."""
    draft = f"{PREFIX}draft"
    cursor.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{draft}" TEMPLATE template1')
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{draft}").geturl()
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--settings=tests.settings"],
        env={**os.environ, "DATABASE_URL": url}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"The migrations failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')


def _state() -> str:
    """A hash of what migrating depends on. Grants and triggers of history are set anew by every migrate."""
    seen = hashlib.sha256()
    files = [ROOT / "requirements.txt", ROOT / "msl_crm" / "settings.py", ROOT / "accounts" / "base.py"]
    for app in settings.OUR_APPS:
        files += sorted([*(ROOT / app).glob("migrations/*.py"), *(ROOT / app).glob("sql/**/*.sql")])
    for file in files:
        seen.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return seen.hexdigest()[:16]


def _address(name: str) -> str:
    database = settings.DATABASES["default"]
    return f"dbname={name} user={database['USER']} host='{database['HOST']}'" + (
        f" port={database['PORT']} password='{database['PASSWORD']}'" if database["PORT"] else ""
    )


@contextmanager
def _alone() -> Iterator[None]:
    """One process of this checkout makes the template; the others wait for it."""
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    with (Path(tempfile.gettempdir()) / f"msl-crm-template-{os.getuid()}-{mark}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
