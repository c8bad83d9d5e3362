"""Confirming a lifecycle entry, and what must follow in the same transaction. The only way to confirm one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.acting import now
from accounts.models import User
from handovers.actions._step import lock_use, product_acts, step_action
from handovers.actions.exits import cancel_campaigns, freeze_closed
from handovers.actions.reversal import reverse_closed
from products import actions as products
from products.models import LifecycleEntry


@dataclass(frozen=True)
class Enacted:
    """What a confirmed entry has done: how many ownerships came back, how many handovers stopped."""

    reversed: int = 0
    frozen: int = 0
    cancelled: int = 0


@step_action
def enact_entry(entry: LifecycleEntry, *, by: User, effective_at: datetime | None = None) -> LifecycleEntry:
    """Confirm an entry as the second regulatory person and take back, in the same transaction, what it
    makes unlawful.

    An entry whose instant lies ahead cuts field service there and opens Medical from there. Opening
    handovers is a query of its own, `open_due_handovers`, for the caller to ask afterwards. What followed
    is told by `enacted`.
    """
    lock_use(entry.use_id)
    entry = products.confirm_entry(entry, by=by, effective_at=effective_at)
    return _follow(entry, by=by)


@step_action
def countersign_and_enact(voiding: LifecycleEntry, *, by: User) -> LifecycleEntry:
    """Compliance's signature makes a voiding take effect.

    What rested on the voided entry goes back (R-012).
    """
    lock_use(voiding.use_id)
    voiding = products.countersign_void(voiding, by=by)
    return _follow(voiding, by=by, voided=voiding.voids_id)


def _follow(entry: LifecycleEntry, *, by: User, voided: UUID | None = None) -> LifecycleEntry:
    with product_acts("reverse ownerships", by):
        use = lock_use(entry.use_id)
        assert use is not None  # noqa: S101 - its entry was just confirmed
        back = reverse_closed(use, by=by)
        cancelled = cancel_campaigns(use, voided, by=by) if voided else 0
        frozen = freeze_closed(use, at=now())
    entry.enacted = Enacted(len(back), frozen, cancelled)  # type: ignore[attr-defined]
    return entry
