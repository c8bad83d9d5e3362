"""`manage.py import_kols FILE --as EMAIL --market CODE`: register the people of a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.acting import acting_as
from accounts.models import Market, User
from compliance.policy import Refused
from imports.actions import import_people, keep_upload, preview_people
from imports.models import Upload
from imports.readers import NotUnderstood


class Command(BaseCommand):
    help = "Read NPPES, CMS or a CSV of people. Who may be here already is left out and named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="person", required=True, help="E-mail of the MSL who imports.")
        parser.add_argument("--market", required=True, help="Code of the market in which they practise.")
        parser.add_argument("--dry-run", action="store_true", help="Show what it would do and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
            person = User.objects.get(email__iexact=options["person"])
            market = Market.objects.get(code=options["market"])
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}") from problem
        except (User.DoesNotExist, Market.DoesNotExist) as problem:
            raise CommandError(f"{problem} ({options['person']}, {options['market']})") from problem
        try:
            with acting_as(person):
                preview = preview_people(content, path.name)
                for name, count in preview.counts.items():
                    self.stdout.write(f"  {name:<16} {count:>7,}")
                if options["dry_run"]:
                    return
                upload = keep_upload(kind=Upload.Kind.PEOPLE, filename=path.name, content=content, by=person)
                registered, problems = import_people(upload, market=market, by=person)
        except (NotUnderstood, Refused) as problem:
            raise CommandError(str(problem)) from problem
        for row in problems[:20]:
            self.stdout.write(f"  row {row.row}: {row.reason}")
        self.stdout.write(f"{len(registered)} KOLs registered.")
