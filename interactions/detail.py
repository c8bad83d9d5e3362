"""A record in words: what it was about, what the boundary said, and what was changed since."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import acting_as, system
from accounts.models import User
from compliance.policy import Decision, Document, in_words, label, sentence
from interactions.models import Interaction, Topic

TONES = {"PRE": "plum", "OPEN": "green", "CLOSED": "red", "UNLISTED": "plum"}


def described(record: Interaction) -> dict[str, Any]:
    """What lists and pages show of a record. Ask with its people and topics prefetched."""
    people = [str(person) for person in record.attendees.all()]
    return {
        "record": record,
        "people": ", ".join(people[:3])
        + (_(" and %(n)s more") % {"n": len(people) - 3} if len(people) > 3 else ""),
        "tags": [tag_of(topic) for topic in record.topics.all()],
        "missing": [in_words(Document(code)) for code in record.missing],
        "boundary": boundary_of(record),
    }


def tag_of(topic: Topic) -> dict[str, str]:
    name = topic.use.indication.product.name if topic.use else str(topic)
    basis = {
        "UNSOLICITED_REQUEST": _("asked"),
        "PROACTIVE": _("planned"),
        "STUDY_SUPPORT": _("study"),
        "CONTRACTED_BOARD": _("board"),
    }.get(topic.basis, "")
    tone = TONES.get(topic.zone, "slate")
    return {
        "text": f"{name}, {basis}" if basis else name,
        "tone": tone,
        "icon": "flask" if tone == "plum" else "",
    }


def boundary_of(record: Interaction) -> dict[str, Any] | None:
    """The decision as it was made: rules, reasons, version of the policy."""
    if not record.decision:
        return None
    decision = Decision.from_json(record.decision)
    return {
        "rules": ", ".join(decision.rules),
        "reasons": [sentence(reason, market=record.market.name) for reason in decision.reasons],
        "missing": label("documents", " ".join(sorted(decision.missing))),
        "version": decision.version[:12],
    }


# Columns that say something to a reader, in the words of the form.
TOLD = {
    "kind": gettext_lazy("Kind"),
    "channel": gettext_lazy("Channel"),
    "title": gettext_lazy("Title"),
    "place": gettext_lazy("Place"),
    "starts_at": gettext_lazy("Start"),
    "ends_at": gettext_lazy("End"),
    "note": gettext_lazy("What to remember"),
    "late_reason": gettext_lazy("Why it is entered late"),
    "status": gettext_lazy("State"),
    "missing": gettext_lazy("Still missing"),
}
_HISTORY = """
SELECT at, actor, before, after FROM compliance_rowchange WHERE row = %s ORDER BY sequence DESC LIMIT 50
"""


def history_of(record: Interaction, *, reader: User) -> list[dict[str, Any]]:
    """Versions, newest first, each with what was and what is. For the author and for oversight."""
    # The history table itself is for oversight alone; this is one record the reader may see.
    with acting_as(system("show the versions of a record", by=reader)), connection.cursor() as cursor:
        cursor.execute(_HISTORY, [record.pk])
        rows = cursor.fetchall()
    names = {str(user.pk): user.name for user in (record.author, reader)}
    return [
        {
            "at": at,
            "who": names.get(actor, _("the product")),
            "first": before is None,
            "changes": _diff(before, after),
        }
        for at, actor, before, after in rows
    ]


def _diff(before: Any, after: Any) -> list[dict[str, Any]]:
    before, after = _read(before), _read(after)
    if not before:
        return []
    return [
        {"field": words, "before": _plain(before.get(name)), "after": _plain(after.get(name))}
        for name, words in TOLD.items()
        if before.get(name) != after.get(name)
    ]


def _read(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value or {}


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
