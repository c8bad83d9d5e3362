"""Show that a backup comes back: dump, restore into a fresh database, compare, verify the trail, report."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone

from compliance import verification
from msl_crm.validation import restoring
from msl_crm.validation.results import Result, told


class Command(BaseCommand):
    """``manage.py drill_restore --report FILE``, as the owner. Exit code 1 where something differs."""

    help = "Dump, restore into a fresh database, compare every table, verify the trail there, write a report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", default="", help="where the result is kept; on the screen as well")
        parser.add_argument("--anchors", default="", help="anchors of the trail, for its verification there")
        parser.add_argument(
            "--maker", default="", help="a role that may make databases, if the owner may not"
        )
        parser.add_argument("--name", default="crm_drill", help="the database that is made and thrown away")

    def handle(self, *args: Any, **options: Any) -> None:
        began, name = timezone.now(), options["name"]
        # Those from before the dump: younger ones would rightly call it cut.
        anchors = options["anchors"] or self.anchors_of_now()
        owner = restoring.address_of(connection.settings_dict)
        results = restoring.drill(owner, name, maker=options["maker"], keep=True)
        try:
            results.append(self.trail({**owner, "dbname": name}, anchors))
        finally:
            restoring.throw_away(owner, name, maker=options["maker"])
        text, code = told(results, as_json=False)
        head = f"Restore drill of {owner['dbname']}, {began:%Y-%m-%d %H:%M:%S} UTC, {(timezone.now() - began).seconds} s"
        self.stdout.write(f"{head}\n\n{text}")
        if options["report"]:
            Path(options["report"]).write_text(f"{head}\n\n{text}\n", encoding="utf-8")
        if code:
            sys.exit(code)

    def anchors_of_now(self) -> str:
        with tempfile.NamedTemporaryFile("w", suffix=".anchors", delete=False, encoding="utf-8") as file:
            file.writelines(f"{line.rstrip()}\n" for line in verification.own_anchors())
        return file.name

    def trail(self, restored: restoring.Address, anchors: str) -> Result:
        """The chain of the trail, checked in what was restored."""
        words = [
            sys.executable,
            str(Path(settings.BASE_DIR) / "manage.py"),
            "verify_audit",
            "--why",
            "restore drill",
        ]
        words += ["--anchors", anchors]
        environment = {**os.environ, "DATABASE_URL": restoring.url_of(restored)}
        done = subprocess.run(  # noqa: S603 our own command
            words, env=environment, capture_output=True, text=True, check=False
        )
        said = (done.stdout.strip() or done.stderr.strip() or "no answer").splitlines()
        return Result("the trail is unbroken in what was restored", done.returncode == 0, "; ".join(said[:3]))
