"""What May I? asks: all of it in the address, so that an answer can be sent to somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.models import Market, User
from compliance.policy import Basis, Channel, Kind, Role, Side, in_words
from interactions.forms import KINDS, KINDS_OF, market_of
from interactions.may_i import Question, people, whole_day
from interactions.panels import BASES
from kols.models import KOL
from products.models import Use

FURTHEST = timedelta(days=366 * 5)


def places_of(asker: User, kol: KOL) -> list[Market]:
    """Where a contact may be: the expert's markets, those of the asker first and of them the main one."""
    rows = (
        kol.practices.filter(market__active=True).select_related("market").order_by("-main", "market__code")
    )
    return sorted((row.market for row in rows), key=lambda market: market.pk not in asker.market_ids)


def place_of(asker: User, kol: KOL) -> Market:
    """Where a contact is taken to be unless told otherwise."""
    return next(iter(places_of(asker, kol)), None) or market_of(asker, kol)


def kind_of(person: User) -> Kind:
    """What somebody does with an expert unless told otherwise."""
    return KINDS_OF.get(person.side, (Kind.VISIT,))[0]


def instant(market: Market, on: date, at: time) -> datetime | None:
    """A time of the clock in a market; None where the clocks leap over it. Of two of the same name, the first."""
    found = datetime.combine(on, at, market.tz)
    there_and_back = found.astimezone(UTC).astimezone(market.tz)
    return found if there_and_back.replace(tzinfo=None) == found.replace(tzinfo=None) else None


class MayIForm(forms.Form):
    """A contact that nobody has, as a question. A day without a time of the clock is judged as a whole (R-002)."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Who"), required=False, empty_label=None)
    use = forms.ModelChoiceField(
        Use.objects.none(),
        label=_("About what"),
        required=False,
        empty_label=_("No product, something practical"),
    )
    kind = forms.ChoiceField(label=_("What kind"), required=False)
    channel = forms.ChoiceField(label=_("How"), required=False)
    basis = forms.ChoiceField(label=_("Who begins"), required=False)
    market = forms.ModelChoiceField(
        Market.objects.none(), to_field_name="code", label=_("Where"), required=False, empty_label=None
    )
    on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False,
        help_text=_("By the clock of that market. Without it, the whole day is judged by its strictest moment."),
    )  # fmt: skip

    def __init__(self, *args: Any, asker: User, kol: KOL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asker, self.kol = asker, kol
        self.place = place_of(asker, kol)
        places = [market.pk for market in places_of(asker, kol)]
        self._offer("person", people(asker))
        self._offer("market", Market.objects.filter(pk__in=places))
        self.fields["market"].initial = self.place
        if len(places) < 2:
            del self.fields["market"]
        uses = Use.objects.visible_to(asker).filter(market__in=places)
        self._offer(
            "use", uses.select_related("indication__product", "market").order_by("indication", "market", "pk")
        )
        self._words()
        if asker.role not in (Role.MSL_LEAD, Role.FIELD_LEAD, Role.COMPLIANCE, Role.AUDITOR):
            del self.fields["person"]

    def _words(self) -> None:
        """Every activity and channel there is: to some of them the answer is always no, and that is an answer."""
        own = KINDS_OF.get(self.asker.side, ())
        kinds = [*own, *(kind for kind in Kind if kind not in own)]
        self._choices("kind", [(str(kind), KINDS.get(kind) or _(in_words(kind))) for kind in kinds])
        self._choices("channel", [(str(channel), _(in_words(channel))) for channel in Channel])
        if self.asker.side is Side.COMMERCIAL:
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
        """The question as it was asked; what was left out is now, in person, what this person does."""
        data = self.cleaned_data
        person = data.get("person") or self.asker
        market = data.get("market") or self.place
        return Question(
            person=person,
            kol=self.kol,
            market=market,
            use=data.get("use"),
            kind=Kind(data["kind"]) if data.get("kind") else kind_of(person),
            channel=Channel(data["channel"]) if data.get("channel") else Channel.IN_PERSON,
            basis=Basis(data["basis"]) if data.get("basis") else None,
            **self._when(market),
        )

    def _when(self, market: Market) -> dict[str, datetime]:
        on, at, local = self.cleaned_data.get("on"), self.cleaned_data.get("at"), now().astimezone(market.tz)
        if on is not None and at is None and on != local.date():
            return whole_day(market, on)
        found = instant(market, on or local.date(), at) if at is not None else None
        return {"at": found or local.replace(second=0, microsecond=0)}

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day and abs(day - now().date()) > FURTHEST:
            raise forms.ValidationError(_("Choose a day within five years."))
        return day

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        market = data.get("market") or self.place
        at, on = data.get("at"), data.get("on") or now().astimezone(market.tz).date()
        if at is not None and instant(market, on, at) is None:
            self.add_error("at", _("The clocks go forward that night: this time does not exist."))
        return data
