"""Which build of the product this is: what a record needs to say by which software it came to be."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent


@cache
def version() -> str:
    """The release, and the fingerprint of the sources that run: whoever changes a line runs another version."""
    found = sha256()
    for app in sorted([*settings.OUR_APPS, "msl_crm"]):
        for path in sorted((ROOT / app).rglob("*")):
            if path.suffix in {".py", ".sql", ".toml"}:
                found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{settings.RELEASE}+{found.hexdigest()[:12]}"
