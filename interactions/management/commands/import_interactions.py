"""Contacts from a CSV file, one row one action: the same rules as at every other door (R-163)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.acting import acting_as
from accounts.models import User
from compliance.policy import Refused
from interactions.api import InteractionSerializer, take_report

LISTS = ("topics", "people")


class Command(BaseCommand):
    help = "Log contacts from a CSV file in the name of one person; each row is judged by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="UTF-8, first line names the fields of the API.")
        parser.add_argument("--as", dest="email", required=True, help="E-mail of the person who logs.")

    def handle(self, *args: Any, file: Path, email: str, **options: Any) -> None:
        try:
            user = User.objects.get(email__iexact=email)
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except User.DoesNotExist as problem:
            raise CommandError(f"Nobody has the e-mail {email}.") from problem
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(f"{file} cannot be read: {problem}") from problem
        for number, row in enumerate(csv.DictReader(lines), start=2):
            self.stdout.write(f"{number}: {import_row(row, user)}")


def import_row(row: dict[str, str], user: User) -> str:
    """Log one row in a transaction of its own; say what became of it."""
    try:
        with acting_as(user):
            data = _data(row)
            report = take_report(data, user)
            serializer = InteractionSerializer(data=data, context={"request": SimpleNamespace(user=user)})
            if not serializer.is_valid():
                kept = "; the side effect is reported" if report else ""
                return f"wrong: {json.dumps(serializer.errors, default=str)}{kept}"
            record = serializer.save_for(user, report)
    except Refused as refusal:
        return f"refused ({', '.join(refusal.decision.rules)}): {refusal}"
    missing = f", missing {', '.join(record.missing)}" if record.missing else ""
    return f"logged {record.pk}{missing}"


def _data(row: dict[str, str]) -> dict[str, Any]:
    """Cells as the API takes them: ids separated by blanks, topics and people as JSON."""
    data: dict[str, Any] = {name: value for name, value in row.items() if name and value not in ("", None)}
    data["kols"] = str(data.get("kols", "")).split()
    for name in (*LISTS, "side_effect_report"):
        if name in data:
            try:
                data[name] = json.loads(data[name])
            except ValueError:
                data[name] = "not JSON"
    if "use" in data:
        topic = {"subject": "USE", "use": data.pop("use"), "basis": data.pop("basis", "")}
        if "documents" in data:
            topic["documents"] = json.loads(data.pop("documents"))
        data["topics"] = [topic]
    return data
