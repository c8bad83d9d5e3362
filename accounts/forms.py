"""Forms of the account and of the administration."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import available_timezones

import holidays
from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.base import choices
from accounts.models import Market, Territory, User
from compliance.policy import Role
from msl_crm.navigation import Place

DAY = {"type": "date"}
# Old names of countries stand for zones that have a name of their own.
NO_PLACES = ("Etc/", "posix", "right", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))


class SignInForm(LoginForm):
    """E-mail and password. The page itself links to a new password; labels stand where they can be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["password"].help_text = ""
        if "remember" in self.fields:
            self.fields["remember"].label = _("Keep me signed in on this device")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class ReadingForm(forms.ModelForm):
    """How the product speaks to a person and looks to her."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(name, name.replace("_", " ")) for name in ZONES]
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    density = forms.ChoiceField(label=_("Density"), choices=User.Density, required=False)

    class Meta:
        model = User
        fields = ("language", "time_zone", "theme", "density", "phone")

    def clean_density(self) -> str:
        return self.cleaned_data["density"] or str(self.instance.density)


class StartForm(forms.ModelForm):
    """Where the day begins: one of the places of the person's own navigation."""

    start_page = forms.ChoiceField(
        label=_("Start page"), required=False, help_text=_("Where you land after signing in.")
    )

    class Meta:
        model = User
        fields = ("start_page",)

    def offer(self, places: list[Place]) -> None:
        choices = [("", _("as usual for your role")), *((place.name, place.label) for place in places)]
        self.fields["start_page"].choices = choices  # type: ignore[attr-defined]


class KeyboardForm(forms.ModelForm):
    """Whether single keys do anything."""

    class Meta:
        model = User
        fields = ("shortcuts",)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What is it for"), max_length=80)


class InviteForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("email", "title", "given_name", "family_name")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("There is an account with this address."))
        return email


class AppointForm(forms.Form):
    """A role for some markets; from now, or from the start of a day in the first of them."""

    role = forms.ChoiceField(label=_("Role"), choices=choices(Role))
    markets = forms.ModelMultipleChoiceField(
        label=_("Markets"),
        queryset=Market.objects.none(),
        widget=forms.CheckboxSelectMultiple(attrs={"data-as": "checkboxes"}),
    )
    day = forms.DateField(
        label=_("From"), required=False, help_text=_("Leave it empty for now."),
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["markets"].queryset = Market.objects.filter(active=True)  # type: ignore[attr-defined]

    def appointment(self, at: datetime) -> dict[str, Any]:
        """The cleaned answers as `actions.appoint` takes them."""
        data = self.cleaned_data
        markets = list(data["markets"])
        from_ = datetime.combine(data["day"], time.min, markets[0].tz) if data["day"] else at
        return {"role": Role(data["role"]), "markets": markets, "from_": from_}


class TerritoryForm(forms.ModelForm):
    class Meta:
        model = Territory
        fields = ("name", "side", "market", "parent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["side"] = forms.ChoiceField(
            label=_("Tree"), choices=[("MEDICAL", _("Medical")), ("COMMERCIAL", _("Field service"))]
        )
        self.fields["parent"].label = _("Below")
        self.fields["parent"].required = False


class RegionForm(forms.Form):
    region = forms.CharField(
        label=_("Region"), max_length=12, help_text=_("ISO 3166-2 such as DE-HH, or a postcode prefix.")
    )

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()


class PostForm(forms.Form):
    territory = forms.ModelChoiceField(label=_("Territory"), queryset=Territory.objects.none())
    leads = forms.BooleanField(label=_("Leads it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.select_related("market")  # type: ignore[attr-defined]


class CustodianForm(forms.Form):
    market = forms.ModelChoiceField(label=_("Market"), queryset=Market.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = Market.objects.filter(active=True)  # type: ignore[attr-defined]


class CoverForm(forms.Form):
    """Two people of the team and the days, the last one included."""

    absent = forms.ModelChoiceField(label=_("Away"), queryset=User.objects.none(), empty_label=_("Choose"))
    cover = forms.ModelChoiceField(
        label=_("Stands in"), queryset=User.objects.none(), empty_label=_("Choose")
    )
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))

    def __init__(self, *args: Any, team: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["absent"].queryset = self.fields["cover"].queryset = team  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("absent") and data.get("absent") == data.get("cover"):
            self.add_error("cover", _("Nobody stands in for herself."))
        first, last = data.get("first_day"), data.get("last_day")
        if first and first < self.today:
            self.add_error("first_day", _("A cover begins today or later."))
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return data

    def arrangement(self, zone: tzinfo, at: datetime) -> dict[str, Any]:
        """The cleaned answers as `actions.arrange_cover` takes them; a cover of today begins now."""
        data = self.cleaned_data
        begin = datetime.combine(data["first_day"], time.min, zone)
        until = datetime.combine(data["last_day"] + timedelta(days=1), time.min, zone)
        return {"absent": data["absent"], "cover": data["cover"], "from_": max(begin, at), "until": until}


class MarketForm(forms.ModelForm):
    """A jurisdiction. Code and zone are said once: every day of the market is counted by them."""

    zone = forms.ChoiceField(label=_("Time zone"), choices=[(name, name.replace("_", " ")) for name in ZONES])
    calendar = forms.ChoiceField(
        label=_("Holidays of"), choices=[(code, code) for code in sorted(holidays.list_supported_countries())]
    )

    class Meta:
        model = Market
        fields = ("code", "name", "zone", "calendar", "active", "staff_names_in_comparisons")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.pk and not self.instance._state.adding
        for name in ("code", "zone") if known else ("active", "staff_names_in_comparisons"):
            del self.fields[name]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not code.isascii() or not code.isalpha():
            raise forms.ValidationError(_("Two letters, such as DE."))
        if Market.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a market with this code."))
        return code
