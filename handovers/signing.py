"""Signing in again: the one re-authentication that stands under a batch (R-141)."""

from __future__ import annotations

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SignForm(forms.Form):
    """The password once more. A wrong one counts like a wrong sign-in."""

    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Signing in again is your signature. It is stored with each item."),
    )

    def __init__(self, *args: object, request: HttpRequest, **kwargs: object) -> None:
        self.request = request
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def clean_password(self) -> str:
        """Pass only the person who is signed in."""
        password = self.cleaned_data["password"]
        user = authenticate(self.request, username=self.request.user.email, password=password)  # type: ignore[union-attr]
        if user is None or user.pk != self.request.user.pk:
            raise forms.ValidationError(_("That is not your password."))
        return ""
