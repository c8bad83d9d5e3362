"""How a step is taken: locked facts, the policy's answer, then row, step and trail in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, connection, transaction

from accounts.acting import acting_as, now, system
from accounts.models import User
from compliance import audit
from compliance.policy import Decision, HandoverState, Reason, Refused, Role
from compliance.policy import handover as rules
from compliance.policy.deeds import SYSTEM
from compliance.policy.rulings import decision, denied
from handovers.models import Campaign, Handover, HandoverStep
from kols.models import Relation
from products.models import Use

P = ParamSpec("P")
R = TypeVar("R")

WITH_ALL = (
    "relation__kol__main_institution",
    "relation__use__market",
    "relation__use__indication__product",
    "campaign__released_by",
    "preparer",
    "prepared_by",
    "recipient",
    "approver",
)
VERBS: Mapping[str, str] = {
    "T-01": "opened handover of",
    "T-02": "prepared handover of",
    "T-03": "assigned handover of",
    "T-04": "accepted handover of",
    "T-05": "approved handover of",
    "T-06": "made effective handover of",
    "T-07": "closed handover of",
    "T-08": "declined handover of",
    "T-09": "sent back handover of",
    "T-10": "exempted handover of",
    "T-11": "left with Medical for want of field service handover of",
    "T-12": "took up again handover of",
    "T-13": "froze handover of",
    "T-14": "took up again handover of",
    "T-15": "cancelled handover of",
    "T-16": "reversed handover of",
    "T-17": "opened again handover of",
    "T-19": "gave to another preparer handover of",
}

_FIELD = (Role.FIELD_SERVICE, Role.FIELD_LEAD)
_IN_THE_LINE = [HandoverState(step) for step in
                ("PREPARED", "ASSIGNED", "ACCEPTED", "APPROVED", "EFFECTIVE", "CLOSED")]  # fmt: skip


class Conflict(Refused):
    """Somebody was faster: the handover is no longer as the page showed it."""


@dataclass(frozen=True)
class Signature:
    """A person's name under a step. `how` is "password" (signed in again), "session" (the press) or
    "release".

    One re-authentication may carry a batch: each step keeps its own, bound to its package hash and the
    manifest.
    """

    person: User
    how: str = "session"
    manifest_hash: str = ""
    batch: UUID | None = None


@dataclass
class Move:
    """One handover on its way to another state."""

    handover: Handover
    transition: str
    to: HandoverState
    by: User | None = None
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    signature: Signature | None = None
    decision: Decision | None = None
    step_id: UUID = field(default_factory=uuid4)


def step_action(function: Callable[P, R]) -> Callable[P, R]:
    """An action whose loser of a race, or breaker of a constraint, gets a `Conflict` and never an error
    page.
    """

    @audit.action
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with losers_told():
            return function(*args, **kwargs)

    return run


@contextmanager
def losers_told() -> Iterator[None]:
    """Turn what the database refuses, checked here and not at the end, into a `Conflict` with its
    constraint.
    """
    try:
        with transaction.atomic():
            yield
            check_constraints()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "constraint"
        raise conflict("I-12", constraint=name) from error
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") not in ("55P03", "40P01", "40001"):
            raise
        raise conflict("I-15", constraint="somebody else holds it") from error


def check_constraints() -> None:
    """Fire the deferred checks now, where their answer can still be told, and defer them again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def conflict(rule: str, **params: str) -> Conflict:
    """The refusal of somebody who came second."""
    reason = {"step": "changed", "state": params.pop("state", ""), **params}
    return Conflict(decision(denied(rule, "no_such_step", **reason)))


@contextmanager
def product_acts(reason: str, by: User | None) -> Iterator[None]:
    """The product writes on a person's behalf what she may not read, and rolls back cleanly when refused."""
    with acting_as(system(reason, by=by)), transaction.atomic():
        yield


