"""How allauth meets our accounts: nobody signs up, an administrator invites."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.sign_in import address
from msl_crm.navigation import places_of

QUIET = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    # The page itself says it, in our words.
    "mfa/messages/recovery_codes_generated.txt",
    "mfa/messages/totp_activated.txt",
    "mfa/messages/totp_deactivated.txt",
    "mfa/messages/webauthn_added.txt",
    "mfa/messages/webauthn_removed.txt",
}


class AccountAdapter(DefaultAccountAdapter):
    """No open registration; addresses as throttling counts them; one sentence for every wrong try."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail and password do not match."),
    }

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Say nothing where the page itself shows that it worked."""
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The start page a person chose, where her role still has it; else the home of the role."""
        name = getattr(request.user, "start_page", "")
        if name and name in {place.name for place in places_of(request.user)}:
            return reverse(name)
        return str(super().get_login_redirect_url(request))

    def reauthenticate(self, user: Any, password: str) -> bool:
        """By the same door as a sign-in, so that a wrong password counts."""
        found = authenticate(context.request, username=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Never less than what signing in takes: the password alone only where nothing else is enrolled."""
        factors = (
            {factor.type for factor in second_factor.factors_of(user)} if user.is_authenticated else set()
        )
        again = {
            "id": "reauthenticate",
            "description": _("Password"),
            "url": reverse("account_reauthenticate"),
        }
        code = {
            "id": "mfa_reauthenticate",
            "description": _("Recovery code"),
            "url": reverse("mfa_reauthenticate"),
        }
        passkey = {
            "id": "mfa_reauthenticate:webauthn",
            "description": _("Passkey"),
            "url": reverse("mfa_reauthenticate_webauthn"),
        }
        if second_factor.PASSKEY not in factors:
            return [again] if user.is_authenticated else []
        return [again, passkey] if second_factor.APP in factors else [passkey, code]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address(request)
