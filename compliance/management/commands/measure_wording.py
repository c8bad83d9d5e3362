"""How well free text is read: misses and false alarms by kind and language."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compliance.wording.measure import FRESH, HELD_OUT, LANGUAGES, TUNING, table, wrong


class Command(BaseCommand):
    help = (
        "Print how often the word check misses and how often it cries wolf, with Wilson's intervals at 95 %."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--faults",
            action="store_true",
            help="also every sentence of the tuning set that went wrong; those held out stay unseen",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for which in (HELD_OUT, FRESH, TUNING):
            self.stdout.write(table(which))
            self.stdout.write("")
        if options["faults"]:
            for language in LANGUAGES:
                for what, kind, sentence in wrong(TUNING, language):
                    self.stdout.write(f"{language}  {what}  {kind}  {sentence.text}")
