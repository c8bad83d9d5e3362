"""The version of the policy: a hash of every table an answer can turn on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any


def canonical(value: Any) -> Any:
    """A table as plain lists and text in one fixed order, so that equal tables have equal text."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        return sorted(([canonical(key), canonical(held)] for key, held in value.items()), key=json.dumps)
    if is_dataclass(value) and not isinstance(value, type):
        return [[each.name, canonical(getattr(value, each.name))] for each in fields(value)]
    if isinstance(value, set | frozenset):
        return sorted((canonical(item) for item in value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [canonical(item) for item in value]
    return value


def tables() -> dict[str, Any]:
    """Everything an answer can turn on. A change of any of it is another version."""
    # Inside the function: the tables' own modules stamp their decisions with the version.
    from . import deeds, families, handover, lifecycle, matrix, packs, parameters, topics, words, zones

    return {
        "matrix": matrix.MATRIX,
        "kinds": matrix.BY_KIND,
        "bases": matrix.BY_BASIS,
        "disease kinds": matrix.DISEASE_KINDS,
        "admin kinds": matrix.ADMIN_KINDS,
        "remote": topics.REMOTE,
        "one to one": topics.ONE_TO_ONE,
        "zones": zones.ZONES,
        "lifecycle": lifecycle.FOLLOWERS,
        "handover": handover.TRANSITIONS,
        "guards": handover.GUARDS,
        "deeds": deeds.DEEDS,
        "parameters": parameters.PARAMETERS,
        "sides": words.SIDES,
        "packs": packs.packs(),
        "families": [family.__name__ for family in families.FAMILIES],
    }


@cache
def version() -> str:
    """Twelve hexadecimal digits, the same on every machine for the same tables."""
    return hashlib.sha256(json.dumps(canonical(tables())).encode()).hexdigest()[:12]
