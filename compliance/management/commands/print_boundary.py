"""Print the boundary as Markdown, from the tables that decide."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.policy import page


class Command(BaseCommand):
    """``manage.py print_boundary > docs/boundary.md``. Reads no database."""

    help = "Print the boundary (matrix, families, handover, deeds, parameters) as Markdown."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page.page(), ending="")
