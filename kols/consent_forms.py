"""What an expert agreed to, objected to and was told, as somebody writes it down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.models import Market, User
from compliance.policy import Channel, Side
from kols.choices import markets_of
from kols.forms import DAY, Clean
from kols.models import Consent, Objection

CHANNELS = [
    (Channel.EMAIL, _("E-mail")),
    (Channel.PHONE, _("Phone")),
    (Channel.VIDEO, _("Video")),
    (Channel.IN_PERSON, _("Visit")),
    (Channel.POST, _("Post")),
    (Channel.PORTAL, _("Portal")),
]


class Told(forms.Form):
    """Something an expert said on a day that has come, with its proof."""

    on = forms.DateField(label=_("Day"), widget=DAY)

    def __init__(self, data: Any = None, *, user: User, prefix: str = "") -> None:
        self.user = user
        super().__init__(data, prefix=prefix)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(Clean())
        self.markets = markets_of(user)
        if "market" in self.fields:
            self.fields["market"].queryset = self.markets  # type: ignore[attr-defined]
            self.fields["market"].initial = self.markets.first()

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if self.instant(day) > now():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def instant(self, day: Any) -> datetime:
        """The beginning of a day where the person works."""
        market = self.cleaned_data.get("market") or self.markets.first()
        return market.start_of(day) if market else now()

    def dated(self, name: str) -> dict[str, Any]:
        """What was written, with the day as an instant under this name."""
        data = dict(self.cleaned_data)
        data[name] = self.instant(data.pop("on"))
        return data


class ConsentForm(Told):
    """A consent for one channel in one market."""

    channel = forms.ChoiceField(label=_("For which channel"), choices=CHANNELS)
    market: forms.ModelChoiceField[Market] = forms.ModelChoiceField(
        Market.objects.none(), label=_("In which market"), empty_label=None
    )
    source = forms.ChoiceField(label=_("How it was given"), choices=Consent.Source)
    text_version = forms.CharField(
        label=_("Version of the text"), max_length=40, help_text=_("Which wording the expert agreed to.")
    )
    evidence = forms.CharField(label=_("Evidence"), max_length=300, help_text=_("Where the proof lies."))
    field_order = ("channel", "market", "on", "source", "text_version", "evidence")

    def facts(self) -> dict[str, Any]:
        return self.dated("given_at")


class ObjectionForm(Told):
    """What an expert does not want any more."""

    kind = forms.ChoiceField(label=_("Objects to"), choices=Objection.Kind)
    evidence = forms.CharField(label=_("Evidence"), max_length=300, help_text=_("Where the proof lies."))
    field_order = ("kind", "on", "evidence")

    def __init__(self, data: Any = None, *, user: User, prefix: str = "") -> None:
        super().__init__(data, user=user, prefix=prefix)
        if user.side is Side.COMMERCIAL:
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                choice for choice in Objection.Kind.choices if choice[0] != Objection.Kind.SCIENCE
            ]

    def facts(self) -> dict[str, Any]:
        return self.dated("since")


class NoticeForm(Told):
    """That the expert was told which data of hers are kept."""

    text_version = forms.CharField(label=_("Version of the text"), max_length=40)
    how = forms.CharField(label=_("How"), max_length=120, help_text=_("For example: letter, own mail."))

    def facts(self) -> dict[str, Any]:
        return self.dated("given_at")


class TakenBackForm(forms.Form):
    """How an expert took something back."""

    how = forms.CharField(
        label=_("How you learned of it"), max_length=300, help_text=_("It holds from this moment on.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how"].validators.append(Clean())
