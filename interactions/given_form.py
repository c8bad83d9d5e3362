"""What was handed over beside the talk, as somebody writes it down: the two add-ons that stay closed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import now
from accounts.base import choices
from accounts.models import Market
from compliance.policy.things import ValueCategory
from interactions.handed import Given, HandedSample, HandedValue
from interactions.models import Interaction
from kols.models import KOL
from products.models import Use

DAY = {"type": "date"}
CURRENCIES = ("EUR", "CHF", "GBP", "USD", "JPY", "DKK", "SEK", "PLN")
CURRENCY_OF = {"CH": "CHF", "GB": "GBP", "UK": "GBP", "US": "USD", "JP": "JPY", "DK": "DKK"}


class _AddOn(forms.Form):
    """Fields that count only while the add-on is open; then all of them are asked for."""

    toggle = ""
    needed: tuple[str, ...] = ()
    use_required_attribute = False

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="id_%s", **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(ProhibitNullCharactersValidator())

    @property
    def chosen(self) -> bool:
        return bool(self[self.toggle].value())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.needed if data.get(self.toggle) else ():
            if data.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("This is missing."))
        return data


class ValueForm(_AddOn):
    """A meal, a fee, a journey, a thing: the same for each expert who was there (R-088)."""

    toggle, needed = "with_value", ("category", "amount", "currency", "payer")
    with_value = forms.BooleanField(required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("What was given"), choices=choices(ValueCategory), required=False
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount per person"), min_value=Decimal(0), max_digits=10, decimal_places=2,
        required=False,
    )  # fmt: skip
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), choices=[(code, code) for code in CURRENCIES], required=False
    )
    payer = forms.CharField(
        label=gettext_lazy("Paid by"), max_length=120, required=False,
        help_text=gettext_lazy("Which company of ours, as the invoice says."),
    )  # fmt: skip
    in_practice = forms.BooleanField(label=gettext_lazy("In the doctor's practice or clinic"), required=False)
    taxed = forms.BooleanField(label=gettext_lazy("The recipient pays tax on it"), required=False)

    def __init__(self, data: Any = None, *, market: Market, record: Interaction | None = None) -> None:
        initial: dict[str, Any] = {"currency": CURRENCY_OF.get(market.code, "EUR")}
        kept = record.valuegivens.first() if record is not None else None
        if kept is not None:
            initial |= {name: getattr(kept, name) for name in self.needed}
            initial |= {"with_value": True, "in_practice": bool(kept.in_practice), "taxed": kept.taxed}
        super().__init__(data, initial=initial)

    def handed(self, kols: Sequence[KOL]) -> tuple[HandedValue, ...]:
        data = self.cleaned_data
        if not data.get("with_value"):
            return ()
        return tuple(
            HandedValue(
                kol=kol, category=ValueCategory(data["category"]), amount=data["amount"],
                currency=data["currency"], payer=data["payer"], in_practice=data["in_practice"], taxed=data["taxed"],
            )
            for kol in kols
        )  # fmt: skip


class SampleForm(_AddOn):
    """Packs handed to the expert on her signed request. Field service alone (R-085)."""

    toggle = "with_sample"
    needed = ("sample_use", "packs", "requested_on", "lot", "expires_on")
    with_sample = forms.BooleanField(required=False)
    sample_use: forms.ModelChoiceField[Use] = forms.ModelChoiceField(
        Use.objects.none(), label=gettext_lazy("Product"), required=False, empty_label=gettext_lazy("Choose")
    )
    packs = forms.IntegerField(label=gettext_lazy("Packs"), min_value=1, max_value=99, required=False)
    requested_on = forms.DateField(
        label=gettext_lazy("Requested in writing on"), required=False, widget=forms.DateInput(attrs=DAY)
    )
    signed = forms.BooleanField(label=gettext_lazy("The request is signed"), required=False)
    lot = forms.CharField(label=gettext_lazy("Lot"), max_length=40, required=False)
    expires_on = forms.DateField(
        label=gettext_lazy("Expires on"), required=False, widget=forms.DateInput(attrs=DAY)
    )
    not_controlled = forms.BooleanField(
        label=gettext_lazy("It is no narcotic or psychotropic substance"), required=False
    )
    smpc = forms.BooleanField(label=gettext_lazy("Product information handed over with it"), required=False)

    def __init__(self, data: Any = None, *, market: Market, uses: Sequence[Use] = ()) -> None:
        self.market = market
        super().__init__(data)
        there = Use.objects.filter(pk__in=[use.pk for use in uses])
        self.fields["sample_use"].queryset = there.select_related("indication__product", "market")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("requested_on") and self.market.start_of(data["requested_on"]) > now():
            self.add_error("requested_on", _("This day has not come yet."))
        return data

    def handed(self, kol: KOL | None) -> Given | None:
        """The sample as a record of its own takes it; nothing if the add-on is closed."""
        data = self.cleaned_data
        if not data.get("with_sample") or kol is None:
            return None
        sample = HandedSample(
            kol=kol, use=data["sample_use"], quantity=data["packs"], signed=data["signed"], lot=data["lot"],
            requested_at=self.market.start_of(data["requested_on"]), expires_on=data["expires_on"],
            controlled=False if data["not_controlled"] else None,
        )  # fmt: skip
        return Given(samples=(sample,))
