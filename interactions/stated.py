"""A record of contact as it is put before its signer: every answer, with the names of then, in plain fields (R-141).

The same record gives the same fields, whatever keys its rows have: parts are sorted by what they say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from compliance.policy import Decision, Side
from compliance.signing import Statement
from interactions.models import Attendee, Change, Interaction, Topic

RELATED = ("author", "market", "institution")
PARTS = (
    "attendees__kol", "attendees__colleague", "topics__use__indication__product", "topics__use__market",
    "topics__product", "topics__area", "topics__themes", "valuegivens__kol", "samplegivens__kol",
    "samplegivens__use__indication__product", "materialgivens__version__material", "materialgivens__kol", "changes",
    "wordmarks",
)  # fmt: skip
SIDES = {"MEDICAL": Side.MEDICAL, "FIELD": Side.COMMERCIAL}


def statement_of(record: Interaction, *, draft: Interaction | None = None) -> Statement:
    """What signing this record says; with `draft`, what signing its next version says. Ask with all parts prefetched."""
    version = record.version if draft is None else record.version + 1
    return Statement(record, version, fields_of(record, draft), side_of(record))


def side_of(record: Interaction) -> Side:
    return SIDES.get(record.compartment) or Side(record.author_side)


def fields_of(record: Interaction, draft: Interaction | None = None) -> dict[str, Any]:
    now_ = draft or record
    changes = [*record.changes.all(), *(draft.changes.all() if draft else ())]
    decision = Decision.from_json(now_.decision or {}) if now_.decision else None
    return {
        "author": _ref(record.author),
        "author_role": record.author_role,
        "compartment": record.compartment,
        "kind": now_.kind,
        "channel": now_.channel,
        "title": now_.title,
        "market": now_.market.code,
        "institution": _ref(now_.institution),
        "place": now_.place,
        "starts_at": now_.starts_at,
        "ends_at": now_.ends_at,
        "zone": now_.zone,
        "note": now_.note,
        "late_reason": now_.late_reason,
        "joint_request": now_.joint_request,
        "side_effect": now_.side_effect,
        "safety_report": record.safety_report_id,
        "follows_plan": record.follows_plan_id,
        "recorded_at": record.recorded_at,
        "people": _sorted(_person(one) for one in now_.attendees.all()),
        "topics": [_topic(one) for one in sorted(now_.topics.all(), key=lambda one: one.position)],
        "values": _sorted(
            {"person": _ref(one.kol), "what": one.category, "amount": one.amount, "currency": one.currency,
             "on": one.given_on, "in_practice": one.in_practice, "taxed": one.taxed, "payer": one.payer}
            for one in now_.valuegivens.all()
        ),
        "samples": _sorted(
            {"person": _ref(one.kol), "use": _ref(one.use), "packs": one.quantity, "requested_at": one.requested_at,
             "signed": one.signed, "lot": one.lot, "expires_on": one.expires_on, "controlled": one.controlled}
            for one in now_.samplegivens.all()
        ),
        "materials": _sorted(
            {"material": _ref(one.version), "person": _ref(one.kol), "name": one.name, "how": one.method}
            for one in now_.materialgivens.all()
        ),
        "kept_words": _sorted(
            {"where": one.field, "topic": one.position, "start": one.start, "end": one.end, "level": one.level,
             "why": one.kept_because}
            for one in now_.wordmarks.all()
        ),
        "changes": _sorted(_change(one) for one in changes),
        "missing": sorted(map(str, now_.missing)),
        "decision": {
            "outcome": decision.outcome.name, "kind": str(decision.kind), "rules": list(decision.rules),
            "policy": decision.version,
        } if decision else None,
    }  # fmt: skip


def _ref(one: Model | None) -> dict[str, Any] | None:
    return None if one is None else {"id": one.pk, "name": str(one)}


def _person(one: Attendee) -> dict[str, Any]:
    known = one.kol or one.colleague
    return {"id": known.pk if known else None, "name": str(known or one.name), "function": one.function,
            "audience": one.audience, "colleague": one.colleague_id is not None, "main": one.main}  # fmt: skip


def _topic(one: Topic) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "about": _ref(one.use or one.product or one.area),
        "basis": one.basis,
        "themes": sorted(theme.name for theme in one.themes.all()),
        "shared": one.shared,
        "heard": one.heard,
        "documents": _told(one.documents),
        "activity": one.activity,
        "standing": one.standing,
        "zone": one.zone,
    }


def _change(one: Change) -> dict[str, Any]:
    return {"what": one.kind, "about": one.about, "before": one.before, "after": one.after, "reason": one.reason,
            "at": one.at}  # fmt: skip


def _told(value: Any) -> Any:
    """Evidence as it is kept; a broken number as its text, so that it is the same on every machine."""
    match value:
        case float():
            return repr(value)
        case dict():
            return {name: _told(one) for name, one in value.items()}
        case list():
            return [_told(one) for one in value]
        case _:
            return value


def _sorted(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(sorted(row.items(), key=lambda item: item[0])))
