"""Proof, at this very moment, that it is she: what stands under every signature (R-141, 11.200, 11.300).

A person proves herself with her password and, where an app is enrolled, with a code of it. Nothing that was
proved earlier in the session counts. A wrong try counts like a wrong sign-in: it is in the trail, and too many
lock the account here and raise an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.models import User
from compliance import audit
from compliance.signing import Proof

# How a proof is called where it is stored, by the factor that was shown besides the password.
HOW = {second_factor.APP: "password+totp", second_factor.CODES: "password+recovery code"}


class NotProved(forms.ValidationError):
    """Why it was not proved, in words for the person; `field` is where they belong."""

    def __init__(self, words: Any, field: str = "password") -> None:
        super().__init__(words)
        self.field = field


def prove(request: HttpRequest, given: Mapping[str, str]) -> Proof | None:
    """The proof that whoever is signed in sits there herself; None if password or code is wrong."""
    try:
        return proof_of(request, given.get("password", ""), given.get("code", ""))
    except NotProved:
        return None


def proof_of(request: HttpRequest, password: str, code: str = "") -> Proof:
    """The proof that the person of this request signs now, or `NotProved`, which says what is missing.

    Catch that inside the transaction of the request: a wrong try counts only when it is committed. Whoever comes
    with a token of the API is a program, and programs do not sign (R-140).
    """
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - doors let nobody else through
    if getattr(request, "by_token", False):
        audit.refuse("R-140", "token_signs_nothing", verb="was refused to sign", on=None, by=user)
    if second_factor.is_locked(request, user):
        raise NotProved(_("Too many wrong tries. Wait ten minutes."))
    found = authenticate(request, username=user.email, password=password)
    if found is None or found.pk != user.pk:
        raise NotProved(_("That is not your password."))
    how = _proved_by_code(request, user, code) if second_factor.takes_codes(user) else "password"
    request.proof = Proof(user, how)  # type: ignore[attr-defined]
    return request.proof  # type: ignore[attr-defined]


def signed_by(request: HttpRequest) -> str:
    """How the person of this request proved herself in it. Raises where she did not."""
    return request.proof.how  # type: ignore[attr-defined]


def _proved_by_code(request: HttpRequest, user: User, code: str) -> str:
    if not code.strip():
        raise NotProved(_("Enter the code of your app as well."), "code")
    factor = second_factor.accept(user, code)
    if factor is None:
        second_factor.count_failure(request, user, "code")
        raise NotProved(_("That code is wrong, or was used already. Wait for the next one."), "code")
    factor.record_usage()
    return HOW[factor.type]


class SignForm(forms.Form):
    """The password once more, and the code where an app is enrolled. Valid, it holds the proof for one act."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Signing in again is your signature. It is stored with each item."),
    )
    code = forms.CharField(
        label=_("Code from your app"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text=_("Or one of your recovery codes."),
    )
    proof: Proof

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)
        if not isinstance(request.user, User) or not second_factor.takes_codes(request.user):
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """Ask once, when everything else of the form is in order: a code is used up by asking."""
        given = super().clean() or {}
        if not self.errors:
            try:
                self.proof = proof_of(self.request, given["password"], given.get("code", ""))
            except NotProved as missing:
                self.add_error(missing.field if missing.field in self.fields else None, missing)
        return given
