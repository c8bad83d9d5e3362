"""What a lead or Compliance writes down about somebody's training and qualification."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.certificates import KINDS
from accounts.models import Market, User
from accounts.people import team_of
from compliance.policy import CertificateKind, Role
from products.models import LabelVersion, Use

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CertificateForm(forms.Form):
    """A certificate with its days, the last one included."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Who"), empty_label=_("Choose"))
    kind = forms.ChoiceField(label=_("What"), choices=KINDS)
    use = forms.ModelChoiceField(
        Use.objects.none(),
        label=_("Use"),
        required=False,
        help_text=_("What the training was about. A qualification has none."),
    )
    label = forms.CharField(
        label=_("Version of the label"),
        max_length=40,
        required=False,
        help_text=_("Empty: the one in force on the first day."),
    )
    market = forms.ModelChoiceField(
        Market.objects.none(), label=_("Market"), required=False, empty_label=_("Every market")
    )
    first_day = forms.DateField(label=_("Valid from"), widget=DAY)
    last_day = forms.DateField(label=_("Last day"), widget=DAY, required=False)
    evidence = forms.CharField(
        label=_("Evidence"), max_length=300, help_text=_("Number of the certificate, and where it lies.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, appointments__during__contains=now()).exclude(pk=user.pk)
        markets = Market.objects.filter(active=True)
        if user.role != Role.COMPLIANCE:
            people, markets = people.filter(pk__in=team_of(user)), markets.filter(pk__in=user.market_ids)
        offered: dict[str, Any] = {
            "person": people.distinct(),
            "use": Use.objects.visible_to(user).select_related("indication__product", "market"),
            "market": markets,
        }
        for name, rows in offered.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for name in ("label", "evidence"):
            self.fields[name].validators.append(ProhibitNullCharactersValidator())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        if data.get("kind") == CertificateKind.QUALIFICATION:
            data["use"], data["label"] = None, ""
        elif data.get("kind") and not data.get("use") and "use" not in self.errors:
            self.add_error("use", _("Say what it is about."))
        return data

    def facts(self, zone: ZoneInfo) -> dict[str, Any]:
        """As `record_certificate` takes it; a day is one of the market, else of the person who writes."""
        data = self.cleaned_data
        use, market = data["use"], data["market"]
        place = market.tz if market else use.market.tz if use else zone
        begin = datetime.combine(data["first_day"], time.min, place)
        last = data["last_day"]
        return {
            "person": data["person"],
            "kind": CertificateKind(data["kind"]),
            "use": use,
            "market": market,
            "label": data["label"] or (_label(use, begin) if use else ""),
            "valid_from": begin,
            "valid_to": datetime.combine(last + timedelta(days=1), time.min, place) if last else None,
            "evidence": data["evidence"],
        }


def _label(use: Use, at: datetime) -> str:
    held = LabelVersion.objects.filter(use=use, effective_at__lte=at).order_by("-effective_at").first()
    return held.version if held else ""


class RevocationForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it no longer holds"), max_length=300, help_text=_("It ends at this moment.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].validators.append(ProhibitNullCharactersValidator())
