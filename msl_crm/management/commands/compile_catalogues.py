"""`manage.py compile_catalogues`: from locale/*/LC_MESSAGES/*.po to .mo, without a system gettext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Compile the translations; with --check only say what is missing or doubtful."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Fail where a message is missing or fuzzy.")

    def handle(self, *args: Any, **options: Any) -> None:
        open_questions = 0
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                with source.open("rb") as file:
                    catalogue = read_po(file)
                open_questions += self._doubts(source, catalogue)
                if not options["check"]:
                    with source.with_suffix(".mo").open("wb") as file:
                        write_mo(file, catalogue)
        if options["check"] and open_questions:
            raise CommandError(f"{open_questions} messages are missing or doubtful.")

    def _doubts(self, source: Path, catalogue: Catalog) -> int:
        doubts = [m for m in catalogue if m.id and (m.fuzzy or not all(_texts(m.string)))]
        for message in doubts[:20]:
            self.stdout.write(f"{source.parent.parent.name}: {message.id!r}")
        return len(doubts)


def _texts(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (str(string or ""),)
