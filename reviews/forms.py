"""What Compliance fills in when it draws, decides and plans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.models import Market, User
from compliance.forms import Period
from reviews.models import Observation


def last_quarter(today: date) -> tuple[date, date]:
    """The first and last day of the quarter that has ended."""
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last = first - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


class DrawForm(Period):
    """From where, and entries recorded from which day to which."""

    market: forms.ModelChoiceField[Market] = forms.ModelChoiceField(
        Market.objects.none(), label=_("Market"), empty_label=None
    )
    field_order = ("market", "since", "until")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        first, last = last_quarter(now().astimezone(user.tz).date())
        kwargs["initial"] = {"since": first, "until": last}
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = Market.objects.filter(pk__in=user.market_ids)  # type: ignore[attr-defined]
        for name in ("since", "until"):
            self.fields[name].required = True


class ExtendForm(forms.Form):
    entry = forms.CharField(label=_("Address of the entry"), max_length=200)
    because = forms.CharField(label=_("Why it is added"), max_length=300)
    use_required_attribute = False


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("What you saw"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed for a finding and for a question. The author reads a question as you write it."),
    )  # fmt: skip
    use_required_attribute = False


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    use_required_attribute = False


class PlanForm(forms.Form):
    """So many observations of each MSL of a market in a year, spread over it."""

    market: forms.ModelChoiceField[Market] = forms.ModelChoiceField(
        Market.objects.none(), label=_("Market"), empty_label=None
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Observation.Kind.choices)
    year = forms.IntegerField(label=_("Year"), min_value=2020, max_value=2100)
    times = forms.IntegerField(label=_("Times a year, each MSL"), min_value=1, max_value=12, initial=1)
    use_required_attribute = False

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"year": now().astimezone(user.tz).year}
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = Market.objects.filter(pk__in=user.market_ids)  # type: ignore[attr-defined]

    def days(self) -> list[date]:
        """The last day of each share of the year."""
        year, times = self.cleaned_data["year"], self.cleaned_data["times"]
        return [
            date(year + (12 * n // times) // 12, (12 * n // times) % 12 + 1, 1) - timedelta(days=1)
            for n in range(1, times + 1)
        ]


class ObservedForm(forms.Form):
    entry = forms.CharField(label=_("Address of the entry"), max_length=200, required=False)
    words = forms.CharField(
        label=_("What you saw"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    use_required_attribute = False
