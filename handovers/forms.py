"""What people fill in about handovers: codes and dates, never free text that would cross the wall."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from handovers import words


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
