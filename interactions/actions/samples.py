"""A sample is a record of its own beside the call at which it was handed out (R-043, R-085)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.models import User
from compliance import audit
from compliance.policy import Document, Kind, Subject
from interactions.actions.log import log_interaction
from interactions.facts import Event, Present, Spoken
from interactions.handed import Given
from interactions.models import Interaction


@audit.action
def log_with_sample(
    *, by: User, event: Event, sample: Given, smpc: bool, **contact: Any
) -> tuple[Interaction, Interaction]:
    """Record a call and the sample handed out at it: both, or neither.

    The request is what the sample rests on: its day counts as the day somebody asked.
    """
    call = log_interaction(by=by, event=event, **contact)
    [handed] = sample.samples
    documents: dict[Document, dict[str, object]] = {
        Document.REQ: {"question": f"{handed.quantity} × {handed.use}", "asked_at": handed.requested_at}
    }
    if smpc:
        documents[Document.SMPC] = {"said": True}
    record = log_interaction(
        by=by, event=replace(event, kind=Kind.SAMPLE), side_effect=False, given=sample,
        topics=[Spoken(subject=Subject.USE, use=handed.use, documents=documents)],
        people=[Present(kol=handed.kol, main=True)],
    )  # fmt: skip
    return call, record
