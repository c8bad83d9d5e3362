"""`manage.py import_authorisations FILE --as EMAIL`: land a regulator's table and propose its changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.acting import acting_as
from accounts.models import User
from compliance.policy import Refused
from imports.actions import Preview, import_authorisations, preview_authorisations
from imports.readers import NotUnderstood


class Command(BaseCommand):
    help = (
        "Read the EMA's table of medicines or the FDA's monthly approvals. It proposes; two people confirm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as", dest="person", required=True, help="E-mail of the regulatory person who imports."
        )
        parser.add_argument(
            "--date", type=date.fromisoformat, help="Day of the snapshot, if the file does not say it."
        )
        parser.add_argument("--dry-run", action="store_true", help="Show what it would do and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
            person = User.objects.get(email__iexact=options["person"])
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}") from problem
        except User.DoesNotExist as problem:
            raise CommandError(f"Nobody has the address {options['person']}.") from problem
        try:
            with acting_as(person):
                if options["dry_run"]:
                    self._tell(preview_authorisations(content, path.name, taken_on=options["date"]))
                    return
                snapshot, preview = import_authorisations(
                    content, path.name, by=person, taken_on=options["date"]
                )
                self._tell(preview)
                proposed = 0 if preview.known else snapshot.counts["proposed"]
        except (NotUnderstood, Refused) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{proposed} entries proposed for confirmation.")

    def _tell(self, preview: Preview) -> None:
        file = preview.file
        self.stdout.write(f"{file.source}, {file.layout}, {file.snapshot_date}")
        if preview.known:
            self.stdout.write("This very file was imported before; it changes nothing.")
        for name, count in preview.counts.items():
            self.stdout.write(f"  {name.replace('_', ' '):<16} {count:>7,}")
        for problem in (*file.rejected[:20], *preview.obstacles[:20]):
            self.stdout.write(f"  row {problem.row}: {problem.reason}")
