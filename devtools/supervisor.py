"""`dev.py up`: web, worker and beat under one roof, and their end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from devtools.console import Failure, report, say, step
from devtools.environment import PYTHON, django_environment, logs
from devtools.places import ROOT, own_folder, state_folder
from devtools.processes import end_groups, start_leashed, started_at, wait_until
from devtools.services import DEMO

LONGEST_PAUSE = 30.0
STEADY = 60.0  # after this many seconds alive, the next death counts as the first


def commands(port: int, state: Path) -> dict[str, list[str | Path]]:
    """The three programs. The compose file starts the same ones."""
    celery: list[str | Path] = [PYTHON, "-m", "celery", "-A", "msl_crm"]
    gunicorn: list[str | Path] = [PYTHON, "-m", "gunicorn", "msl_crm.wsgi", "--no-control-socket"]
    return {
        "web": [*gunicorn, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
        "beat": [*celery, "beat", "--schedule", state / "schedule", "--pidfile", ""],
    }


@dataclass
class Child:
    """One supervised program, started again with a growing pause whenever it dies."""

    name: str
    command: list[str | Path]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    began: str = ""
    since: float = 0.0
    pause: float = 1.0
    due: float = 0.0

    @property
    def log(self) -> Path:
        return logs() / f"{self.name}.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = start_leashed(self.command, env=self.env, cwd=ROOT, log=log)
        self.began = started_at(self.process.pid) or ""
        self.since = time.monotonic()

    def look(self) -> bool:
        """Notices a death, starts again when the pause is over; True when a new process was started."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            code = self.process.returncode
            self.process = None
            self.pause = 1.0 if now - self.since > STEADY else min(self.pause * 2, LONGEST_PAUSE)
            self.due = now + self.pause
            say(f"  {self.name} ended (code {code}) and starts again in {self.pause:.0f} s. Log: {self.log}")
        if self.process is None and now >= self.due:
            self.start()
            return True
        return False


@dataclass
class Supervisor:
    """Keeps the children and both servers alive until it is told to stop."""

    port: int
    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    next_look: float = 0.0
    pause: float = 1.0

    def run(self, greeting: Callable[[], str]) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        state = own_folder(state_folder() / "beat", 0o700)
        env = django_environment(DEMO, port=self.port)
        try:
            with step("Starting web, worker and beat"):
                self.children = [
                    Child(name, words, env) for name, words in commands(self.port, state).items()
                ]
                for child in self.children:
                    child.start()
                self._remember()
                self._wait_for_the_page()
            if not self.stopping.is_set():
                say(greeting())
            while not self.stopping.wait(0.5):
                self._look_after()
        finally:
            self._end()

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set() and number == signal.SIGINT:
            for child in self.children:
                if child.process and child.process.poll() is None:
                    os.killpg(child.process.pid, signal.SIGKILL)
        self.stopping.set()

    def _look_after(self) -> None:
        restarted = [child.name for child in self.children if child.look()]
        if restarted:
            self._remember()
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + 2
        if DEMO.postgres.answers() and DEMO.valkey.answers():
            self.pause = 1.0
            return
        say("  A server is gone; starting it again.")
        try:
            DEMO.start()
        except Failure as failure:
            report(failure)
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            self.next_look = time.monotonic() + self.pause

    def _wait_for_the_page(self) -> None:
        web = self.children[0]
        address = f"http://127.0.0.1:{self.port}/healthz"

        def settled() -> bool:
            ended = web.process is not None and web.process.poll() is not None
            return self.stopping.is_set() or ended or answers(address)

        if not wait_until(settled, 90) or (not self.stopping.is_set() and not answers(address)):
            tail = "\n".join(web.log.read_text(errors="replace").splitlines()[-15:])
            raise Failure(
                f"The web server does not answer on {address}:\n{tail}", f"The whole log: {web.log}"
            )

    def _remember(self) -> None:
        """Writes who runs, for a `stop` from elsewhere and for the next start after a kill -9."""
        alive = {child.name: [child.process.pid, child.began] for child in self.children if child.process}
        me = [os.getpid(), started_at(os.getpid())]
        draft = pid_file().with_suffix(".draft")
        draft.write_text(json.dumps({"dev": me, "port": self.port, "children": alive}))
        draft.replace(pid_file())

    def _end(self) -> None:
        self.stopping.set()
        with step("Stopping web, worker and beat"):
            end_groups({c.process.pid: c.began for c in self.children if c.process}, ROOT)
            for child in self.children:
                if child.process:
                    child.process.poll()
            pid_file().unlink(missing_ok=True)


def answers(address: str) -> bool:
    """Whether the address gives a good answer within a second."""
    try:
        with urllib.request.urlopen(address, timeout=1) as response:  # noqa: S310 our own http address
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def pid_file() -> Path:
    return state_folder() / "up.json"


def remembered() -> dict[str, object]:
    try:
        return dict(json.loads(pid_file().read_text()))
    except (OSError, ValueError):
        return {}


def clean_up_after_a_crash() -> None:
    """Ends what a killed dev.py left running."""
    children = remembered().get("children")
    if isinstance(children, dict) and children:
        end_groups(dict(children.values()), ROOT)
    pid_file().unlink(missing_ok=True)


def running() -> tuple[int, str, int] | None:
    """Pid, start time and port of the dev.py that is up now, if any."""
    kept = remembered()
    dev = kept.get("dev")
    if isinstance(dev, list) and started_at(dev[0]) == dev[1]:
        return dev[0], dev[1], int(str(kept["port"]))
    return None


def free_port(wanted: int) -> int:
    """The wanted port, or the next one nobody listens on."""
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        with socket.socket() as probe:
            # Someone who listens on all addresses does not stop us from binding to one of them.
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise Failure(f"No free port from {wanted} on.", "Name another one: python3 dev.py up --port 9000")


def gone(pid: int, began: str, seconds: float) -> bool:
    """Whether that very process has ended within so many seconds."""
    return wait_until(lambda: started_at(pid) != began, seconds)
