"""Check the trail in the database against anchors that lie outside of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance import verification
from compliance.verifier.verify_trail import told


class Command(BaseCommand):
    """``manage.py verify_audit --anchors FILE``. Exit status 0: unbroken; 1: broken. The result is an event."""

    help = "Check the chain of the trail, and that nothing is missing from it. Exit status 1 if it is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchors", help="A file of anchors; those this installation writes, if none is named."
        )
        parser.add_argument(
            "--why", default="by command", help="Noted with the result, such as: after a restore."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()

        def progress(done: int, total: int) -> None:
            rate = done / max(time.monotonic() - began, 0.001)
            self.stderr.write(f"Checked {done:,} of {total:,}, {rate:,.0f} a second")

        lines = verification.own_anchors()
        if options["anchors"]:
            try:
                lines = Path(options["anchors"]).read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError as error:
                raise CommandError(str(error)) from error
        result = verification.verify(lines, why=options["why"], told=progress)
        for line in told(result):
            self.stdout.write(line)
        if not result["unbroken"]:
            sys.exit(1)
