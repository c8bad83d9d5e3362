"""The short forms: a plan, a follow-up, a question."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Market
from compliance.policy import Channel, Kind
from interactions.facts import Event
from interactions.forms import CHANNELS, LENGTHS
from interactions.models import Interaction


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


class MoveForm(forms.Form):
    """Another time or place for a plan."""

    on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=gettext_lazy("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.TypedChoiceField(label=gettext_lazy("Length"), choices=LENGTHS, coerce=int)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)

    def __init__(self, data: Any, plan: Interaction) -> None:
        start = plan.starts_at.astimezone(plan.market.tz)
        minutes = int((plan.ends_at - plan.starts_at).total_seconds() // 60)
        shown = {"on": start.date(), "at": start.time(), "minutes": minutes, "place": plan.place}
        super().__init__(data, initial=shown)
        field = self.fields["minutes"]
        if isinstance(field, forms.ChoiceField) and minutes not in dict(LENGTHS):
            field.choices = sorted([*LENGTHS, (minutes, f"{minutes} min")])

    def times(self, market: Market) -> tuple[datetime, datetime]:
        start = datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"], market.tz)
        return start, start + timedelta(minutes=self.cleaned_data["minutes"])


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
