"""`manage.py bench`: the product's pages timed on data of a real size, beside hand-written SQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from msl_crm.benchmark import chain, databases, deciding, measure, report, transfers
from msl_crm.benchmark.databases import Size

TENTH = 10


class Command(BaseCommand):
    help = "Time the pages at two sizes of the company, and what acts and reversals cost, in databases of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kols", type=int, default=10_000, help="KOLs of the larger company.")
        parser.add_argument(
            "--interactions", type=int, default=100_000, help="Interactions of the larger company."
        )
        parser.add_argument("--full", action="store_true", help="100,000 KOLs and 1,000,000 interactions.")
        parser.add_argument("--seconds", type=float, default=4.0, help="Time for each part of a page.")
        parser.add_argument("--keep", action="store_true", help="Keep the databases for the next run.")
        parser.add_argument("--no-slope", action="store_true", help="The larger company alone.")
        parser.add_argument(
            "--no-pages", action="store_true", help="Acts, handovers and their reversal alone."
        )

        parser.add_argument(
            "--chain",
            type=int,
            default=0,
            metavar="ENTRIES",
            help="Write, seal and verify so many; nothing else.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if entries := options["chain"]:
            size = Size(TENTH, TENTH)
            with self._company(size, keep=options["keep"]):
                for line in chain.rates(size.database, entries).lines():
                    self._say(line)
            return
        large = (
            Size(100_000, 1_000_000) if options["full"] else Size(options["kols"], options["interactions"])
        )
        small = Size(max(1, large.kols // TENTH), max(1, large.interactions // TENTH))
        effort = measure.Effort(seconds=options["seconds"])
        before: list[measure.Result] = []
        pages = not options["no_pages"]
        if pages and not options["no_slope"]:
            with self._company(small, keep=options["keep"]):
                before, _ = measure.results(small, effort, self._say)
        with self._company(large, keep=options["keep"]):
            after, peak = measure.results(large, effort, self._say) if pages else ([], None)
            self._say("  Handovers and their reversal, acts")
            moved = transfers.transfers(large.database, str(settings.DATABASES["default"]["USER"]))
            acts = [act.line() for act in deciding.deciding(large.database)]
        self._say(f"\n{large}; the slope is from {small}. `!` marks a missed target.\n")
        if pages:
            for line in [*report.table(measure.with_slopes(after, before)), report.memory(peak)]:
                self._say(line)
        for line in [*moved.lines(), *acts]:
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
