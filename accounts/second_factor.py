"""The second factor: a code from an app, a passkey, or one of the recovery codes.

The ceremony is allauth's. What is ours: secrets are sealed in the database, a code works once and never again,
wrong ones count like wrong passwords, and every change leaves its line in the trail (R-140, R-161).
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathFillImage

from accounts import sealing
from accounts.models import User

PURPOSE = "second factors"
CODES, APP, PASSKEY = (
    Authenticator.Type.RECOVERY_CODES,
    Authenticator.Type.TOTP,
    Authenticator.Type.WEBAUTHN,
)
# Recovery codes alone are no second factor: they stand in for one that was lost.
FACTORS = (APP, PASSKEY)


class MFAAdapter(DefaultMFAAdapter):
    """How allauth's second factors meet our accounts."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(PURPOSE, text)

    def decrypt(self, encrypted_text: str) -> str:
        text = sealing.unseal(PURPOSE, encrypted_text)
        if text is None:
            # An empty secret would make every code a known one.
            raise BadRequest("sealed under a key that is gone")
        return text

    def get_totp_issuer(self) -> str:
        return "MSL CRM"

    def _get_site_name(self) -> str:
        return "MSL CRM"

    def build_totp_svg(self, url: str) -> str:
        """With its own white ground: on a dark page a camera reads nothing else."""
        import qrcode

        return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return _("Passkey %(number)s") % {"number": len(factors_of(user, PASSKEY)) + 1}


def factors_of(user: User, *types: str) -> list[Authenticator]:
    """What a person has enrolled, oldest first."""
    rows = Authenticator.objects.filter(user=user).order_by("created_at", "pk")
    return list(rows.filter(type__in=types) if types else rows)


def is_enrolled(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def takes_codes(user: User) -> bool:
    """Whether a code can be asked of this person: an app is enrolled."""
    return Authenticator.objects.filter(user=user, type=APP).exists()


def accept(user: User, code: str) -> Authenticator | None:
    """The factor that this code proves, and it is used up; None for a wrong one or one used before.

    The row is locked, so of two requests with one code at one instant one alone gets through.
    """
    code = code.replace(" ", "").replace("-", "")
    rows = Authenticator.objects.filter(user=user, type__in=(APP, CODES)).select_for_update()
    for factor in rows.order_by("-type"):
        if _accept_of_app(factor, code) if factor.type == APP else factor.wrap().validate_code(code):
            factor.user = user
            return factor
    return None


def _accept_of_app(factor: Authenticator, code: str) -> bool:
    secret = sealing.unseal(PURPOSE, factor.data["secret"])
    if not secret:
        return False
    for counter in yield_hotp_counters_from_time():
        if code == format_hotp_value(hotp_value(secret, counter)) and counter > factor.data.get("used", -1):
            factor.data["used"] = counter
            factor.save(update_fields=["data"])
            return True
    return False


def is_locked(request: HttpRequest, user: User) -> bool:
    """Whether too many wrong tries came from here for this account. The answer becomes the page that says so."""
    credentials = {"username": user.email}
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out, request.axes_credentials = True, credentials  # type: ignore[attr-defined]
    return True


def count_failure(request: HttpRequest, user: User, factor: str) -> None:
    """A wrong code or passkey weighs what a wrong password weighs, and is in the trail (11.300)."""
    user_login_failed.send(
        sender=__name__, credentials={"username": user.email, "factor": factor}, request=request
    )
