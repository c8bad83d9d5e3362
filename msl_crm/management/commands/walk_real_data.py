"""`manage.py walk_real_data FOLDER`: the main job on real public files, from a decision to a handed-over expert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from msl_crm.demo.walk import BrokenPromise, CannotWalk, Files, Walk


class Command(BaseCommand):
    help = "Tell the story on the files of a folder (see docs/real-data.md), check every step, leave nothing behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="Where authorisations/eu_ema and people/us_nppes lie.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                Walk(Files.under(options["folder"]), self._say).tell()
                transaction.set_rollback(True)
        except CannotWalk as problem:
            raise CommandError(f"The story cannot be told: {problem}.") from problem
        except BrokenPromise as promise:
            raise CommandError(f"This does not hold: {promise}.") from promise
        self.stdout.write("The story holds, step by step. Nothing was kept.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
