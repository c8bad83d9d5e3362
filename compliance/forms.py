"""What Compliance asks and answers with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.base import choices
from compliance.policy import Kind

DAY = {"type": "date"}
DEVICES = [
    ("", _("Any")),
    ("computer", _("Computer")),
    ("tablet", _("Tablet")),
    ("phone", _("Phone")),
    ("programme", _("Programme")),
]


class Period(forms.Form):
    """From and until, both local days and both included."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )

    use_required_attribute = False

    def unmarked(self) -> None:
        """In a search nothing is required, so nothing is marked as optional. Called after validation."""
        for field in self.fields.values():
            field.required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("This lies before the first day."))
        return cleaned


class InteractionSearch(Period):
    """Every interaction, by whom, with whom, about what."""

    person = forms.CharField(label=_("Author"), max_length=80, required=False)
    kol = forms.CharField(label=_("KOL"), max_length=80, required=False)
    product = forms.CharField(label=_("Product"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Any")), *choices(Kind)], required=False)
    incomplete = forms.BooleanField(label=_("Incomplete only"), required=False)
    late = forms.BooleanField(label=_("Entered late only"), required=False)
    field_order = ("person", "kol", "product", "kind", "since", "until", "incomplete", "late")


class TrailSearch(Period):
    """Everything that was done, tried, or looked at."""

    person = forms.CharField(label=_("Person"), max_length=80, required=False)
    verb = forms.CharField(
        label=_("What was done"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "verbs"}),
    )
    subject = forms.CharField(label=_("To what"), max_length=80, required=False)
    rule = forms.CharField(label=_("Rule"), max_length=20, required=False)
    device = forms.ChoiceField(label=_("Device"), choices=DEVICES, required=False)
    record = forms.UUIDField(widget=forms.HiddenInput, required=False)
    refused = forms.BooleanField(label=_("Refused only"), required=False)
    field_order = ("person", "verb", "subject", "rule", "device", "since", "until", "refused", "record")


class DoneForm(forms.Form):
    evidence = forms.CharField(
        label=_("What was done"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    use_required_attribute = False
