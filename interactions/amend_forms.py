"""What is asked beside the record when a signed one is amended or voided, and when somebody answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from interactions.amending import Amendment, Voiding


def _sentence(label: Any, *, required: bool = True, length: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=length, validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class AmendForm(forms.Form):
    """Why a signed record gets another version."""

    code = forms.ChoiceField(
        label=_("What was wrong"),
        choices=[("", _("choose")), *Amendment.Code.choices],
        error_messages={"required": _("Choose what was wrong.")},
    )
    reason = _sentence(_("Reason, in a sentence"))


class VoidForm(forms.Form):
    """Why a signed record does not count."""

    code = forms.ChoiceField(
        label=_("Why it is void"),
        choices=[
            ("", _("choose")),
            *(one for one in Voiding.Code.choices if one[0] != Voiding.Code.DEVIATION),
        ],
        error_messages={"required": _("Choose why.")},
    )
    reason = _sentence(_("Reason, in a sentence"))


class AnswerForm(forms.Form):
    """Why not, for whoever says no."""

    answer = _sentence(_("If you do not agree: why not"), required=False, length=500)
