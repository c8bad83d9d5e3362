"""`manage.py bench`: the product's pages timed on data of a real size, beside hand-written SQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from msl_crm.benchmark import databases, measure, report, transfers
from msl_crm.benchmark.databases import Size

TENTH = 10


class Command(BaseCommand):
    help = "Time the pages at two sizes of the company, in databases of the benchmark's own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kols", type=int, default=10_000, help="KOLs of the larger company.")
        parser.add_argument(
            "--interactions", type=int, default=100_000, help="Interactions of the larger company."
        )
        parser.add_argument("--full", action="store_true", help="100,000 KOLs and 1,000,000 interactions.")
        parser.add_argument("--seconds", type=float, default=4.0, help="Time for each part of a page.")
        parser.add_argument("--keep", action="store_true", help="Keep the databases for the next run.")
        parser.add_argument("--no-slope", action="store_true", help="The larger company alone.")

    def handle(self, *args: Any, **options: Any) -> None:
        large = (
            Size(100_000, 1_000_000) if options["full"] else Size(options["kols"], options["interactions"])
        )
        small = Size(max(1, large.kols // TENTH), max(1, large.interactions // TENTH))
        effort = measure.Effort(seconds=options["seconds"])
        before: list[measure.Result] = []
        if not options["no_slope"]:
            with self._company(small, keep=options["keep"]):
                before, _ = measure.results(small, effort, self._say)
        with self._company(large, keep=options["keep"]):
            after, peak = measure.results(large, effort, self._say)
            self._say("  Handovers and their reversal")
            moved = transfers.transfers(large.database, str(settings.DATABASES["default"]["USER"]))
        self._say(f"\n{large}; the slope is from {small}. `!` marks a missed target.\n")
        for line in [*report.table(measure.with_slopes(after, before)), report.memory(peak), *moved.lines()]:
            self._say(line)

    @contextmanager
    def _company(self, size: Size, *, keep: bool) -> Iterator[None]:
        """A company of this size for the time of the block."""
        try:
            began = time.monotonic()
            if not keep:
                databases.drop(size.database)
            self._say(f"{size}: loading")
            databases.make(size)
            self._say(f"{size}: loaded in {time.monotonic() - began:.0f} s, measuring")
            yield
        finally:
            if not keep:
                databases.drop(size.database)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
