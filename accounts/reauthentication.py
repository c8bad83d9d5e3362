"""Showing again who one is: the one step before every signature, fresh for each act of signing (R-141, PP-14).

A wrong try counts like a wrong sign-in and stands in the trail like one; too many lock the account. Whoever comes
with a token of the API is a program, and programs do not sign (R-140).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance import audit
from compliance.signing import Proof

if TYPE_CHECKING:
    from collections.abc import Mapping


def prove(request: HttpRequest, given: Mapping[str, str]) -> Proof | None:
    """The proof that whoever is signed in sits there herself; None if what was given is wrong."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - doors let nobody else through
    if getattr(request, "by_token", False):
        audit.refuse("R-140", "token_signs_nothing", verb="was refused to sign", on=None, by=user)
    found = authenticate(request, username=user.email, password=given.get("password", ""))
    return Proof(user, "password") if found is not None and found.pk == user.pk else None


class SignForm(forms.Form):
    """The password once more. A valid form holds the proof, for one act of signing."""

    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Signing in again is your signature. It is stored with each item."),
    )

    proof: Proof

    def __init__(self, *args: object, request: HttpRequest, **kwargs: object) -> None:
        self.request = request
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def clean_password(self) -> str:
        """Pass only the person who is signed in."""
        proof = prove(self.request, {"password": self.cleaned_data["password"]})
        if proof is None:
            raise forms.ValidationError(_("That is not your password."))
        self.proof = proof
        return ""
