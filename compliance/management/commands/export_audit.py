"""Write the whole trail out in the documented form, for the stand-alone verifier."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandParser

from accounts.acting import acting_as, system
from compliance import audit, chain
from compliance.verifier.verify_trail import BEGINNING, FORM


def write(out: TextIO) -> tuple[int, str]:
    """The form, the seals, and an end that says how many there were; how many, and the hash of it all."""
    count, last, digest = 0, BEGINNING, hashlib.sha256()

    def put(line: dict[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False) + "\n"
        digest.update(text.encode())
        out.write(text)

    put({"form": FORM})
    for one in chain.seals(1, chain.head()):
        put(one)
        count, last = count + 1, one["hash"]
    put({"end": count, "hash": last})
    return count, digest.hexdigest()


class Command(BaseCommand):
    """``manage.py export_audit trail.jsonl``. The format is docs/trail-format.md."""

    help = (
        "Export the trail as JSON lines. It holds both sides of the wall: keep it as safely as the database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="Where to; - for standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(system("export the trail")):
            if options["file"] == "-":
                count, digest = write(self.stdout)  # type: ignore[arg-type]
            else:
                with Path(options["file"]).open("w", encoding="utf-8") as out:
                    count, digest = write(out)
            audit.record("exported the trail", by=None, rows=count, sha256=digest, complete=True, filter={})
        self.stderr.write(f"{count} seals, SHA-256 {digest}")
