"""The web server under measurement, as it runs in production, on a loopback port of its own."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from msl_crm.benchmark.databases import environment

WORKERS, THREADS = 2, 4
PATIENCE = 60.0


class Server:
    """A running gunicorn: its port, and the memory it has needed so far."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    def cpu(self) -> float | None:
        """Processor seconds all its processes have used; other programs on the machine do not count."""
        try:
            return sum(_ticks(pid) for pid in self._pids()) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError):
            return None

    def _pids(self) -> list[str]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [str(self.process.pid), *children.read_text().split()]

    def peak_memory(self) -> int | None:
        """MiB at the highest, all processes added up; None where the system does not tell."""
        try:
            return sum(_peak(pid) for pid in self._pids()) // 1024
        except (OSError, ValueError):
            return None


def _peak(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _ticks(pid: str) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def serving(database: str) -> Iterator[Server]:
    """The product on this database as the web role, for the time of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["-m", "gunicorn", "msl_crm.wsgi", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    words += ["--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own server
                [sys.executable, *words],
                env=environment(database, "crm_web"),
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=output,
            )
            try:
                _wait(port, process, log)
                yield Server(port, process, log)
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/healthz")
            if line.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            line.close()
    raise RuntimeError(f"The web server did not start:\n{log.read_text(errors='replace')[-2000:]}")
