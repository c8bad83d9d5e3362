"""What Regulatory fills in. Days are local days of the market, in force from 00:00 there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Market
from compliance.policy import State
from products.models import Indication, Product, TherapeuticArea

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProductForm(forms.ModelForm):
    code_names = forms.CharField(label=_("Code names"), required=False, help_text=_("Separated by commas."))

    class Meta:
        model = Product
        fields = ("brand", "inn", "atc", "holder")

    def clean_code_names(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["code_names"].split(",") if name.strip()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("brand") or data.get("inn") or data.get("code_names")):
            raise forms.ValidationError(_("Give a brand name, a substance or a code name."))
        return data


class UseForm(forms.Form):
    """An indication and the markets in which it is followed."""

    name = forms.CharField(label=_("Short name"), max_length=120)
    label = forms.CharField(label=_("Label wording"), widget=forms.Textarea(attrs={"rows": 3}))
    area = forms.ModelChoiceField(TherapeuticArea.objects.all(), label=_("Therapeutic area"), required=False)
    markets = forms.ModelMultipleChoiceField(
        Market.objects.filter(active=True),
        label=_("Markets"),
        widget=forms.CheckboxSelectMultiple(attrs={"data-as": "chips"}),
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Indication.objects.filter(product=self.product, name__iexact=name).exists():
            raise forms.ValidationError(_("This product has an indication of that name already."))
        return name


class SplitForm(forms.Form):
    """What the authority does not grant of a use (R-016)."""

    name = forms.CharField(
        label=_("Short name of what is not granted"),
        max_length=120,
        help_text=_("As it will be called from now on."),
    )
    label = forms.CharField(
        label=_("Its wording in the application"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product

    clean_name = UseForm.clean_name


class EntryForm(forms.Form):
    """A state of a use from a day on, with its evidence (R-007)."""

    state = forms.ChoiceField(label=_("State"), choices=[])
    effective_on = forms.DateField(
        label=_("In force from"), widget=DAY, help_text=_("Local day of the market, from 00:00.")
    )
    promotable_on = forms.DateField(
        label=_("May be promoted from"),
        widget=DAY,
        required=False,
        help_text=_("Only where promotion must wait, for a launch release or for scheduling."),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        help_text=_("Document, number and date."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from accounts.base import choices

        self.fields["state"].choices = [("", _("Choose a state")), *choices(State)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, later = data.get("effective_on"), data.get("promotable_on")
        if start and later and later < start:
            self.add_error("promotable_on", _("Promotion cannot begin before the authorisation."))
        return data


class LaunchForm(forms.Form):
    """That what is authorised may be promoted (R-010)."""

    evidence = forms.CharField(
        label=_("What is ready for the launch"),
        max_length=500,
        help_text=_("Label, materials, supply, scheduling: document, number and date."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    promotable_on = forms.DateField(
        label=_("May be promoted from"),
        widget=DAY,
        required=False,
        help_text=_("Empty: from the signature of Compliance on."),
    )


class ExpectationForm(forms.Form):
    """When a decision is expected. It opens nothing (R-009)."""

    expected_on = forms.DateField(label=_("Decision expected on"), widget=DAY, required=False)
    source = forms.CharField(label=_("Source"), max_length=200, required=False)


class ConfirmForm(forms.Form):
    """The second person's confirmation. The day is asked only where the proposal has none."""

    effective_on = forms.DateField(label=_("In force from"), widget=DAY)

    def __init__(self, *args: Any, needs_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_day:
            del self.fields["effective_on"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
