"""`manage.py seed_demo`: a small company to click through, or one of any size to measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.acting import acting_as, system
from accounts.models import Market
from compliance.policy import in_words
from msl_crm.demo import bulk, company, people


class Command(BaseCommand):
    help = "Found the demo company, once. With --kols and --interactions it grows to that size."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kols", type=int, default=0, help="Load so many more KOLs in bulk.")
        parser.add_argument("--interactions", type=int, default=0, help="Load so many interactions in bulk.")
        parser.add_argument(
            "--list-sign-ins", action="store_true", help="Print one sign-in per role and do nothing else."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_sign_ins"]:
            self._sign_ins()
            return
        started = datetime.now(UTC)
        if company.exists():
            self.stdout.write("The demo company is here.")
        else:
            company.found(started, self._say)
            self.stdout.write(f"The demo company is founded ({datetime.now(UTC) - started}).")
        if options["kols"] or options["interactions"]:
            with acting_as(system("load in bulk")):
                facts = company.bulk_facts({market.code: market for market in Market.objects.all()})
            since = started - timedelta(days=company.DAYS_OF_HISTORY)
            sizes = {"kols": options["kols"], "interactions": options["interactions"]}
            bulk.load(**sizes, facts={**facts, "since": since}, today=started, say=self._say)

    def _say(self, words: str) -> None:
        self.stdout.write(f"  {words}")
        self.stdout.flush()

    def _sign_ins(self) -> None:
        seen = set()
        for person in people.PEOPLE:
            if person.role not in seen:
                seen.add(person.role)
                email = f"{person.given}.{person.family}@{people.DOMAIN}".lower()
                role = in_words(person.role)
                self.stdout.write(f"{role:<22} {email:<38} {people.PASSWORD}")
