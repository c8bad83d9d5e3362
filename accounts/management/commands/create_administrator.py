"""`manage.py create_administrator`: the first account, before anybody is there to appoint her."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Market, User
from compliance import audit
from compliance.policy import Role


class Command(BaseCommand):
    help = (
        "Open the account of the first administrator and appoint her for every active market. She chooses "
        "her password by mail, and appoints everybody else on the page People."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--another", action="store_true", help="Although there is an administrator.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = str(options["email"]).strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        with acting_as(system("appoint the first administrator")):
            there = User.objects.filter(
                is_active=True, appointments__role=Role.ADMIN, appointments__during__contains=now()
            )
            if there.exists() and not options["another"]:
                raise CommandError("There is an administrator already. Say --another if you mean it.")
            if User.objects.filter(email__iexact=email).exists():
                raise CommandError(f"There is an account with the address {email}.")
            person = User.objects.create_user(
                email, None, given_name=options["given_name"], family_name=options["family_name"],
                role=Role.ADMIN,
            )  # fmt: skip
            post = Appointment.objects.create(
                user=person, role=Role.ADMIN, recorded_at=now(), during=DateTimeTZRange(now(), None)
            )
            post.markets.set(Market.objects.filter(active=True))
            audit.record("appointed", person, by=None, role=str(Role.ADMIN), at=now())
        self.stdout.write(
            f"{person.name} is administrator. Ask for her password at /account/password/reset/."
        )
