"""Forms of the second factor. What they ask and how they check it is in `second_factor`; the ceremony is allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.core import context
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.reauthentication import NotProved, proof_of

LOCKED = _("Too many wrong tries. Wait ten minutes.")
WRONG = _("That code is wrong, or was used already. Wait for the next one.")
NOT_THIS_PASSKEY = _("This passkey did not open it. Try again, or use another way.")
ONE_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric"}


def code_field(label: Any, help_text: Any = "") -> forms.CharField:
    """One field for the whole code: a phone offers to fill it, and pasting splits nothing."""
    return forms.CharField(
        label=label, max_length=20, widget=forms.TextInput(attrs=ONE_CODE), help_text=help_text
    )


class CodeForm(base.AuthenticateForm):
    """The second step of signing in: a code, or a recovery code."""

    code = code_field(_("Code from your app"), _("Or one of your recovery codes."))

    def clean_code(self) -> str:
        request, code = context.request, self.cleaned_data["code"]
        if second_factor.is_locked(request, self.user):
            raise forms.ValidationError(LOCKED)
        factor = second_factor.accept(self.user, code)
        if factor is None:
            second_factor.count_failure(request, self.user, "code")
            raise forms.ValidationError(WRONG)
        self.authenticator = factor
        return str(code)


class CodeAgainForm(CodeForm, base.ReauthenticateForm):
    """The code once more, before the factors themselves are changed."""


class PasswordAgainForm(ReauthenticateForm):
    """The password once more, and the code where an app is enrolled."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = code_field(_("Code from your app"), _("Or one of your recovery codes."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not second_factor.takes_codes(self.user):
            del self.fields["code"]

    def clean_password(self) -> str:
        """Looked at together with the code."""
        return str(self.cleaned_data["password"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                proof_of(context.request, given["password"], given.get("code", ""))
            except NotProved as missing:
                self.add_error(missing.field if missing.field in self.fields else None, missing)
        return given


class AppForm(ActivateTOTPForm):
    """The first code of a new app shows that it has the secret."""

    code = code_field(_("Code from your app"), _("Six digits. They change every half minute."))


class PasskeyMixin:
    """A passkey that does not open it weighs what a wrong password weighs."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        request, user = context.request, self.user
        if user is not None and second_factor.is_locked(request, user):
            raise forms.ValidationError(LOCKED)
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            if user is not None:
                second_factor.count_failure(request, user, "passkey")
            raise forms.ValidationError(NOT_THIS_PASSKEY) from wrong


class PasskeyForm(PasskeyMixin, passkeys.AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(PasskeyMixin, passkeys.ReauthenticateWebAuthnForm):
    pass


class PasskeySignInForm(PasskeyMixin, passkeys.LoginWebAuthnForm):
    pass


class NewPasskeyForm(passkeys.AddWebAuthnForm):
    """A name to tell passkeys apart; the rest is between browser and key."""

    name = forms.CharField(label=_("What you call it"), max_length=60, required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        help_text=_("The device then asks for your finger, face or PIN."),
    )

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise forms.ValidationError(NOT_THIS_PASSKEY) from wrong


class PasskeyNameForm(passkeys.EditWebAuthnForm):
    name = forms.CharField(label=_("What you call it"), max_length=60)
