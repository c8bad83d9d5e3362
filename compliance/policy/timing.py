"""Rules D: what a change of the date brings (R-069).

That the event's own instant counts (R-065, R-068) needs no rule here: zones, standing, certificates and
consents are those of that instant, and the matrix refuses what was not allowed then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .facts import Act
from .rulings import Ruling, needing, unknown
from .words import Document, Duty


def moved(act: Act) -> Iterator[Ruling]:
    """R-069: another date than first saved needs a reason; across a boundary, Compliance too."""
    if act.moved_from is None or act.moved_from == act.starts_at:
        return
    if act.moved_across is None:
        yield unknown("moved_across_unknown", "R-069")
    given = act.change_reason or Document.CHANGE in act.documents
    wanted = {Document.CHANGE} if not given else set()
    duties: tuple[Duty, ...] = ()
    if act.moved_across:
        wanted |= set() if act.date_approved else {Document.PRECLEAR} - act.documents
        duties = (Duty.COMPLIANCE_APPROVAL, Duty.SAMPLED)
    yield replace(needing("R-069", wanted, code="moved"), duties=duties)
