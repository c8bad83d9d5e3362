"""What May I? asks: all of it in the address, so that an answer can be sent to somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.models import Market, User
from compliance.policy import Basis, Channel, Kind, Side, in_words
from interactions.forms import CHANNELS, KINDS_OF, market_of
from interactions.may_i import Question, people
from interactions.topics_form import BASES
from kols.models import KOL
from products.models import Use

FURTHEST = timedelta(days=366 * 5)


class MayIForm(forms.Form):
    """A contact that nobody has, as a question."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Who"), required=False, empty_label=None)
    use = forms.ModelChoiceField(
        Use.objects.none(),
        label=_("About what"),
        required=False,
        empty_label=_("No product, something practical"),
    )
    kind = forms.ChoiceField(label=_("What kind"), required=False)
    channel = forms.ChoiceField(label=_("How"), choices=CHANNELS, required=False)
    basis = forms.ChoiceField(label=_("Who begins"), required=False)
    on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False
    )

    def __init__(self, *args: Any, asker: User, kol: KOL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asker, self.kol = asker, kol
        self.market: Market = market_of(asker, kol)
        self._offer("person", people(asker))
        if len(self.fields["person"].queryset) < 2:  # type: ignore[attr-defined]
            del self.fields["person"]
        uses = Use.objects.visible_to(asker).filter(market__in=kol.practices.values("market"))
        self._offer(
            "use", uses.select_related("indication__product", "market").order_by("indication", "market", "pk")
        )
        self._choices(
            "kind", [(str(kind), _(in_words(kind))) for kind in KINDS_OF.get(asker.side, tuple(Kind))]
        )
        if asker.side is Side.COMMERCIAL:
            del self.fields["basis"]  # who begins makes no difference there
        else:
            self._choices(
                "basis", [("", _("Not said")), *((str(one), words) for one, words in BASES.items())]
            )

    def _offer(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def question(self) -> Question:
        """The question as it was asked; what was left out is now, in person, a visit."""
        data, local = self.cleaned_data, now().astimezone(self.market.tz)
        day, time = (
            data.get("on") or local.date(),
            data.get("at") or local.time().replace(second=0, microsecond=0),
        )
        return Question(
            person=data.get("person") or self.asker,
            kol=self.kol,
            market=self.market,
            use=data.get("use"),
            kind=Kind(data.get("kind") or KINDS_OF.get(self.asker.side, (Kind.VISIT,))[0]),
            channel=Channel(data["channel"]) if data.get("channel") else Channel.IN_PERSON,
            basis=Basis(data["basis"]) if data.get("basis") else None,
            at=datetime.combine(day, time, self.market.tz),
        )

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day and abs(day - now().date()) > FURTHEST:
            raise forms.ValidationError(_("Choose a day within five years."))
        return day
