"""Which changes of signed records, and which very late drafts, wait for one person's signature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from compliance.policy import Role
from compliance.policy.words import Duty
from compliance.signing import Meaning, canonical, signatures_of
from interactions.amending import Amendment, Outcome, Voiding
from interactions.differences import changes, told
from interactions.line import is_line, may_answer
from interactions.models import Interaction
from interactions.open_drafts import approves
from interactions.stated import PARTS, RELATED, fields_of

SHOWN = 100


@dataclass(frozen=True)
class Waiting:
    """One thing to sign: what it is, about which record, since when."""

    kind: str
    pk: UUID
    record: Interaction
    since: datetime
    proposal: Amendment | Voiding | None = None


def waiting_for(user: User) -> list[Waiting]:
    """Everything, the oldest first."""
    found = [*_amendments(user), *_voidings(user), *_late(user)]
    return sorted(found, key=lambda one: (one.since, one.pk))[:SHOWN]


def one_for(user: User, kind: str, pk: UUID) -> Waiting | None:
    """One of them, if it still waits for this person."""
    source = {"amendment": _amendments, "voiding": _voidings, "late": _late}.get(kind)
    return next(iter(source(user, pk)), None) if source else None


def details_of(one: Waiting) -> dict[str, Any]:
    """What the signer reads: the differences of a proposed version, else the record itself."""
    record = _whole(one.record.pk)
    if isinstance(one.proposal, Amendment):
        return {
            "changes": changes(
                _plain(fields_of(record)), _plain(fields_of(record, _whole(one.proposal.draft_id)))
            )
        }
    return {"fields": told(_plain(fields_of(record)))}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """As it is read back from a signature."""
    return dict(json.loads(canonical("", UUID(int=0), 0, fields))["fields"])


def _whole(pk: UUID) -> Interaction:
    return Interaction.objects.select_related(*RELATED).prefetch_related(*PARTS).get(pk=pk)


def _about(user: User, model: Any, pk: UUID | None) -> list[Any]:
    rows = (
        model.objects.visible_to(user)
        .filter(outcome=Outcome.OPEN)
        .select_related("interaction__market", "interaction__author")
    )
    return list((rows.filter(pk=pk) if pk else rows).order_by("asked_at", "pk")[:SHOWN])


def _amendments(user: User, pk: UUID | None = None) -> Iterator[Waiting]:
    rows = [row for row in _about(user, Amendment, pk) if may_answer(row.interaction, user)]
    signed = signatures_of([row.pk for row in rows], user) if rows else []
    for row in rows:
        given = [one for one in signed if one.record_id == row.pk]
        compliance = any(one.meaning == Meaning.APPROVED_COMPLIANCE for one in given)
        mine = any(one.signer_id == user.pk for one in given)
        done = (
            compliance
            if user.role == Role.COMPLIANCE and not is_line(row.interaction, user)
            else any(map(approves, given))
        )
        if not mine and not done:
            yield Waiting("amendment", row.pk, row.interaction, row.asked_at, row)


def _voidings(user: User, pk: UUID | None = None) -> Iterator[Waiting]:
    for row in _about(user, Voiding, pk):
        if is_line(row.interaction, user):
            yield Waiting("voiding", row.pk, row.interaction, row.asked_at, row)


def _late(user: User, pk: UUID | None = None) -> Iterator[Waiting]:
    rows = Interaction.objects.visible_to(user).filter(
        status=Interaction.Status.DRAFT, missing=[], decision__duties__contains=[str(Duty.LINE_APPROVAL)]
    )
    rows = rows.filter(pk=pk) if pk else rows
    found = [
        row
        for row in rows.select_related("market", "author").order_by("recorded_at", "pk")[:SHOWN]
        if is_line(row, user)
    ]
    signed = signatures_of([row.pk for row in found], user) if found else []
    approved = {(one.record_id, one.record_version) for one in signed if approves(one)}
    for row in found:
        if (row.pk, row.version) not in approved:
            yield Waiting("late", row.pk, row, row.recorded_at)
