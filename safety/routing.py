"""Which desk takes a report, and by when (R-128, R-130). Asked inside `best`: no answer ever stops a report."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from django.db import transaction

from accounts.models import Market
from compliance import packs
from compliance.policy import State
from compliance.policy.packs import BASE
from compliance.policy.packs import packs as known_packs
from compliance.policy.parameters import parameter
from compliance.wording.text import compact, fold, words
from products.models import Period, Product
from safety.desks import Route

logger = logging.getLogger(__name__)
T = TypeVar("T")
INVESTIGATIONAL = frozenset(
    {State.PRECLINICAL, State.CLINICAL, State.SUBMITTED, State.REFUSED, State.APPL_WITHDRAWN}
)


def best(work: Callable[[], T], otherwise: T) -> T:
    """What the work answers; where it fails, the other: a report does not wait for what is beside it."""
    try:
        with transaction.atomic():
            return work()
    except Exception:
        logger.exception("a step beside a side effect report failed")
        return otherwise


def named(said: str) -> Product | None:
    """The product of ours that these words name by brand, substance or code name, anywhere in them."""
    keys = {word.key for word in words(said)}
    whole = compact(said)
    for product in Product.objects.all():
        names = [name for name in (product.brand, product.inn, *product.code_names) if name]
        if any(fold(name) in keys or (len(compact(name)) > 3 and compact(name) in whole) for name in names):
            return product
    return None


def route_of(product: Product | None, market: Market | None, at: datetime, *, other_company: bool) -> Route:
    """Pharmacovigilance unless every use of the product there is investigational (R-130).

    A product of ours stays in our own flow, whoever the reporter thinks it belongs to.
    """
    if product is None:
        return Route.OTHER_COMPANY if other_company else Route.PV
    periods = Period.objects.filter(use__indication__product=product, during__contains=at)
    known = list(periods.values_list("use__market", "state"))
    there = {state for place, state in known if market is not None and place == market.pk}
    states = there or {state for _, state in known}
    return Route.SPONSOR if states and states <= INVESTIGATIONAL else Route.PV


def due_at(market: Market | None, learned: datetime) -> datetime:
    """24 hours from when it was learned; where the market's rules say so, the end of a business day (PP-08)."""
    days = number(market, "PP-08 adverse_event_forward_business_days", learned)
    if days and market is not None:
        return end_of_business_day(market, learned, days)
    return learned + timedelta(hours=number(market, "PP-08 adverse_event_forward_hours", learned))


def number(market: Market | None, name: str, at: datetime) -> int:
    """A number of the rules in force in the market; where there are none, the one all markets share."""
    if market is None:
        return parameter(name)
    version = (
        Market.objects.filter(pk=market.pk).annotate(pack=packs.in_force(at)).values_list("pack").first()
    )
    return known_packs().get((market.code, str(version and version[0])), BASE).parameters[name]


def end_of_business_day(market: Market | None, at: datetime, days: int) -> datetime:
    """The end of the business day that comes so many after the local day of an instant."""
    if market is None:
        return datetime.combine(_weekday_after(at.astimezone(UTC).date(), days) + timedelta(1), time.min, UTC)
    day = market.business_days_after(market.local_day(at), days)
    return market.start_of(day + timedelta(days=1))


def _weekday_after(day: date, days: int) -> date:
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def first(candidates: Iterable[T | None]) -> T | None:
    return next((one for one in candidates if one is not None), None)
