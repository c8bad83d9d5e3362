"""What Compliance asks and answers with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.base import choices
from accounts.models import User
from compliance.models import Deviation
from compliance.policy import Kind, Role

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
    verb = forms.CharField(label=_("What was done"), max_length=60, required=False)
    subject = forms.CharField(label=_("To what"), max_length=80, required=False)
    rule = forms.CharField(label=_("Rule"), max_length=20, required=False)
    device = forms.ChoiceField(label=_("Device"), choices=DEVICES, required=False)
    record = forms.UUIDField(widget=forms.HiddenInput, required=False)
    refused = forms.BooleanField(label=_("Refused only"), required=False)
    field_order = ("person", "verb", "subject", "rule", "device", "since", "until", "refused", "record")


class MeasureForm(forms.Form):
    """What follows, who sees to it, by when."""

    what = forms.CharField(
        label=_("What is to be done"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The person reads this sentence and nothing else of the deviation."),
    )  # fmt: skip
    owner: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        User.objects.none(), label=_("Who sees to it"), empty_label=_("Choose")
    )
    due_on = forms.DateField(label=_("Due"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    use_required_attribute = False

    def __init__(self, *args: Any, deviation: Deviation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Q(appointments__side=deviation.reporter_side) | Q(appointments__role=Role.COMPLIANCE)
        people = User.objects.filter(there, is_active=True, appointments__during__contains=now())
        self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]


class DoneForm(forms.Form):
    evidence = forms.CharField(
        label=_("What was done"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    use_required_attribute = False


class Conclusion(forms.Form):
    conclusion = forms.CharField(
        label=_("Conclusion"),
        help_text=_("What was found, and what follows from it. It stays as you write it."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
