"""Two versions of a record in words: what was, and what is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from compliance.policy import in_words
from compliance.policy.words import Basis, Channel, Document, Kind
from compliance.signing import Meaning, Signature, signatures_of
from interactions.amending import Amendment
from interactions.detail import TOLD
from interactions.models import Interaction

TEXTS = {
    **{
        name: TOLD[name]
        for name in ("kind", "channel", "title", "place", "starts_at", "ends_at", "note", "late_reason")
    },
    "market": gettext_lazy("Market"),
    "institution": gettext_lazy("Institution"),
    "joint_request": gettext_lazy("How the expert asked for both of you, in writing"),
}
OF_TOPIC = {
    "basis": gettext_lazy("how it came up"),
    "themes": gettext_lazy("themes"),
    "shared": gettext_lazy("what we shared"),
    "heard": gettext_lazy("what we heard"),
    "documents": gettext_lazy("documents"),
}
WORDS: dict[str, type[StrEnum]] = {"kind": Kind, "channel": Channel, "basis": Basis}


def versions_of(record: Interaction, reader: User) -> list[dict[str, Any]]:
    """Every signed version, the newest first, with its signatures and what it changed against the one before."""
    amendments = {
        one.base_version + 1: one
        for one in Amendment.objects.filter(interaction=record).exclude(outcome="REJECTED")
    }
    signed = signatures_of([record.pk, *(one.pk for one in amendments.values())], reader)
    found: list[dict[str, Any]] = []
    before: dict[str, Any] | None = None
    authored = (one for one in signed if one.meaning == Meaning.AUTHOR and one.record_id == record.pk)
    for one in sorted(authored, key=lambda one: one.record_version):
        amendment = amendments.get(one.record_version)
        if one.record_version > record.version and amendment is None:
            continue
        fields = read(one)
        found.append({
            "number": one.record_version,
            "current": one.record_version == record.version,
            "waits": one.record_version > record.version,
            "fields": told(fields) if fields else [],
            "changes": changes(before, fields) if before and fields else [],
            "amendment": amendment,
            "signatures": [one, *(s for s in signed if amendment and s.record_id == amendment.pk)],
            "sha256": one.sha256,
        })  # fmt: skip
        before = fields or before
    return found[::-1]


def read(signature: Signature) -> dict[str, Any]:
    """The fields that were signed; nothing where the text was erased by law."""
    return dict(json.loads(signature.content)["fields"]) if signature.content else {}


def told(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    """A version as a list of names and words, what is empty left out."""
    return [{"field": name, "text": text} for name, text in _lines(fields) if text]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """What differs, field by field."""
    was, becomes = dict(_lines(before)), dict(_lines(after))
    return [
        {"field": name, "before": was.get(name, ""), "after": becomes.get(name, "")}
        for name in dict.fromkeys([*was, *becomes])
        if was.get(name, "") != becomes.get(name, "")
    ]


def _lines(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    zone = ZoneInfo(fields["zone"])
    for name, label in TEXTS.items():
        yield str(label), _text(name, fields.get(name), zone)
    yield _("People"), "; ".join(_name(one) for one in fields.get("people", ()))
    for place, topic in enumerate(fields.get("topics", ()), start=1):
        title = _("Topic %(n)d") % {"n": place}
        yield title, (topic.get("about") or {}).get("name") or _("Organisation")
        for name, label in OF_TOPIC.items():
            yield f"{title}, {label}", _text(name, topic.get(name), zone)
    for name, given in (
        ("values", _("Something of value")),
        ("samples", _("Samples")),
        ("materials", _("Materials")),
    ):
        yield given, "; ".join(_given(one) for one in fields.get(name, ()))


def _text(name: str, value: Any, zone: ZoneInfo) -> str:
    match value:
        case None | "":
            return ""
        case dict() if name == "documents":
            return "; ".join(_document(code, given) for code, given in sorted(value.items()))
        case dict():
            return str(value.get("name", ""))
        case list():
            return ", ".join(map(str, value))
        case str() if name.endswith("_at"):
            local = datetime.fromisoformat(value).astimezone(zone)
            return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
        case str() if name in WORDS and value in set(WORDS[name]):
            return _(in_words(WORDS[name](value)))
        case _:
            return str(value)


def _document(code: str, given: Mapping[str, Any]) -> str:
    name = _(in_words(Document(code))) if code in set(Document) else code
    said = ", ".join(str(one) for one in given.values() if isinstance(one, str) and one)
    return f"{name}: {said}" if said else name


def _name(one: Mapping[str, Any]) -> str:
    return f"{one['name']} ({one['function']})" if one.get("function") else str(one["name"])


def _given(one: Mapping[str, Any]) -> str:
    """A line of the ledger: names and amounts, without what only machines read."""
    parts = [value.get("name", "") if isinstance(value, dict) else value for value in one.values()]
    return ", ".join(
        str(part)
        for part in parts
        if isinstance(part, int | str) and not isinstance(part, bool) and part != ""
    )
