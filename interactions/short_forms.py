"""The short forms: a plan, a follow-up, a question."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Market
from compliance.policy import Channel, Kind
from interactions.facts import Event
from interactions.forms import CHANNELS, LENGTHS


class PlanForm(forms.Form):
    """A visit that lies ahead: with whom, when, how."""

    on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=gettext_lazy("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.TypedChoiceField(label=gettext_lazy("Length"), choices=LENGTHS, coerce=int, initial=30)
    channel = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=CHANNELS,
        initial=Channel.IN_PERSON,
        widget=forms.RadioSelect(attrs={"data-as": "segmented"}),
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)

    def event(self, market: Market, kind: Kind) -> Event:
        start = datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"], market.tz)
        return Event(
            kind=kind,
            channel=Channel(self.cleaned_data["channel"]),
            starts_at=start,
            ends_at=start + timedelta(minutes=self.cleaned_data["minutes"]),
            market=market,
        )


class FollowUpForm(forms.Form):
    what = forms.CharField(label=gettext_lazy("What will you do?"), max_length=300)
    due_on = forms.DateField(
        label=gettext_lazy("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    promised = forms.BooleanField(label=gettext_lazy("I promised it"), required=False)


class QuestionForm(forms.Form):
    question = forms.CharField(
        label=gettext_lazy("The question, in the doctor's words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
