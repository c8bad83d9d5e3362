"""The acts a version of a pack must allow and refuse, judged before it may come into force (R-160).

An example states only what makes it one; all else is as it should be: trained, informed, asked first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .decide import decide
from .facts import Act
from .packs import Pack, Rule
from .words import Activity, Audience, Role, side_of

DAY = "2026-06-15T{}:00:00+00:00"
BEFORE, AFTER = "2026-03-01T00:00:00+00:00", "2027-06-01T00:00:00+00:00"
USE = "novastat"
UNKNOWN = "unknown"
Example = Mapping[str, Any]


def failures(pack: Pack) -> tuple[str, ...]:
    """What of its examples a version gets wrong; too few examples are wrong as well."""
    return tuple(_failures(pack))


def _failures(pack: Pack) -> Iterator[str]:
    if len(pack.passing) < 2 or len(pack.failing) < 2:
        yield "Two acts that pass and two that fail are the least."
    for rule in pack.rules:
        passing, failing = of_rule(pack, rule)
        if len(passing) < 2 or len(failing) < 2:
            yield f"{rule.rule}: two acts that pass and two that fail are the least."
    own = [of_rule(pack, rule) for rule in pack.rules]
    for example in (*pack.passing, *(each for passing, _ in own for each in passing)):
        decision = decide(act(pack, example))
        if not decision.allowed:
            yield f"{example['says']}: {', '.join(sorted({r.rule for r in decision.reasons}))}"
    for example in (*pack.failing, *(each for _, failing in own for each in failing)):
        decision = decide(act(pack, example))
        told = {reason.rule for reason in decision.reasons}
        if decision.allowed or example["rule"] not in told:
            yield f"{example['says']}: {', '.join(sorted(told)) or decision.outcome.name}"


def of_rule(pack: Pack, rule: Rule) -> tuple[list[Example], list[Example]]:
    """The acts one rule of a version must allow and refuse: those of its demand, its row or its number."""
    if rule.rule == "R-086" and not rule.demands:
        return _of_meals(pack)
    key = rule.demands or ("samples" if rule.rule == "R-085" else rule.rule)
    found = shared().get(key, {})
    wanted = [each for each in found.get("pass", ()) if pack.market not in each.get("unless", ())]
    return wanted, [{"rule": rule.rule, **each} for each in found.get("fail", ())]


@cache
def shared() -> Mapping[str, Mapping[str, list[Example]]]:
    """The acts every version shares, by demand or rule."""
    return tomllib.loads((Path(__file__).parent / "examples.toml").read_text(encoding="utf-8"))


def _of_meals(pack: Pack) -> tuple[list[Example], list[Example]]:
    """At the cap and below, above it and in another currency; where there is none, no meal is planned."""
    topic = {"zone": "OPEN", "standing": "OWNER"}
    cap, currency = pack.meal_cap or ("", "USD")

    def meal(says: str, amount: str, of: str = currency, intent: str = "PLAN") -> Example:
        return {
            "says": says, "rule": "R-086", "topic": topic,
            "act": {"role": "MSL", "intent": intent, "meal": amount, "currency": of},
        }  # fmt: skip

    if not cap:
        took_place = meal("A meal that took place is recorded", "1", intent="RECORD")
        without = {"says": "A visit without a meal", "topic": topic, "act": {"role": "MSL"}}
        return [took_place, without], [meal("A planned meal", "1"), meal("A planned dinner", "99")]
    above = str(int(cap) + 1)
    return (
        [meal("A planned meal at the cap", cap), meal("A planned coffee", "3")],
        [meal("A planned meal above the cap", above), meal("A planned meal in another currency", "3", "XXX")],
    )


def act(pack: Pack, example: Mapping[str, Any]) -> Act:
    """An example as an act."""
    said = dict(example["act"])
    colleague, meal, currency = said.pop("with", ""), said.pop("meal", ""), said.pop("currency", "")
    elsewhere = said.pop("elsewhere", False)
    people = [_person(pack.market, example.get("person", {}))]
    if colleague:
        people.append({"ref": "colleague", "audience": "INTERNAL", "side": side_of(colleague)})
    if meal:
        said["values"] = [{**_meal(pack.market, meal, currency, said["role"]), "in_practice": not elsewhere}]
    if "materials" in said:
        said["materials"] = [_material(pack.market, name) for name in said["materials"]]
    if "samples" in said:
        said["samples"] = [_sample(name, pack) for name in said["samples"]]
    usual: dict[str, Any] = {
        "intent": "RECORD",
        "kind": "VISIT",
        "channel": "IN_PERSON",
        "starts_at": DAY.format("12"),
        "ends_at": DAY.format("13"),
        "recorded_at": DAY.format("14"),
        "market": pack.market,
        "topics": [_topic(pack.market, dict(example["topic"]))],
        "people": people,
        "packs": [pack.market],
        "pack_versions": [[pack.market, pack.version]],
        "certificates": [
            {"kind": kind, "valid_from": BEFORE, "valid_to": AFTER}
            for kind in ("PRODUCT_TRAINING", "QUALIFICATION", "INTERNAL_USE_ONLY")
        ],
    }
    return Act.from_json({**usual, **said})


def _topic(market: str, said: dict[str, Any]) -> dict[str, Any]:
    usual = {
        "ref": USE,
        "name": "Novastat",
        "prompted": False,
        "submitted": True,
        "expected_at": DAY.format("12"),
        "zones": [[market, said.pop("zone")]],
    }
    return _known({**usual, **said})


def _known(said: dict[str, Any]) -> dict[str, Any]:
    """The files have no word for nothing: what is "unknown" was never looked at."""
    return {name: None if value == UNKNOWN else value for name, value in said.items()}


def _person(market: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody we know of old, who was told so, agreed to nothing and objects to nothing."""
    usual: dict[str, Any] = {
        "ref": "keller",
        "markets": [market],
        "consents": [],
        "objects_to_marketing": False,
        "do_not_contact": False,
        "informed_at": BEFORE,
        "known_since": BEFORE,
        "prescriber": True,
        "calls_this_year": 0,
    }
    found = _known({**usual, **said})
    if found["consents"]:
        found["consents"] = [{"market": market, "withdrawn_at": None, **each} for each in found["consents"]]
    return {**found, "informed_at": found["informed_at"] or None}


