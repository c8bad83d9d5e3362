"""Enrolled people, and the codes their apps would show."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.utils import timezone

from accounts import sealing
from accounts.acting import acting_as, system
from accounts.models import FactorRule, User
from accounts.second_factor import PURPOSE

PASSWORD = "correct horse battery"


def enrol(person: User, *, codes: bool = False) -> Authenticator:
    """The person with an app for codes, and with recovery codes where asked for."""
    with acting_as(person):
        factor = TOTP.activate(person, generate_totp_secret()).instance
        if codes:
            RecoveryCodes.activate(person)
    return factor


def code_of(factor: Authenticator, *, steps: int = 0) -> str:
    """What the app shows now, or some half minutes later."""
    secret = sealing.unseal(PURPOSE, factor.data["secret"])
    assert secret
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30 + steps))


def require(*roles: str, by: User) -> None:
    with acting_as(system("set the stage")):
        for role in roles:
            FactorRule.objects.create(role=role, set_by=by, set_at=timezone.now())


def sign_in(client: Client, person: User, code: str = ""):
    first = client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    if not code:
        return first
    assert first["Location"] == "/account/mfa/authenticate/"
    return client.post(first["Location"], {"code": code})
