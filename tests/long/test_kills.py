"""Kill −9 of web, worker, beat, database and broker while people write: `dev.py long -k kill`.

Servers and a demo company of its own, which stay for the next run. What was acknowledged is there once, with one
event and one line of history, and the chain is whole against the anchors that lie outside the database. WRITES says
how many (2,000).
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from devtools.environment import django_environment
from devtools.processes import wait_until
from devtools.services import Services
from devtools.supervisor import commands

ROOT = Path(__file__).parents[2]
WRITES = int(os.environ.get("WRITES", "2000"))
WRITERS = 4
RUN = uuid4().hex[:8]
SERVICES = Services("kills", durable=True)
TOKEN = """
from accounts.acting import acting_as, system
from accounts.models import ApiToken, User
from django.utils import timezone
with acting_as(system("give the test a token")):
    lena = User.objects.get(email="lena.hoffmann@nordlicht.example")
    facts = {"user": lena, "name": "kills", "created_at": timezone.now()}
    ApiToken.objects.get_or_create(digest=ApiToken.hash("SECRET"), defaults=facts)
"""
COUNT = """
SELECT count(DISTINCT f.id), count(DISTINCT e.id), count(DISTINCT c.sequence)
  FROM interactions_followup f
  LEFT JOIN compliance_auditentry e ON e.subject_id = f.id AND NOT e.refused
  LEFT JOIN compliance_rowchange c ON c.row = f.id AND c.operation = 'INSERT'
 WHERE f.what LIKE 'kill RUN %' GROUP BY f.what
"""


@dataclass
class Product:
    """Web, worker and beat, each started again as soon as it is found dead."""

    folder: Path
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    killed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.env = {
            **django_environment(SERVICES, port=self.port),
            "AUDIT_ANCHOR_FILE": str(self.folder / "anchors.jsonl"),
            "AUDIT_ANCHOR_KEY": "outside",
            "LOG_LEVEL": "WARNING",
        }
        self.words = commands(self.port, self.folder)

    def manage(self, *words: str, owner: bool = False) -> subprocess.CompletedProcess[str]:
        env = {**self.env}
        if owner:
            env["DATABASE_URL"] = SERVICES.addresses()["OWNER_DATABASE_URL"]
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [str(word) for word in self.words[name]],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def look(self) -> None:
        """Start again what ended by itself, as a supervisor does."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(name)

    def kill(self, name: str) -> None:
        """The whole group at once, as a machine that dies takes it."""
        self.killed[name] = self.killed.get(name, 0) + 1
        if name == "database":
            if (pid := SERVICES.postgres._postmaster()) is not None:
                os.kill(pid, signal.SIGKILL)
            self._again(SERVICES.postgres.start)
        elif name == "broker":
            if found := re.search(rb"process_id:(\d+)", SERVICES.valkey.ask(b"INFO server")):
                os.kill(int(found[1]), signal.SIGKILL)
            self._again(SERVICES.valkey.start)
        else:
            os.killpg(self.running[name].pid, signal.SIGKILL)
            self.running[name].wait()
            self.start(name)

    def _again(self, start: object) -> None:
        """Orphaned backends hold the data for a moment after their master is gone."""
        for _ in range(60):
            try:
                start()  # type: ignore[operator]
            except Exception:
                time.sleep(0.5)
            else:
                return
        raise AssertionError("a server did not come back")

    def stop(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        SERVICES.stop()


def ask(port: int, body: dict[str, object], key: str) -> str | None:
    """The id of what was written, once it is acknowledged; None where nobody answered."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/follow-ups/", data=json.dumps(body).encode(), method="POST",
        headers={"Authorization": "Bearer SECRET", "Content-Type": "application/json", "Idempotency-Key": key},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(json.load(answer)["id"]) if answer.status == 201 else None
    except urllib.error.HTTPError as error:
        # A fault of a dying server, or the same key still in flight: asked again.
        if error.code not in (409, 429, 500, 502, 503):
            raise
        return None
    except (OSError, ValueError, http.client.HTTPException):
        return None


def written(port: int, number: int) -> str:
    """Sent again under its key until it is acknowledged, as a device does."""
    key, body = str(uuid4()), {"what": f"kill {RUN} {number}", "due_on": "2030-01-01", "market": "DE"}
    for _ in range(600):
        if (found := ask(port, body, key)) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"write {number} was never acknowledged")


@pytest.fixture
def product(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    SERVICES.start()
    running = Product(tmp_path, port)
    try:
        for words in (["migrate", "--noinput"], ["seed_demo"], ["shell", "-c", TOKEN]):
            done = running.manage(*words, owner=True)
            assert done.returncode == 0, done.stderr[-3000:]
        for name in running.words:
            running.start(name)
        assert wait_until(
            lambda: ask(port, {"what": f"first {RUN}", "due_on": "2030-01-01", "market": "DE"}, RUN), 90
        )
        yield running
    finally:
        running.stop()


# The servers that are killed were started by objects nobody waits for.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.long
def test_nothing_acknowledged_is_lost_or_doubled_and_the_chain_is_whole(product):
    over, chance = threading.Event(), random.Random(2026)

    def killer() -> None:
        while not over.wait(chance.uniform(1, 4)):
            product.look()
            product.kill(chance.choice(["web", "worker", "beat", "database", "broker"]))

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        deaths = pool.submit(killer)
        try:
            acknowledged = list(pool.map(lambda number: written(product.port, number), range(WRITES)))
        finally:
            over.set()
        deaths.result()
    assert len(set(acknowledged)) == WRITES
    assert sum(product.killed.values()) >= min(5, WRITES // 50)

    def sealed() -> bool:
        product.look()
        return json.loads(product.manage("trail_health").stdout or "{}").get("unsealed_seconds") == 0

    assert wait_until(sealed, 240), "nothing was sealed any more"
    rows = SERVICES.postgres.psql("crm", "-c", COUNT.replace("RUN", RUN)).split()
    assert len(rows) == WRITES
    assert set(rows) == {"1|1|1"}
    check = product.manage(
        "verify_audit", "--anchors", str(product.folder / "anchors.jsonl"), "--why", "after kills"
    )
    assert check.returncode == 0, check.stdout
    assert (product.folder / "anchors.jsonl").read_text().count("\n") > 1
    print(f"\n{WRITES} writes, killed: {product.killed}\n{check.stdout}")
