"""What is asked of somebody who needs pre-approval: the kind of contact, the day, with whom, about what, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import now
from accounts.models import User
from compliance.policy import Kind, Side, in_words
from interactions.forms import market_of
from kols.models import KOL
from products.models import Use

KINDS: dict[Side | None, tuple[Kind, ...]] = {
    Side.MEDICAL: (Kind.VISIT, Kind.CONGRESS_CONTACT, Kind.SCIENTIFIC_LECTURE, Kind.EXTERNAL_TRAINING,
                   Kind.ADVISORY_BOARD, Kind.INQUIRY_ANSWER),
    Side.COMMERCIAL: (Kind.PRODUCT_CALL, Kind.CONGRESS_STAND, Kind.ADVISORY_BOARD, Kind.VISIT),
}  # fmt: skip


class PreclearanceForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty: that day alone."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    use = forms.ModelChoiceField(
        Use.objects.none(), required=False, label=gettext_lazy("Product"), empty_label=gettext_lazy("none")
    )
    why = forms.CharField(
        label=gettext_lazy("Why it is needed"),
        max_length=1000,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, user: User, kol: KOL | None) -> None:
        super().__init__(data, auto_id="id_%s")
        self.kol, self.market = kol, market_of(user, kol)
        kinds = KINDS.get(user.side, ())
        self.fields["kind"].choices = [(str(kind), _(in_words(kind))) for kind in kinds]  # type: ignore[attr-defined]
        uses = Use.objects.visible_to(user).filter(market=self.market)
        self.fields["use"].queryset = uses.select_related("indication__product", "market")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("on") and data.get("until") and data["until"] < data["on"]:
            self.add_error("until", _("It ends before it starts."))
        return data

    def facts(self) -> dict[str, Any]:
        """What `ask_preclearance` takes. For today it holds from now on."""
        data = self.cleaned_data
        first, last = data["on"], data["until"] or data["on"]
        start = datetime.combine(first, datetime.min.time(), self.market.tz)
        today = self.market.local_day(now()) == first
        end = datetime.combine(last, datetime.max.time(), self.market.tz)
        return {
            "kind": Kind(data["kind"]), "market": self.market, "start": now() if today else start, "end": end,
            "kol": self.kol, "use": data["use"], "why": data["why"],
        }  # fmt: skip
