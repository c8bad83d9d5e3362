"""What is asked about a side effect: whatever is known. Only what happened cannot be left out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from products.models import Product


class SideEffectForm(forms.Form):
    what_happened = forms.CharField(
        label=_("What happened"),
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names of patients. Age and sex help."),
    )
    product_words = forms.CharField(label=_("Product"), max_length=200, required=False)
    who_told = forms.CharField(label=_("Who told you"), max_length=200, required=False)
    learned_at = forms.DateTimeField(
        label=_("When you learned of it"),
        required=False,
        help_text=_("Empty: just now, or at the visit."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "x-short"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    may_call_back = forms.BooleanField(label=_("Safety may call back"), required=False)

    def named_product(self, user: User) -> Product | None:
        """The product of ours that these words name, if this person may know it."""
        words = self.cleaned_data["product_words"].strip()
        if not words:
            return None
        own = Product.objects.visible_to(user)
        return (own.filter(brand__iexact=words) | own.filter(inn__iexact=words)).first()

    def facts(self, user: User) -> dict[str, Any]:
        """What `report_side_effect` takes."""
        return {**self.cleaned_data, "product": self.named_product(user)}


class CaseForm(forms.Form):
    case_id = forms.CharField(label=_("Case number"), max_length=60)
