"""What goes out of the calendar and what comes in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.entries import LAYERS
from calendars.reading import BIGGEST


class FeedForm(forms.Form):
    """A calendar for another program."""

    name = forms.CharField(label=_("What is it for"), max_length=80, help_text=_("For example: my phone."))
    layers = forms.MultipleChoiceField(
        label=_("What it shows"),
        choices=LAYERS.items(),
        initial=list(LAYERS),
        widget=forms.CheckboxSelectMultiple,
    )
    names = forms.BooleanField(
        label=_("With names and places"),
        required=False,
        help_text=_("Without them it says “Visit” and the time. Calendars leave the building."),
    )


class SourceForm(forms.Form):
    """Another calendar to be read."""

    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(
        label=_("Private address"),
        max_length=2000,
        help_text=_("It begins with https:// or webcal:// and ends with .ics."),
    )


class FileForm(forms.Form):
    """A calendar file, or its text."""

    file = forms.FileField(
        label=_("Calendar file"), required=False, help_text=_("An .ics file of at most 1 MB.")
    )
    text = forms.CharField(
        label=_("Or its text"), required=False, max_length=BIGGEST, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if not file and not text.strip():
            raise forms.ValidationError(_("Choose a file or paste its text."))
        if file and file.size > BIGGEST:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        cleaned["content"] = file.read() if file else text.strip().encode()
        return cleaned
