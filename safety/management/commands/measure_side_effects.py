"""How well side effects are found in free text: misses and false alarms, by language."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compliance.wording.effects import LANGUAGES
from compliance.wording.effects.measure import HELD_OUT, TUNING, table, wrong


class Command(BaseCommand):
    help = "Print how often side effects told in passing are missed, and how often there is an alarm for nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--faults",
            action="store_true",
            help="also every sentence of the tuning set that went wrong; those held out stay unseen",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for which in (HELD_OUT, TUNING):
            self.stdout.write(table(which))
            self.stdout.write("")
        if options["faults"]:
            for language in LANGUAGES:
                for what, label, text in wrong(TUNING, language):
                    self.stdout.write(f"{language}  {what}  {label}  {text}")