def lock_use(use_id: UUID, *, skip: bool = False) -> Use | None:
    """The use behind its lock (decision 25). With `skip`, None if somebody else holds it."""
    return (
        Use.objects.select_for_update(no_key=True, of=("self",), skip_locked=skip)
        .select_related("market", "indication__product")
        .filter(pk=use_id)
        .first()
    )


def lock(handover: Handover) -> Handover:
    """The handover as it stands, behind the locks of its use, its relation and itself, in that order."""
    lock_use(Relation.objects.values_list("use_id", flat=True).get(pk=handover.relation_id))
    Relation.objects.select_for_update(no_key=True).get(pk=handover.relation_id)
    return (
        Handover.objects.select_for_update(no_key=True, of=("self",))
        .select_related(*WITH_ALL)
        .get(pk=handover.pk)
    )


def locked_all(handovers: Any) -> list[Handover]:
    """Many handovers of uses already locked, by ascending relation."""
    return list(
        handovers.select_for_update(no_key=True, of=("self",))
        .select_related(*WITH_ALL)
        .order_by("relation_id")
    )


def must_see(handover: Handover, by: User, transition: str) -> None:
    """Ask once more, in the person's own name, that the handover is hers to know of."""
    if not Handover.objects.visible_to(by).filter(pk=handover.pk).exists():
        audit.refuse("R-048", "not_yours", verb=refused(transition), on=None, by=by)


def refused(transition: str) -> str:
    return f"was refused: {VERBS[transition]}"


def no_such_step(handover: Handover, transition: str, *, step: str, by: User) -> NoReturn:
    """Refuse a step that the state of the handover does not know."""
    audit.refuse(transition, "no_such_step", verb=refused(transition), on=handover, by=by, step=step,
                 state=handover.told_to(by))  # fmt: skip


def expect(handover: Handover, version: int | None, transition: str, by: User | None) -> None:
    """Refuse when the page showed another version than the one that stands (I-15).

    What left the line, or was accepted, is refused by the policy in one way: field service cannot find out
    how far it is.
    """
    field = by is not None and by.role in _FIELD
    untold = field and (handover.state not in _IN_THE_LINE or handover.told_to(by) == HandoverState.ACCEPTED)
    if version is not None and version != handover.version and not untold:
        raised = conflict("I-15", state=handover.told_to(by))
        raised.attempt = _attempt(transition, handover, by)  # type: ignore[attr-defined]
        raise raised


def _attempt(transition: str, handover: Handover, by: User | None) -> dict[str, Any]:
    return {"verb": refused(transition), "subject": handover, "by": by, "act": None, "words": str(handover),
            "market": handover.relation.use.market.code}  # fmt: skip


def judge(
    handover: Handover,
    transition: str,
    *,
    by: User | None,
    signature: Signature | None = None,
    guards: Mapping[str, bool | None] | None = None,
    recipient: User | None = None,
    approver: User | None = None,
    preparer: User | None = None,
) -> Decision:
    """Ask the policy about a step, on facts read after the lock; raise what it refuses."""
    preparing = preparer or handover.prepared_by
    receiving = recipient or handover.recipient
    approving = approver or handover.approver
    asked = rules.Step(
        transition=transition,
        state=handover.told_to(by),
        role=by.role if by else SYSTEM,
        actor=str(by.pk) if by else "",
        preparer=str(preparing.pk) if preparing else "",
        recipient=str(receiving.pk) if receiving else "",
        approver=str(approving.pk) if approving else "",
        signed=signature is not None,
        guards=guards or {},
    )
    answer = rules.judge(asked)
    if not answer.allowed and any(reason.code == "no_such_step" for reason in answer.reasons):
        raised = Conflict(answer)
        raised.attempt = _attempt(transition, handover, by)  # type: ignore[attr-defined]
        raise raised
    return audit.uphold(answer, verb=refused(transition), on=handover, by=by, words=str(handover),
                        market=handover.relation.use.market.code)  # fmt: skip


def failed_guards(answer: Decision) -> list[Reason]:
    return [reason for reason in answer.reasons if reason.code in ("guard_failed", "guard_unknown")]


