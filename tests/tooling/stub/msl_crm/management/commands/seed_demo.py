"""Adds one row at every start, so that a test can see that the data is kept."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list-sign-ins", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_sign_ins"]:
            self.stdout.write("MSL: mara@example.org")
            return
        Group.objects.create(name=str(uuid4()))
        with connection.cursor() as cursor:
            cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO crm_web")
