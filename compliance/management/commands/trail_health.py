"""What a monitor asks of the trail."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.acting import acting_as, system
from compliance import chain, verification


class Command(BaseCommand):
    """``manage.py trail_health``. Exit status 1 where rows wait too long for their seal, or the chain was found broken."""

    help = "The age of the oldest row that waits for its seal, the last anchor and the last check, as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(system("ask for the health of the trail")):
            found, last = chain.health(), verification.last_result()
        unbroken = last.facts["unbroken"] if last is not None else None
        figures = {
            "unsealed_seconds": found.unsealed_seconds,
            "sealed": found.sealed,
            "anchored": found.anchored,
            "anchored_at": found.anchored_at and found.anchored_at.isoformat(),
            "verified_at": last and last.at.isoformat(),
            "unbroken": unbroken,
        }
        self.stdout.write(json.dumps(figures))
        if found.late or unbroken is False:
            sys.exit(1)
