"""Look whether the product is installed as it was released."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from msl_crm.validation import installation
from msl_crm.validation.results import told


class Command(BaseCommand):
    """``manage.py check_installation``: one plain line for each check; exit code 1 where one fails."""

    help = "Versions, pins, roles, rights, triggers and row security, as released."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        results = installation.results()
        text, code = told(results, as_json=options["json"])
        self.stdout.write(text)
        if code:
            raise SystemExit(code)
