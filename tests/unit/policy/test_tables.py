"""Every table of the policy against its second reading in ``second_reading.txt``, line by line."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from compliance.policy import (
    HandoverState,
    Role,
    contact_words,
    eligibility,
    facts,
    handover,
    panel,
    rulings,
    things,
    words,
    zones,
)
from compliance.policy.deeds import DEEDS
from compliance.policy.facts import LATER_OF_ACT, LATER_OF_PERSON, LATER_OF_TOPIC
from compliance.policy.packs import Pack, Rule
from compliance.policy.parameters import PARAMETERS, parameter

PEOPLE = [*Role, "SYSTEM"]
STATES = [None, *HandoverState]


def second_reading() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("second_reading.txt").read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("["):
            lines = found.setdefault(line[1 : line.index("]")], [])
        elif line:
            lines.append(line)
    return found


def in_order(some: Iterable[Any], order: list[Any]) -> str:
    return " ".join(str(each or "-") for each in sorted(some, key=order.index))


def who(roles: frozenset[str]) -> str:
    if roles == frozenset(Role):
        return "everybody"
    if roles == frozenset(Role) - {Role.AUDITOR}:
        return "everybody but AUDITOR"
    return in_order(roles, PEOPLE)


def steps() -> Iterable[str]:
    for step in handover.TRANSITIONS:
        how = ["signed" if step.needs_signature else "not signed"]
        how += ["recipient only"] if step.only_recipient else []
        how += ["three people"] if step.distinct else []
        parts = (step.id, in_order(step.origins, STATES), step.target or "-", in_order(step.who, PEOPLE))
        yield ": ".join((*parts, ", ".join(how), step.meaning, " ".join(step.guards)))


SPOKEN = (words.__name__, contact_words.__name__)


def enumerations() -> dict[str, type[Enum]]:
    return {
        name: held
        for module, homes in ((words, SPOKEN), (things, (things.__name__,)))
        for name, held in vars(module).items()
        if isinstance(held, type) and issubclass(held, Enum) and held.__module__ in homes
    }


def pairs(table: Mapping[Any, Any]) -> list[str]:
    return [f"{key}: {value}" for key, value in table.items()]


TABLES: dict[str, Iterable[str]] = {
    "DEEDS": [f"{deed}: {rule}: {who(roles)}" for deed, (rule, roles) in DEEDS.items()],
    "STEPS": list(steps()),
    "GUARDS": pairs(handover.GUARDS),
    "BOARD": [
        f"{state}: {handover.column_of(state)}: {handover.STAGE_DAYS.get(state, '')}"
        for state in HandoverState
    ],
    "REMINDERS": [": ".join(map(str, reminder)) for reminder in handover.REMINDERS],
    "PARAMETERS": pairs(PARAMETERS),
    "WORDS": [f"{name}: {' '.join(str(w.value) for w in kept)}" for name, kept in enumerations().items()],
    "SPOKEN": [
        f"{name}: {', '.join(words.in_words(w).replace(',', ';') for w in kept)}"  # type: ignore[arg-type]
        for name, kept in enumerations().items()
        if kept.__module__ in SPOKEN and name not in ("Outcome", "DecisionKind")
    ],
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_was_read_twice(name: str) -> None:
    assert [line.rstrip() for line in TABLES[name]] == second_reading()[name]


def test_every_table_of_the_second_reading_is_compared() -> None:
    assert set(second_reading()) == set(TABLES)


def test_a_parameter_is_found_by_its_name_and_no_other() -> None:
    assert all(parameter(name) == value for name, value in PARAMETERS.items())
    with pytest.raises(KeyError):
        parameter("PP-99 nothing")


FACTS = [
    held
    for module in (facts, things, zones, rulings, panel, handover, eligibility)
    for held in vars(module).values()
    if dataclasses.is_dataclass(held) and isinstance(held, type) and held.__module__ == module.__name__
] + [Pack, Rule]
BY_PLACE = {
    *("MarketZone", "Reason", "Certificate", "MaterialUse", "Material", "Consent", "Value", "Sample"),
    *("Option", "Panel"),
}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_a_fact_is_frozen_and_holds_nothing_but_what_it_names(fact: Any) -> None:
    named = [each.name for each in dataclasses.fields(fact)]

    assert fact.__dataclass_params__.frozen
    assert "__dict__" not in dir(fact)
    kinds = {name: p.kind for name, p in inspect.signature(fact).parameters.items()}
    by_place = fact.__name__ in BY_PLACE
    expected = inspect.Parameter.POSITIONAL_OR_KEYWORD if by_place else inspect.Parameter.KEYWORD_ONLY
    assert kinds == dict.fromkeys(named, expected)


def test_what_came_later_is_written_only_where_it_is_stated() -> None:
    first = {
        facts.Topic: "ref name subject zones basis standing documents sibling_open",
        facts.Person: "ref audience markets side",
        facts.Act: "role intent kind channel starts_at recorded_at ends_at market topics people packs documents "
        "late_reason attending third_party_congress",
    }
    later = {facts.Topic: LATER_OF_TOPIC, facts.Person: LATER_OF_PERSON, facts.Act: LATER_OF_ACT}
    for fact, names in first.items():
        assert [each.name for each in dataclasses.fields(fact)] == [*names.split(), *later[fact]]


def test_a_reason_comes_in_order_so_that_a_receipt_is_the_same_text_each_time() -> None:
    one, other = facts.Reason("R-001", "b"), facts.Reason("R-002", "a")

    assert sorted([other, one]) == [one, other]
    assert facts.Reason.of("R-001", "x", b="2", a="1").params == (("a", "1"), ("b", "2"))
