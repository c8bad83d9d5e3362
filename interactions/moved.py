"""A date moved across a boundary after the first save: what exactly Compliance is asked about, and allows (R-069)."""

from __future__ import annotations

import json
from datetime import UTC
from hashlib import sha256

from compliance.policy import Act
from interactions.models import Interaction


def mark_of(act: Act) -> str:
    """The same for two acts of one kind, minute, talk and company; a note or a proof more changes nothing."""
    at = act.starts_at.astimezone(UTC).replace(second=0, microsecond=0)
    topics = sorted([str(topic.subject), topic.ref, str(topic.basis or "")] for topic in act.topics)
    people = sorted(person.ref for person in act.people)
    said = [str(act.kind), act.market, at.isoformat(), topics, people]
    return sha256(json.dumps(said).encode()).hexdigest()


def awaits_approval(record: Interaction) -> Act | None:
    """The act of a draft whose new date nobody of Compliance has allowed yet."""
    if record.status != Interaction.Status.DRAFT or record.act is None:
        return None
    act = Act.from_json(record.act)
    return act if act.moved_across and not act.date_approved else None


def still_approved(before: Interaction | None, act: Act) -> bool:
    """Whether what Compliance allowed of the record as it stood is what this act is, to the minute."""
    if before is None or before.act is None:
        return False
    was = Act.from_json(before.act)
    return was.date_approved and mark_of(was) == mark_of(act)
