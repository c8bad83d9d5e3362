"""How allauth meets our accounts: nobody signs up, an administrator invites."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.sign_in import address


class AccountAdapter(DefaultAccountAdapter):
    """No open registration; addresses as throttling counts them; one sentence for every wrong try."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail and password do not match."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address(request)
