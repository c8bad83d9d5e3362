"""What registrars and reviewers of materials fill in, and the short forms for labels and plan items."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from accounts.base import choices
from accounts.models import Market, User
from compliance.policy import Activity, Audience, MaterialPurpose, Role
from products.material_actions import PURPOSES as BROUGHT_BY
from products.materials import PURPOSES
from products.models import Use

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CHIPS = {"data-as": "chips"}
USERS = (Role.MSL, Role.MSL_LEAD, Role.MEDICAL_INFORMATION, Role.FIELD_SERVICE, Role.FIELD_LEAD)
AUDIENCES = [one for one in choices(Audience) if one[0] != Audience.INTERNAL]


def uses_of(user: User) -> Any:
    """What this person may choose from."""
    rows = Use.objects.visible_to(user).select_related("indication__product", "market")
    return rows.order_by("indication", "market")


class _Plain(forms.Form):
    """Texts without NUL bytes: an error, not a crash."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(ProhibitNullCharactersValidator())

    def offer(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]


class MaterialForm(_Plain):
    """A version of a material for review: what it mentions, and all it may be used for (R-081)."""

    number = forms.CharField(
        label=_("Number"), max_length=40, help_text=_("A number known here gets its next version.")
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    version = forms.CharField(label=_("Version"), max_length=20)
    purpose = forms.ChoiceField(label=_("For"))
    kept_at = forms.CharField(
        label=_("Where it is kept"),
        max_length=300,
        help_text=_("The address or number of the approved file."),
    )
    uses = forms.ModelMultipleChoiceField(
        Use.objects.none(), label=_("Uses it mentions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    markets = forms.ModelMultipleChoiceField(
        Market.objects.none(), label=_("Markets"), widget=forms.CheckboxSelectMultiple(attrs=CHIPS)
    )
    languages = forms.CharField(
        label=_("Languages"), max_length=40, help_text=_("Codes, separated by commas: de, en.")
    )
    audiences = forms.MultipleChoiceField(
        label=_("Before whom"), choices=AUDIENCES, widget=forms.CheckboxSelectMultiple(attrs=CHIPS)
    )
    roles = forms.MultipleChoiceField(
        label=_("Used by"),
        choices=[one for one in choices(Role) if one[0] in USERS],
        widget=forms.CheckboxSelectMultiple(attrs=CHIPS),
    )
    activities = forms.MultipleChoiceField(
        label=_("Used for"), choices=choices(Activity), widget=forms.CheckboxSelectMultiple(attrs=CHIPS)
    )
    first_day = forms.DateField(label=_("Valid from"), widget=DAY)
    last_day = forms.DateField(label=_("Last day"), widget=DAY, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = BROUGHT_BY.get(user.role, ())
        self.fields["purpose"].choices = [(str(p), words) for p, words in PURPOSES if p in own]  # type: ignore[attr-defined]
        self.offer("markets", Market.objects.filter(active=True, pk__in=user.market_ids))
        self.offer(
            "uses",
            Use.objects.visible_to(user)
            .select_related("indication__product", "market")
            .order_by("indication", "market"),
        )

    def clean_languages(self) -> list[str]:
        codes = [code for code in re.split(r"[,;\s]+", self.cleaned_data["languages"].lower()) if code]
        if any(not re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", code) for code in codes):
            raise forms.ValidationError(_("Write codes of two letters: de, en."))
        return codes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        if data.get("purpose") == MaterialPurpose.PROMOTIONAL and "uses" in data and not data["uses"]:
            self.add_error("uses", _("Promotional material says which uses it mentions."))
        return data

    def facts(self) -> dict[str, Any]:
        """As `register_material` takes it; days are local days of the first market."""
        data = self.cleaned_data
        tz, last = data["markets"][0].tz, data["last_day"]
        return {
            **{
                name: data[name]
                for name in ("number", "name", "version", "kept_at", "uses", "markets", "languages")
            },
            "purpose": MaterialPurpose(data["purpose"]),
            "audiences": [Audience(word) for word in data["audiences"]],
            "roles": [Role(word) for word in data["roles"]],
            "activities": [Activity(word) for word in data["activities"]],
            "valid_from": datetime.combine(data["first_day"], time.min, tz),
            "valid_to": datetime.combine(last + timedelta(days=1), time.min, tz) if last else None,
        }


class ApprovalForm(_Plain):
    approval = forms.CharField(label=_("Number of the approval"), max_length=120)


class RecallForm(_Plain):
    reason = forms.CharField(
        label=_("Why it is recalled"), max_length=300, help_text=_("Nobody uses it from this moment on.")
    )


class LabelForm(_Plain):
    """From when a version of the label holds. It opens nothing; training and materials on the old one end."""

    version = forms.CharField(label=_("Version of the label"), max_length=40)
    first_day = forms.DateField(
        label=_("In force from"), widget=DAY, help_text=_("Local day of the market, from 00:00.")
    )
    evidence = forms.CharField(label=_("Evidence"), max_length=300)


class PlanItemForm(_Plain):
    """Why and how long Medical may raise a use in scientific exchange (R-020)."""

    use = forms.ModelChoiceField(Use.objects.none(), label=_("Use"), empty_label=_("Choose"))
    reference = forms.CharField(label=_("Reference"), max_length=40)
    purpose = forms.CharField(
        label=_("Scientific purpose"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    first_day = forms.DateField(
        label=_("From"), widget=DAY, required=False, help_text=_("Left open, from now on.")
    )
    last_day = forms.DateField(label=_("Last day"), widget=DAY)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(
            "use",
            Use.objects.visible_to(user)
            .select_related("indication__product", "market")
            .order_by("indication", "market"),
        )
