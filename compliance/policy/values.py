"""Rules F, third part: what people are given or paid (R-086 to R-089)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from .facts import Act
from .packs import pack_of
from .rulings import Ruling, denied, duty, needing, unknown
from .things import Value, ValueCategory
from .topics import BEFORE_AUTHORISATION, PRODUCT, contacts, demanding, side, zones
from .words import Document, Duty, Intent, Side


def amount(value: Value) -> Decimal | None:
    """The amount, or nothing if it is none: not a number, not finite, or below zero."""
    try:
        found = Decimal(value.amount)
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


def complete(act: Act) -> Iterator[Ruling]:
    """R-088: every value says what, how much, in which currency, where, to whom and who pays."""
    for value in act.values:
        if not isinstance(value.category, ValueCategory):
            yield unknown("unknown_word", what="category", word=str(value.category))
        facts = {
            "amount": amount(value) is not None,
            "currency": len(value.currency) == 3,
            "place": bool(value.host_market),
            "recipient": bool(value.person),
            "payer": isinstance(value.budget_side, Side),
        }
        for what, there in facts.items():
            if not there:
                yield unknown("value_incomplete", "R-088", what=what)


def meals(act: Act) -> Iterator[Ruling]:
    """R-086: within the cap of the country where it is taken, for the person invited, and where allowed."""
    known = {person.ref for person in contacts(act)}
    for value in act.values:
        if value.category != ValueCategory.MEAL:
            continue
        if value.person and value.person not in known:
            yield denied("R-086", "meal_for_guest")
        if side(act) is Side.COMMERCIAL and demanding(act, "meals_in_practice"):
            if value.in_practice is None:
                yield unknown("meal_place_unknown", "R-086")
            elif not value.in_practice:
                yield denied("R-086", "meal_elsewhere")
        yield from _within_cap(act, value)


def _within_cap(act: Act, value: Value) -> Iterator[Ruling]:
    ahead = value.planned or act.intent == Intent.PLAN
    cap = pack_of(act, value.host_market).meal_cap
    paid = amount(value)
    if paid is None:
        return  # R-088 says so
    if cap is None or cap[1] != value.currency:
        if ahead:
            yield denied("R-086", "meal_cap_missing", market=value.host_market, currency=value.currency)
        else:
            yield duty("R-086", Duty.FINDING)
    elif paid > Decimal(cap[0]):
        if ahead:
            yield denied("R-086", "meal_above_cap", cap=cap[0], currency=cap[1], market=value.host_market)
        else:
            yield duty("R-086", Duty.FINDING)


def fees(act: Act) -> Iterator[Ruling]:
    """R-087: a fee needs its contract, signed before the service."""
    there = act.documents.union(*(topic.documents for topic in act.topics))
    for value in act.values:
        if value.category == ValueCategory.FEE:
            yield needing("R-087", {Document.CONTRACT} - there, code="fee_without_contract")


def before_authorisation(act: Act) -> Iterator[Ruling]:
    """R-089: nothing from a commercial budget around what is not authorised."""
    early = [t for t in act.topics if t.subject in PRODUCT and zones(t) & BEFORE_AUTHORISATION]
    for value in act.values:
        if value.budget_side == Side.COMMERCIAL:
            yield from (denied("R-089", "value_before", topic=topic.name) for topic in early)