def _material(market: str, name: str) -> dict[str, Any]:
    """Approved for all it may be used for; ``recalled`` is promotional and no longer is."""
    recalled = {"recalled_at": BEFORE} if name == "recalled" else {}
    return {
        "ref": name,
        "name": "The brochure",
        "purpose": "PROMOTIONAL" if name == "recalled" else name.upper(),
        "status": "APPROVED",
        "valid_from": BEFORE,
        "valid_to": AFTER,
        "uses": [{"ref": USE, "zones": [[market, "OPEN"]]}],
        "markets": [market],
        "audiences": list(Audience),
        "roles": list(Role),
        "activities": list(Activity),
        **recalled,
    }


def _sample(name: str, pack: Pack) -> dict[str, Any]:
    """The first one of the year, the last that is allowed, one over, or one beyond any number."""
    allowed = pack.parameters["PP-09 samples_per_year"]
    before = {"last": max(allowed - 1, 0), "over": allowed, "beyond": 99}
    return {
        "use": USE,
        "person": "keller",
        "requested_at": DAY.format("08"),
        "signed": True,
        "lot": "L1",
        "expires": AFTER,
        "given_this_year": before.get(name, 0),
        "controlled": False,
    }


def _meal(market: str, amount: str, currency: str, role: str) -> dict[str, Any]:
    return {
        "category": "MEAL",
        "amount": amount,
        "currency": currency,
        "host_market": market,
        "person": "keller",
        "budget_side": str(side_of(role)),
        "in_practice": True,
    }
