"""Print which test shows which requirement."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from msl_crm.validation import tracing


class Command(BaseCommand):
    """``manage.py trace > TRACE.md``. Reads the sources beside it, and no database."""

    help = "Requirements to tests, read from the sources: rules, invariants, steps, properties, Part 11."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (tracing.root() / "tests").is_dir():
            raise CommandError("The tests do not lie beside this installation: run it in a checkout.")
        text = json.dumps(tracing.table(), indent=2) if options["json"] else tracing.page()
        self.stdout.write(text)
        if left := tracing.untested():
            self.stderr.write(f"Rules that no test names: {', '.join(left)}")
