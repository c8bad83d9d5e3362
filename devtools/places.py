"""Where the checkout keeps what it does not commit: the environment, data, logs and sockets."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from devtools.console import Failure

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCAL = ROOT / ".local"

# Root's state must survive a restart of the machine; own_folder refuses what others prepared there.
PERSISTENT = "/var/tmp"  # noqa: S108
# A socket path may have 107 bytes, PostgreSQL adds 16 to its folder, and a list of folders is cut at commas.
_PLAIN_AND_SHORT = re.compile(r"[A-Za-z0-9_./-]{1,80}")


def checkout_key() -> str:
    return hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]


def is_root() -> bool:
    return os.geteuid() == 0


def own_folder(path: Path, mode: int) -> Path:
    """The folder, made when missing; refused when somebody else could have put it there."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Failure(f"{path} is not a folder of your own.", "Move it away and start again.")
    path.chmod(mode)
    return path


def state_folder() -> Path:
    """Holds data, logs and pid files.

    PostgreSQL does not run as root, and its own user often cannot reach a checkout of root's. Root
    therefore keeps the state in the persistent temporary area, in a folder only root can change.
    """
    if is_root():
        return own_folder(Path(os.path.realpath(PERSISTENT)) / f"msl-crm-{checkout_key()}", 0o755)
    return own_folder(LOCAL, 0o700)


def socket_folder() -> Path:
    """Holds the sockets: inside the state when that path is short and plain, else in the temporary area."""
    beside = state_folder() / "run"
    if _PLAIN_AND_SHORT.fullmatch(str(beside)):
        return own_folder(beside, 0o711 if is_root() else 0o700)
    short = Path(os.path.realpath(tempfile.gettempdir()))
    return own_folder(short / f"msl-crm-{os.geteuid()}-{checkout_key()}", 0o700)
