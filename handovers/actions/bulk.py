"""One command over many handovers: a manifest, a savepoint each, a result each (rulebook 3.5)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from accounts.models import User
from compliance.policy import Refused
from handovers.actions._step import Conflict, Signature
from handovers.dossier import manifest_of
from handovers.models import Handover, HandoverStep


class Result(StrEnum):
    """How one item of a batch ended."""

    DONE = "done"
    ALREADY = "already done"
    CONFLICT = "version conflict"
    REFUSED = "refused"


@dataclass(frozen=True)
class Item:
    """One line of the manifest: the handover, and the version the person saw."""

    handover: Handover
    version: int


@dataclass(frozen=True)
class Outcome:
    """The result of one item, with the words of its refusal and the rules behind it."""

    handover: Handover
    result: Result
    words: str = ""
    rules: tuple[str, ...] = ()


def run_batch(
    step: Callable[..., Any],
    items: Sequence[Item],
    *,
    by: User,
    batch_id: UUID,
    transition: str,
    signed: str = "session",
    manifest: str = "",
    **arguments: Any,
) -> list[Outcome]:
    """Take one step with each item, by ascending relation; the first refusal stops nothing and halves
    nothing.

    Repeating a batch by its id finishes what a crash left and writes nothing twice. One act of signing
    covers the batch, the signature is stored with each item. `manifest` is that of the whole batch, where this
    is a part of one.
    """
    ordered = sorted(items, key=lambda item: item.handover.relation_id)
    manifest = manifest or manifest_for(ordered)
    signature = Signature(by, signed, manifest, batch_id)
    done = set(
        HandoverStep.objects.filter(batch=batch_id, transition=transition, by=by).values_list(
            "handover_id", flat=True
        )
    )
    return [_one(step, item, done, by=by, signature=signature, **arguments) for item in ordered]


def manifest_for(items: Sequence[Item]) -> str:
    """What was signed: every item with the version that was seen."""
    return manifest_of(
        (item.handover.pk, item.version, item.handover.package_hash)
        for item in sorted(items, key=lambda item: item.handover.relation_id)
    )


def _one(
    step: Callable[..., Any], item: Item, done: set[UUID], *, by: User, signature: Signature, **arguments: Any
) -> Outcome:
    if item.handover.pk in done:
        return Outcome(item.handover, Result.ALREADY)
    try:
        step(item.handover, by=by, version=item.version, **_signed(step, signature), **arguments)
    except Conflict as conflict:
        return Outcome(item.handover, Result.CONFLICT, str(conflict), conflict.decision.rules)
    except Refused as refusal:
        return Outcome(item.handover, Result.REFUSED, str(refusal), refusal.decision.rules)
    return Outcome(item.handover, Result.DONE)


def _signed(step: Callable[..., Any], signature: Signature) -> dict[str, Any]:
    """Steps that are signed take the signature; assigning and declining only carry the batch."""
    signed = "signature" in inspect.signature(step).parameters
    return {"signature": signature} if signed else {"batch": signature.batch}
