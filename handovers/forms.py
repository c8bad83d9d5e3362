"""What people fill in about handovers: codes and dates, never free text that would cross the wall."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from handovers import words
from products.models import Use


class AccountForm(forms.Form):
    """An account field service asks for: a product that is open, and an expert in its own words."""

    use = forms.ModelChoiceField(Use.objects.none(), label=_("Product"))
    name = forms.CharField(
        label=_("Name of the expert"), max_length=200, validators=[ProhibitNullCharactersValidator()]
    )
    place = forms.CharField(
        label=_("Institution and town"), max_length=200, validators=[ProhibitNullCharactersValidator()]
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, auto_id="id_%s")
        uses = Use.objects.visible_to(user).select_related("indication__product", "market")
        self.fields["use"].queryset = uses  # type: ignore[attr-defined]


class DeclineForm(forms.Form):
    """Why the recipient does not take it: a code (decision 28)."""

    reason = forms.ChoiceField(
        label=_("Why not?"),
        choices=[(str(code), text) for code, text in words.DECLINE.items()],
        widget=forms.RadioSelect(attrs={"data-as": "radios"}),
    )


class ExemptForm(forms.Form):
    """Why the relation should stay with Medical."""

    reason = forms.ChoiceField(
        label=_("Why should it stay with Medical?"),
        choices=[(str(code), text) for code, text in words.EXEMPT.items()],
        widget=forms.RadioSelect(attrs={"data-as": "radios"}),
    )


class SendBackForm(forms.Form):
    """Why an accepted handover is not approved. Medical reads it; field service is told 'withdrawn'."""

    reason = forms.CharField(label=_("Why is it not approved?"), max_length=200)
