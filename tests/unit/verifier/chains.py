"""Exports made by an independent reading of docs/trail-format.md, and ways to forge them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

KEY = b"known to Compliance alone"
BEFORE_THE_FIRST = "0" * 64
HASHED = ("previous", "sequence", "kind", "key", "at", "sealed_at", "actor", "action", "object", "commitment")


def netstring(value: object) -> bytes:
    data = str(value).encode("utf-8")
    return str(len(data)).encode("ascii") + b":" + data + b","


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def reseal(seals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The seals chained anew, as whoever owns the database can do it."""
    previous = BEFORE_THE_FIRST
    chained = []
    for place, seal in enumerate(seals, 1):
        one = {**seal, "sequence": place, "previous": previous}
        if one["salt"] is not None and one["payload"] is not None:
            one["commitment"] = sha256(bytes.fromhex(one["salt"]) + one["payload"].encode("utf-8"))
        one["hash"] = previous = sha256(b"".join(netstring(one[name]) for name in HASHED))
        chained.append(one)
    return chained


def seal(number: int, action: str = "edited", kind: str = "E", **payload: Any) -> dict[str, Any]:
    said = {"verb": action, "facts": {}, "subject_words": f"Prof. Dr. Müller {number} „☂“\n", **payload}
    return {
        "kind": kind, "key": number, "at": f"2026-01-01T00:00:{number % 60:02d}.000000Z",
        "sealed_at": f"2026-01-01T00:01:{number % 60:02d}.000000Z", "actor": f"person-{number % 3}", "action": action,
        "object": f"kols.KOL:{number}", "salt": sha256(b"salt %d" % number)[:32],
        "payload": json.dumps(said, ensure_ascii=False), "commitment": "",
    }  # fmt: skip


def chain(length: int) -> list[dict[str, Any]]:
    return reseal([seal(number, kind="ER"[number % 2]) for number in range(1, length + 1)])


def export(seals: list[dict[str, Any]]) -> list[str]:
    end = {"end": len(seals), "hash": seals[-1]["hash"] if seals else BEFORE_THE_FIRST}
    return [json.dumps(line, ensure_ascii=False) for line in ({"form": "msl-crm trail 1"}, *seals, end)]


def anchor(seal: dict[str, Any], key: bytes = KEY) -> str:
    found = {"sequence": seal["sequence"], "hash": seal["hash"], "at": "2026-01-01T01:00:00.000000Z"}
    covered = b"".join(netstring(found[name]) for name in ("sequence", "hash", "at"))
    mac = hmac.new(key, covered, hashlib.sha256).hexdigest() if key else ""
    return json.dumps({**found, "mac": mac})


def erased(seals: list[dict[str, Any]], *numbers: int) -> list[dict[str, Any]]:
    """The payloads of these are gone; nothing else has changed."""
    return [{**one, "salt": None, "payload": None} if one["sequence"] in numbers else one for one in seals]
