"""What somebody hands in, and of which day it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import Market, User

MEGABYTES = 50


class FileForm(forms.Form):
    """A file of at most fifty megabytes."""

    file = forms.FileField(label=_("File"), help_text=_("Excel (.xlsx) or CSV, at most 50 MB."))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 50 MB."))
        return file


class AuthorisationFileForm(FileForm):
    """A regulator's table."""

    taken_on = forms.DateField(
        label=_("Day of the snapshot"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only where the file does not say it."),
    )


class PeopleFileForm(FileForm):
    """A list of people and the market they practise in."""

    market = forms.ModelChoiceField(Market.objects.none(), label=_("Market in which they practise"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        market: forms.ModelChoiceField[Market] = self.fields["market"]  # type: ignore[assignment]
        market.queryset = Market.objects.filter(pk__in=user.market_ids, active=True)
        if market.queryset.count() == 1:
            market.initial = market.queryset.get().pk
