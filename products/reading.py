"""What the product pages show: bands, tables and sentences, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from compliance.policy import State
from msl_crm.geometry import Mark, Row, Segment
from products.models import LaunchRelease, LifecycleEntry, Period, Product, Use

KINDS = {
    State.PRECLINICAL: "investigational",
    State.CLINICAL: "investigational",
    State.SUBMITTED: "in_review",
    State.AUTHORISED: "authorised",
    State.CONDITIONAL: "authorised",
    State.EMERGENCY: "in_review",
    State.SUSPENDED: "restricted",
    State.WITHDRAWN: "withdrawn",
    State.REFUSED: "refused",
    State.APPL_WITHDRAWN: "refused",
}


@dataclass(frozen=True)
class Standing:
    """A use with the periods it went through and the one that holds now."""

    use: Use
    periods: list[Period]
    now: Period | None

    @property
    def state(self) -> str:
        return self.now.state if self.now else ""

    @property
    def splits(self) -> bool:
        """Whether what is not granted may still become a use of its own (R-016)."""
        return self.state in (State.SUBMITTED, State.CLINICAL, State.PRECLINICAL)

    @property
    def since(self) -> date | None:
        """The market's local day on which the present state began."""
        return self.use.market.local_day(self.now.effective_at) if self.now else None


def standings(uses: Iterable[Use], at: datetime) -> list[Standing]:
    """Every use with its periods, in one more statement whatever their number."""
    uses = list(uses)
    periods: dict[Any, list[Period]] = {use.pk: [] for use in uses}
    for period in Period.objects.filter(use__in=periods).order_by("effective_at"):
        periods[period.use_id].append(period)
    return [
        Standing(use, periods[use.pk], next((p for p in periods[use.pk] if at in p.during), None))
        for use in uses
    ]


def band(rows: list[Standing], at: datetime) -> dict[str, Any]:
    """The lifecycle of each use as a band: from its first entry, three years back at most, to half a year ahead."""
    firsts = [standing.periods[0].effective_at for standing in rows if standing.periods]
    start = max(min(firsts, default=at) - timedelta(days=30), at - timedelta(days=3 * 365))
    lasts = [standing.use.expected_on for standing in rows if standing.use.expected_on]
    end = max([at.date() + timedelta(days=183), *[day + timedelta(days=60) for day in lasts]])
    return {
        "rows": [_row(standing, start) for standing in rows],
        "start": start.date(),
        "end": end,
        "today": at.date(),
    }


def _row(standing: Standing, start: datetime) -> Row:
    market = standing.use.market
    segments = tuple(
        Segment(
            max(market.local_day(period.effective_at), market.local_day(start)),
            market.local_day(period.during.upper) if period.during.upper else None,
            KINDS[State(period.state)],
            period.get_state_display(),
        )
        for period in standing.periods
        if period.during.upper is None or period.during.upper > start
    )
    marks = [
        Mark(market.local_day(period.effective_at), period.get_state_display())
        for period in standing.periods
        if period.state in (State.AUTHORISED, State.CONDITIONAL) and period.effective_at > start
    ]
    if standing.use.expected_on:
        marks.append(Mark(standing.use.expected_on, _("Decision expected"), expected=True))
    return Row(market.name, standing.use.indication.name, segments, tuple(marks))


def sentence(rows: list[Standing]) -> str:
    """ "Authorised in 2 of 6 markets." The title is the finding."""
    markets = {standing.use.market_id for standing in rows}
    open_in = {s.use.market_id for s in rows if s.state in (State.AUTHORISED, State.CONDITIONAL)}
    if not open_in:
        return _("Not authorised in any market of yours.")
    return ngettext(
        "Authorised in %(open)d of %(all)d market.",
        "Authorised in %(open)d of %(all)d markets.",
        len(markets),
    ) % {"open": len(open_in), "all": len(markets)}


def uses_of(product: Product, user: User) -> list[Use]:
    """The uses of a product that this person may know about."""
    return list(
        Use.objects.visible_to(user)
        .filter(indication__product=product)
        .select_related("indication__product", "indication__area", "market")
        .order_by("indication__name", "market__name", "id")
    )


def waiting_for(user: User) -> list[LifecycleEntry]:
    """Proposals that wait for a second person, oldest first, at most two hundred."""
    return list(
        LifecycleEntry.objects.visible_to(user)
        .proposed()
        .select_related("use__indication__product", "use__market", "proposed_by", "voids")
        .order_by("recorded_at", "id")[:200]
    )


def launches_waiting(user: User) -> list[LaunchRelease]:
    """Launches that wait for the signature of Compliance, oldest first, at most two hundred."""
    return list(
        LaunchRelease.objects.visible_to(user)
        .proposed()
        .select_related("entry__use__indication__product", "entry__use__market", "proposed_by")
        .order_by("recorded_at", "id")[:200]
    )