_UPDATE = """
UPDATE handovers_handover h
   SET state = v.state, state_since = %s, version = h.version + 1, recipient_id = v.recipient,
      preparer_id = v.preparer,
       approver_id = v.approver, effective_at = v.effective, review_on = v.review, held = v.held
  FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::date[],
     %s::boolean[])
       AS v (id, state, recipient, preparer, approver, effective, review, held)
 WHERE h.id = v.id
"""


def take(moves: Sequence[Move]) -> None:
    """Write the steps: rows, append-only steps and trail entries.

    One or thousands, a handful of statements.
    """
    if not moves:
        return
    at = now()
    steps = []
    for move in moves:
        steps.append(_step_of(move, at))
        for name, value in move.values.items():
            setattr(move.handover, name, value)
        move.handover.state, move.handover.state_since = move.to, at
        move.handover.version += 1
    if len(moves) == 1:
        only = moves[0]
        fields = {"state", "state_since", "version", *only.values}
        only.handover.save(update_fields=sorted(fields))
    else:
        _update_all([move.handover for move in moves], at)
    _write_steps(steps)
    record_all(moves)


def _step_of(move: Move, at: datetime) -> dict[str, Any]:
    sign = move.signature
    return {
        "id": move.step_id,
        "handover_id": move.handover.pk,
        "transition": move.transition,
        "from_state": move.handover.state,
        "to_state": move.to,
        "at": at,
        "by_id": move.by.pk if move.by else None,
        "version": move.handover.version + 1,
        "reason": move.reason,
        "facts": {**move.facts, **({"signed": sign.how} if sign else {})},
        "meaning": rules.BY_ID[move.transition].meaning if sign else "",
        "signed_name": sign.person.name if sign else "",
        "signed_role": str(sign.person.role) if sign else "",
        "package_hash": move.values.get("package_hash", move.handover.package_hash),
        "manifest_hash": sign.manifest_hash if sign else "",
        "batch": sign.batch if sign else None,
    }


_STEPS = """
INSERT INTO handovers_handoverstep SELECT * FROM jsonb_populate_recordset(NULL::handovers_handoverstep, %s::jsonb)
"""


def _write_steps(steps: list[dict[str, Any]]) -> None:
    """Thousands in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [json.dumps(steps, cls=DjangoJSONEncoder)])


def _update_all(handovers: list[Handover], at: datetime) -> None:
    rows = [
        (
            str(h.pk),
            str(h.state),
            _text(h.recipient_id),
            _text(h.preparer_id),
            _text(h.approver_id),
            h.effective_at,
            h.review_on,
            h.held,
        )
        for h in handovers
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [at, *map(list, zip(*rows, strict=True))])


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def record_all(moves: Sequence[Move]) -> None:
    """The sentences in the trail that belong to steps."""
    audit.record_all([_sentence(move) for move in moves])


def _sentence(move: Move) -> dict[str, Any]:
    facts = {name: value for name, value in move.facts.items() if value not in (None, "", [])}
    return {
        "verb": VERBS[move.transition],
        "subject": move.handover,
        "by": move.by,
        "words": str(move.handover),
        "market": move.handover.relation.use.market.code,
        "decision": move.decision,
        "step": move.transition,
        "before": str(move.facts.get("before", "")) or None,
        **({"reason": move.reason} if move.reason else {}),
        **{name: value for name, value in facts.items() if name not in ("step", "before", "reason")},
    }


def repeated(handover: Handover, transition: str, signature: Signature | None) -> bool:
    """Has this batch moved this handover so already? Then nothing is written again (I-15)."""
    if signature is None or signature.batch is None:
        return False
    return HandoverStep.objects.filter(
        batch=signature.batch, handover=handover, transition=transition
    ).exists()


def next_morning(campaign: Campaign, at: datetime) -> datetime:
    """The next business day, 00:00 in the market.

    The default moment at which an approved handover takes effect.
    """
    market = campaign.market
    return market.start_of(market.business_days_after(market.local_day(at), 1))
