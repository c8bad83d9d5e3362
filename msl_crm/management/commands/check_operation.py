"""Look whether the product runs as it must."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from msl_crm.validation import operation
from msl_crm.validation.results import told


class Command(BaseCommand):
    """``manage.py check_operation``: one plain line for each check; exit code 1 where one fails."""

    help = "Clocks, durability, what waits, the backup, the disk."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--backup", default="", help="the newest dump")
        parser.add_argument("--disk", default="", help="a path on the disk of the database")

    def handle(self, *args: Any, **options: Any) -> None:
        results = operation.results(backup=options["backup"], disk=options["disk"])
        text, code = told(results, as_json=options["json"])
        self.stdout.write(text)
        if code:
            raise SystemExit(code)
