"""The short forms: a plan, a follow-up, a question."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Market, User
from compliance.policy import Channel, Kind
from interactions import words
from interactions.facts import Event
from interactions.forms import CHANNELS, LENGTHS
from interactions.models import Interaction
from interactions.words import Found, Text


class ReadForm(forms.Form):
    """A short form whose text is read when it is sent; the reason is asked for where one is needed, and only there."""

    words_reason = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Why it stays"),
        help_text=gettext_lazy("Kept with the entry. Compliance may ask about it."),
        widget=forms.HiddenInput,
    )
    reads: str = ""

    def marked(self, by: User, market: Market, *, ours: bool = True, kol: Any = None) -> tuple[Found, ...]:
        """What stands out in the text, once it was sent; the field for the reason is shown where one is asked for."""
        text = str(self[self.reads].value() or "") if self.is_bound else ""
        found = words.of_text(
            by, market, Text(field=words.BESIDE, text=text, ours=ours), people=[str(kol)] if kol else []
        )
        if words.said(found):
            self.fields["words_reason"].widget = forms.TextInput()
        return found

    def explained(self, found: tuple[Found, ...]) -> bool:
        """Whether what stays has its reason; where not, the form says so, before anything is written."""
        if words.said(found) and not self.cleaned_data["words_reason"].strip():
            self.add_error("words_reason", gettext_lazy("Say why it stays, or write it otherwise."))
            return False
        return True


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


class FollowUpForm(ReadForm):
    reads = "what"
    what = forms.CharField(label=gettext_lazy("What will you do?"), max_length=300)
    due_on = forms.DateField(
        label=gettext_lazy("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    promised = forms.BooleanField(label=gettext_lazy("I promised it"), required=False)


class QuestionForm(ReadForm):
    reads = "question"
    question = forms.CharField(
        label=gettext_lazy("The question, in the doctor's words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
