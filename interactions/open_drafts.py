"""A person's open drafts: which can be signed as they stand, and what each of the others lacks (R-141, decision 21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.models import User
from compliance import policy
from compliance.policy import Act, Decision, DecisionKind
from compliance.policy.words import Duty
from compliance.signing import Signature, signatures_of
from interactions.models import Closing, Interaction, InteractionQuerySet
from interactions.stated import PARTS, RELATED

AT_ONCE = 100
# What the line says under a draft that was entered very late.
APPROVALS = frozenset({"APPROVED_MEDICAL", "REVIEWED"})


@dataclass(frozen=True)
class Hindrance:
    """Why a draft cannot be signed as it stands."""

    rule: str
    code: str


INCOMPLETE = Hindrance("R-141", "draft_incomplete")
DEVIATION = Hindrance("R-143", "draft_would_deviate")
WAITS = Hindrance("R-067", "line_approval_missing")


def open_of(user: User) -> InteractionQuerySet:
    """Drafts of one's own that nobody has closed, on the side on which one stands."""
    closed = Closing.objects.filter(interaction=OuterRef("pk"))
    rows = Interaction.objects.visible_to(user).filter(author=user, author_side=user.side)
    return rows.filter(~Exists(closed), status=Interaction.Status.DRAFT)


def drafts_of(user: User) -> InteractionQuerySet:
    """The same with everything a reader needs to know before signing."""
    return open_of(user).select_related(*RELATED).prefetch_related(*PARTS)


def count_of(user: User) -> int:
    """How many wait for a signature, at most one more than a page shows."""
    return len(open_of(user).filter(missing=[]).values_list("pk")[: AT_ONCE + 1])


def hindrances(rows: Iterable[Interaction], reader: User) -> dict[UUID, Hindrance]:
    """Why which of these cannot be signed; a signature of the line is looked for where one is needed alone."""
    found: dict[UUID, Hindrance] = {}
    waiting = []
    for row in rows:
        if row.missing:
            found[row.pk] = INCOMPLETE
        elif would_deviate(row):
            found[row.pk] = DEVIATION
        elif needs_line(row):
            waiting.append(row)
    approved = {
        (one.record_id, one.record_version)
        for one in (signatures_of([row.pk for row in waiting], reader) if waiting else ())
        if approves(one)
    }
    found.update({row.pk: WAITS for row in waiting if (row.pk, row.version) not in approved})
    return found


def approves(signature: Signature) -> bool:
    return signature.meaning in APPROVALS


def would_deviate(row: Interaction) -> bool:
    """By its own receipt, or by the rules as they stand, it must not have taken place."""
    if row.decision and Decision.from_json(row.decision).kind is DecisionKind.DEVIATION:
        return True
    return row.act is not None and policy.decide(Act.from_json(row.act)).kind is DecisionKind.DEVIATION


def needs_line(row: Interaction) -> bool:
    """Entered so late that the line approves it before it is locked (R-067)."""
    return row.decision is not None and Duty.LINE_APPROVAL in Decision.from_json(row.decision).duties
