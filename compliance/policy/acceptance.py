"""The acts a version of a pack must allow and refuse, judged before it may come into force (R-160).

An example states only what makes it one; all else is as it should be: trained, informed, asked first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .decide import decide
from .facts import Act
from .packs import Pack
from .words import Activity, Audience, Role, side_of

DAY = "2026-06-15T{}:00:00+00:00"
BEFORE, AFTER = "2026-03-01T00:00:00+00:00", "2027-06-01T00:00:00+00:00"
USE = "novastat"


def failures(pack: Pack) -> tuple[str, ...]:
    """What of its examples a version gets wrong; too few examples are wrong as well."""
    return tuple(_failures(pack))


def _failures(pack: Pack) -> Iterator[str]:
    if len(pack.passing) < 2 or len(pack.failing) < 2:
        yield "Two acts that pass and two that fail are the least."
    for example in pack.passing:
        decision = decide(act(pack, example))
        if not decision.allowed:
            yield f"{example['says']}: {', '.join(sorted({r.rule for r in decision.reasons}))}"
    for example in pack.failing:
        decision = decide(act(pack, example))
        told = {reason.rule for reason in decision.reasons}
        if decision.allowed or example["rule"] not in told:
            yield f"{example['says']}: {', '.join(sorted(told)) or decision.outcome.name}"


def act(pack: Pack, example: Mapping[str, Any]) -> Act:
    """An example as an act."""
    said = dict(example["act"])
    colleague, meal, currency = said.pop("with", ""), said.pop("meal", ""), said.pop("currency", "")
    people = [_person(pack.market, example.get("person", {}))]
    if colleague:
        people.append({"ref": "colleague", "audience": "INTERNAL", "side": side_of(colleague)})
    if meal:
        said["values"] = [_meal(pack.market, meal, currency, said["role"])]
    if "materials" in said:
        said["materials"] = [_material(pack.market, name) for name in said["materials"]]
    if "samples" in said:
        said["samples"] = [_sample(name) for name in said["samples"]]
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
    return {**usual, **said}


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
    found = {**usual, **said}
    # The files have no word for nothing.
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


def _sample(name: str) -> dict[str, Any]:
    """The first one of the year, or one beyond any number."""
    return {
        "use": USE,
        "person": "keller",
        "requested_at": DAY.format("08"),
        "signed": True,
        "lot": "L1",
        "expires": AFTER,
        "given_this_year": 99 if name == "beyond" else 0,
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
