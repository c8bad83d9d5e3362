"""Meals, fees and other value (R-086 to R-089)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from compliance.policy import Intent, MarketZone, Role, Side, Subject, Value, ValueCategory, Zone, decide
from compliance.policy.values import amount, before_authorisation, complete, fees, meals

from .acts import AMERICA, GERMANY, KELLER, MONA, call, novastat, told, visit

OPEN = novastat(Zone.OPEN, standing="OWNER", documents={"SMPC", "MAT"})
MEAL = Value(
    ValueCategory.MEAL, "48.00", "EUR", "DE", "keller", budget_side=Side.COMMERCIAL, in_practice=True
)
IN_GERMANY = {"pack_versions": GERMANY}


def invited(value: Value = MEAL, **facts: Any) -> Any:
    return call(OPEN, **{"values": (value,), **IN_GERMANY, **facts})


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("48.00", Decimal("48.00")), ("0", Decimal(0)), ("", None), ("many", None), ("-1", None), ("NaN", None),
        ("Infinity", None), ("-0.01", None),
    ],
)  # fmt: skip
def test_an_amount_is_a_number_that_is_not_below_nothing(said: str, found: Decimal | None) -> None:
    assert amount(replace(MEAL, amount=said)) == found


#


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({}, []),
        ({"amount": "x"}, ["amount"]),
        ({"currency": "EU"}, ["currency"]),
        ({"currency": "EURO"}, ["currency"]),
        ({"host_market": ""}, ["place"]),
        ({"person": ""}, ["recipient"]),
        ({"budget_side": None}, ["payer"]),
        ({"budget_side": "BANK"}, ["payer"]),
        ({"amount": "", "person": ""}, ["amount", "recipient"]),
    ],
)
def test_every_value_says_what_how_much_where_to_whom_and_who_pays(
    facts: dict[str, Any], what: list[str]
) -> None:
    assert told(complete(invited(replace(MEAL, **facts)))) == [
        f"? R-088 value_incomplete what={word}" for word in what
    ]


def test_a_kind_of_value_nobody_knows_is_named() -> None:
    assert told(complete(invited(replace(MEAL, category="YACHT")))) == [
        "? R-015 unknown_word what=category word=YACHT"
    ]


#

CAP = "X R-086 meal_above_cap cap=60 currency=EUR market=DE"
NO_CAP = "X R-086 meal_cap_missing currency={} market={}"


@pytest.mark.parametrize(
    ("value", "intent", "said"),
    [
        ({}, "PLAN", []),
        ({"amount": "60"}, "PLAN", []),
        ({"amount": "60.01"}, "PLAN", [CAP]),
        ({"amount": "60.01"}, "RECORD", ["A R-086 !FINDING"]),
        ({"amount": "60.01", "planned": True}, "RECORD", [CAP]),
        ({"currency": "USD"}, "PLAN", [NO_CAP.format("USD", "DE")]),
        ({"currency": "USD"}, "RECORD", ["A R-086 !FINDING"]),
        ({"host_market": "US"}, "PLAN", [NO_CAP.format("EUR", "US")]),
        ({"host_market": "US"}, "RECORD", ["A R-086 !FINDING"]),
        ({"amount": "x", "currency": "USD"}, "PLAN", []),
        ({"category": ValueCategory.TRAVEL, "amount": "900", "person": "x"}, "PLAN", []),
        ({"person": "guest"}, "PLAN", ["X R-086 meal_for_guest"]),
        ({"person": "mona"}, "PLAN", ["X R-086 meal_for_guest"]),
        ({"person": ""}, "PLAN", []),
    ],
)
def test_a_meal_stays_within_the_cap_and_goes_to_no_guest(
    value: dict[str, Any], intent: str, said: list[str]
) -> None:
    act = invited(replace(MEAL, **value), intent=Intent(intent), people=(KELLER, MONA))

    assert told(meals(act)) == said


def test_every_value_is_looked_at() -> None:
    fee = replace(MEAL, category=ValueCategory.FEE)

    assert told(meals(invited(values=(fee, replace(MEAL, person="guest"))))) == ["X R-086 meal_for_guest"]


@pytest.mark.parametrize(
    ("in_practice", "role", "pack", "said"),
    [
        (True, Role.FIELD_SERVICE, AMERICA, []),
        (False, Role.FIELD_SERVICE, AMERICA, ["X R-086 meal_elsewhere"]),
        (None, Role.FIELD_SERVICE, AMERICA, ["? R-086 meal_place_unknown"]),
        (False, Role.MSL, AMERICA, []),
        (False, Role.FIELD_SERVICE, (("US", "2026.1"),), []),
    ],
)
def test_in_america_field_service_eats_in_the_practice(
    in_practice: bool | None, role: Role, pack: Any, said: list[str]
) -> None:
    there = {"market": "US", "people": (replace(KELLER, markets=("US",)),), "pack_versions": pack}
    value = replace(MEAL, in_practice=in_practice, host_market="DE")
    found = told(meals(invited(value, role=role, **there)))

    assert [line for line in found if line != "A R-086 !FINDING"] == said


#

FEE = replace(MEAL, category=ValueCategory.FEE, budget_side=Side.MEDICAL)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ["D R-087 fee_without_contract [CONTRACT] -CONTRACT"]),
        ({"documents": {"CONTRACT"}}, ["D R-087"]),
        ({"topics": (OPEN, replace(OPEN, ref="b", documents={"CONTRACT"}))}, ["D R-087"]),
        ({"values": (MEAL,)}, []),
        ({"values": (MEAL, FEE, FEE)}, ["D R-087 fee_without_contract [CONTRACT] -CONTRACT"] * 2),
    ],
)
def test_a_fee_needs_its_contract(facts: dict[str, Any], said: list[str]) -> None:
    assert told(fees(visit(**{"topics": (OPEN,), "values": (FEE,), **facts}))) == said


EARLY = "X R-089 value_before topic=Novastat"


@pytest.mark.parametrize(
    ("topic", "side", "said"),
    [
        ({}, Side.COMMERCIAL, []),
        ({"zones": (MarketZone("DE", Zone.PRE),)}, Side.COMMERCIAL, [EARLY]),
        ({"zones": (MarketZone("DE", Zone.PRE, Zone.OPEN),)}, Side.COMMERCIAL, [EARLY]),
        ({"zones": (MarketZone("DE", Zone.PRE),)}, Side.MEDICAL, []),
        ({"zones": (MarketZone("DE", Zone.PRE),)}, None, []),
        ({"zones": (MarketZone("DE", Zone.CLOSED),)}, Side.COMMERCIAL, []),
        ({"zones": (MarketZone("DE", Zone.PRE),), "subject": Subject.DISEASE}, Side.COMMERCIAL, []),
        (
            {"zones": (MarketZone("DE", Zone.UNLISTED),), "subject": Subject.UNLISTED},
            Side.COMMERCIAL,
            [EARLY],
        ),
    ],
)
def test_nothing_from_a_commercial_budget_around_what_is_not_authorised(
    topic: dict[str, Any], side: Side | None, said: list[str]
) -> None:
    act = visit(OPEN, replace(OPEN, **topic), values=(replace(MEAL, budget_side=side),))

    assert told(before_authorisation(act)) == said


def test_value_counts_in_the_decision() -> None:
    known = {"objects_to_marketing": False, "do_not_contact": False}

    assert decide(call(OPEN, values=(replace(MEAL, currency=""),))).rules == ("R-088",)
    dear = replace(MEAL, amount="99", planned=True)
    german = decide(call(OPEN, values=(dear,), people=(replace(KELLER, **known),), **IN_GERMANY))
    assert "meal_above_cap" in {reason.code for reason in german.reasons}
    assert decide(call(OPEN, values=(FEE,))).missing == {"CONTRACT"}
    early = replace(OPEN, zones=(MarketZone("DE", Zone.PRE),))
    assert decide(call(early, values=(MEAL,))).rules == ("R-021", "R-089")
