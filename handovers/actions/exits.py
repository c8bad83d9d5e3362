"""Ways out of the line and back into it.

Freeze, cancel, exempt, no field service, close, another preparer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from accounts.people import leads_of, people_with
from compliance import audit
from compliance.policy import ExemptReason, HandoverState, Role
from handovers.actions._step import (
    WITH_ALL,
    Move,
    Signature,
    judge,
    lock,
    lock_use,
    locked_all,
    losers_told,
    must_see,
    no_such_step,
    product_acts,
    refused,
    step_action,
    take,
)
from handovers.actions._telling import withdraw
from handovers.eligibility import number_of, rules_in_force, rules_of
from handovers.models import ExitProposal, Handover
from handovers.timers import first_call_from
from kols.models import KOL, Ownership
from products.models import OpenPeriod, Use

S = HandoverState
BEFORE_EFFECTIVE = [S.DUE, S.PREPARED, S.ASSIGNED, S.ACCEPTED, S.APPROVED]
CANCELLABLE = [*BEFORE_EFFECTIVE, S.EXEMPT, S.NO_FIELD, S.FROZEN]
AFTER_CARE_DAYS = 30
BLANK: dict[str, Any] = {"recipient": None, "approver": None, "effective_at": None}


def freeze_closed(use: Use, *, at: datetime) -> int:
    """T-13: whatever is on its way stops when the use is not open. The use is already locked."""
    if OpenPeriod.objects.filter(use=use, during__contains=at).exists():
        return 0
    return _leave(locked_all(under_way(use)), "T-13", S.FROZEN, "lifecycle")


def cancel_campaigns(use: Use, entry_id: UUID, *, by: User | None) -> int:
    """T-15: the entry that opened these handovers was a mistake and is void."""
    return _leave(locked_all(of_campaign(use, entry_id)), "T-15", S.CANCELLED, "entry voided", by=None)


def under_way(use: Use) -> Any:
    """What stops when the use is not open any more."""
    return _of(use).filter(state__in=BEFORE_EFFECTIVE)


def of_campaign(use: Use, entry_id: UUID) -> Any:
    """What an entry has opened and has not taken effect."""
    return _of(use).filter(campaign__opened_by_entry=entry_id, state__in=CANCELLABLE)


def frozen_by_lifecycle(use: Use) -> Any:
    """What goes on when the use is open again."""
    return _of(use).filter(state=S.FROZEN, held=False)


def _of(use: Use) -> Any:
    return Handover.objects.filter(relation__use=use)


def _leave(
    handovers: list[Handover],
    transition: str,
    to: HandoverState,
    reason: str,
    by: User | None = None,
    **values: Any,
) -> int:
    """Out of the line, with no trace left for field service."""
    moves = []
    for handover in handovers:
        guards: dict[str, bool | None] = {"cause_of_cancelling": True}
        decision = judge(handover, transition, by=by, guards=guards)
        moves.append(
            Move(
                handover, transition, to, by, reason=reason, facts={"reason": reason},
                values={"approver": None, "effective_at": None, **values}, decision=decision,
            )
        )  # fmt: skip
    withdraw(handovers)
    take(moves)
    return len(moves)


@audit.action
def follow_facts() -> dict[str, int]:
    """Let handovers follow what changed beside them: uses that closed or opened, owners, ended relations.

    Each is a query that may be asked at any time; asked again it does nothing.
    """
    done = {"frozen": 0, "resumed": 0, "cancelled": 0, "reassigned": 0, "reviewed": 0}
    with acting_as(system("follow what changed beside handovers")):
        uses = list(Handover.objects.filter(state__in=CANCELLABLE).values_list("relation__use", flat=True)
                    .order_by("relation__use").distinct())  # fmt: skip
        for pk in uses:
            with losers_told():
                use = lock_use(pk)
                if use is None:
                    continue
                done["cancelled"] += _cancel_pointless(use)
                done["frozen"] += freeze_closed(use, at=now())
                done["resumed"] += _resume(use)
                done["reassigned"] += _follow_owners(use)
                done["reviewed"] += _review(use)
    return done


def _cancel_pointless(use: Use) -> int:
    """T-15: the relation ended, or the expert was merged or archived."""
    gone = Q(relation__during__endswith__lte=now()) | Q(
        relation__kol__status__in=[KOL.Status.MERGED, KOL.Status.ARCHIVED]
    )
    return _leave(
        locked_all(_of(use).filter(gone, state__in=CANCELLABLE)), "T-15", S.CANCELLED, "relation ended"
    )


def _resume(use: Use) -> int:
    """T-14: open again, so what was frozen by the lifecycle is due again; every old signature is void."""
    if not OpenPeriod.objects.filter(use=use, during__contains=now()).exists():
        return 0
    return _back_to_due(locked_all(frozen_by_lifecycle(use)), "T-14", "open again")


def _review(use: Use) -> int:
    """T-12: the dated review of what stayed with Medical has come."""
    if not OpenPeriod.objects.filter(use=use, during__contains=now()).exists():
        return 0
    today = use.market.local_day(now())
    rows = locked_all(_of(use).filter(state__in=[S.EXEMPT, S.NO_FIELD], review_on__lte=today))
    return _back_to_due(rows, "T-12", "review")


def _back_to_due(handovers: list[Handover], transition: str, reason: str, by: User | None = None) -> int:
    moves = []
    for handover in handovers:
        decision = judge(handover, transition, by=by, guards={"use_open": True, "cause_gone": True})
        moves.append(Move(handover, transition, S.DUE, by, reason=reason,
                          values={**BLANK, "review_on": None, "held": False}, decision=decision))  # fmt: skip
    take(moves)
    return len(moves)


def _follow_owners(use: Use) -> int:
    """T-19: Medical gave the relation to another MSL. She prepares anew; signatures after DUE are void."""
    current = Ownership.objects.filter(during__contains=now(), side="MEDICAL", relation__use=use)
    owners = dict(current.values_list("relation_id", "owner_id"))
    rows = [
        handover
        for handover in locked_all(_of(use).filter(state__in=[*BEFORE_EFFECTIVE, S.FROZEN]))
        if owners.get(handover.relation_id, handover.preparer_id) != handover.preparer_id
    ]
    people = User.objects.in_bulk({owners[handover.relation_id] for handover in rows})
    moves = []
    for handover in rows:
        to = S.FROZEN if handover.state == S.FROZEN else S.DUE
        new = people[owners[handover.relation_id]]
        moves.append(
            Move(handover, "T-19", to, facts={"preparer": new.name}, values={**BLANK, "preparer": new})
        )
    withdraw(rows)
    take(moves)
    return len(rows)


@step_action
def hold_handover(handover: Handover, *, by: User, reason: str) -> Handover:
    """T-13 by Compliance: stop one handover until the hold is lifted."""
    must_see(handover, by, "T-13")
    with product_acts("hold handover", by):
        _leave([lock(handover)], "T-13", S.FROZEN, (reason or "hold")[:40], by=by, held=True)
        handover.refresh_from_db()
    return handover


@step_action
def lift_hold(handover: Handover, *, by: User) -> Handover:
    """T-14 by Compliance: the hold is over; the handover is due again."""
    must_see(handover, by, "T-14")
    with product_acts("lift hold", by):
        handover = lock(handover)
        is_open = OpenPeriod.objects.filter(use=handover.relation.use, during__contains=now()).exists()
        judge(handover, "T-14", by=by, guards={"use_open": is_open})
        _back_to_due([handover], "T-14", "hold lifted", by=by)
    return handover


@step_action
def propose_exemption(handover: Handover, *, reason: ExemptReason, by: User) -> ExitProposal:
    """T-10, first half: the MSL lead asks Compliance to leave the relation with Medical, by a coded reason."""
    must_see(handover, by, "T-10")
    return _propose(
        handover, S.EXEMPT, by=by, role=Role.MSL_LEAD, transition="T-10", reason=str(ExemptReason(reason))
    )


@step_action
def declare_no_field(handover: Handover, *, by: User) -> ExitProposal:
    """T-11, first half: the field lead has nobody to take the expert over."""
    must_see(handover, by, "T-11")
    return _propose(handover, S.NO_FIELD, by=by, role=Role.FIELD_LEAD, transition="T-11")


def _propose(
    handover: Handover, to: HandoverState, *, by: User, role: Role, transition: str, reason: str = ""
) -> ExitProposal:
    with product_acts("propose an exit", by):
        handover = lock(handover)
        lawful = BEFORE_EFFECTIVE if to == S.EXEMPT else [S.PREPARED]
        if by.role != role:
            audit.refuse(transition, "step_not_yours", verb=refused(transition), on=handover, by=by,
                         step="proposed", role=str(by.role))  # fmt: skip
        if handover.state not in lawful:
            no_such_step(handover, transition, step="proposed", by=by)
        proposal, created = ExitProposal.objects.get_or_create(
            handover=handover, settled_at=None,
            defaults={"to_state": to, "reason": reason, "proposed_by": by, "proposed_at": now()},
        )  # fmt: skip
        if created:
            audit.record("proposed to leave with Medical", handover, by=by, words=str(handover),
                         reason=reason or str(to), market=handover.relation.use.market.code)  # fmt: skip
            asked = people_with(Role.COMPLIANCE) if to == S.EXEMPT else leads_of(handover.preparer)
            for person in asked:
                tell(person, "exit_proposed", f"exit proposed {proposal.pk}", url=f"/handovers/{handover.pk}/",
                     kol=handover.relation.kol.name)  # fmt: skip
    return proposal


@step_action
def settle_exit(proposal: ExitProposal, *, agree: bool, by: User, signature: Signature | None) -> Handover:
    """The second signature under an exit.

    Compliance for T-10, the MSL lead for T-11. With a dated review (PP-12).
    """
    transition = "T-10" if proposal.to_state == S.EXEMPT else "T-11"
    must_see(proposal.handover, by, transition)
    with product_acts("settle an exit", by):
        handover = lock(proposal.handover)
        proposal = ExitProposal.objects.select_for_update().get(pk=proposal.pk)
        if proposal.settled_at is not None:
            no_such_step(handover, transition, step="settled", by=by)
        guards: dict[str, bool | None] = {
            "reason_given": True,
            "second_signature": proposal.proposed_by_id != by.pk,
        }
        decision = judge(handover, transition, by=by, signature=signature, guards=guards)
        proposal.agreed, proposal.settled_by, proposal.settled_at = agree, by, now()
        proposal.save(update_fields=["agreed", "settled_by", "settled_at"])
        if agree:
            _set_aside(handover, proposal, transition, by=by, signature=signature, decision=decision)
        else:
            audit.record("did not agree to leave with Medical", handover, by=by, words=str(handover))
    return handover


def _set_aside(
    handover: Handover, proposal: ExitProposal, transition: str, *, by: User, **signed: Any
) -> None:
    name = "PP-12 exempt_review_days" if transition == "T-10" else "PP-12 no_field_review_days"
    market = handover.relation.use.market
    days = number_of(market.code, rules_of(market, now()), name)
    review = market.local_day(now()) + timedelta(days=days)
    withdraw([handover])
    take([
        Move(
            handover, transition, HandoverState(proposal.to_state), by, reason=proposal.reason,
            facts={"review_on": review.isoformat()}, values={**BLANK, "review_on": review}, **signed,
        )
    ])  # fmt: skip


@step_action
def return_to_due(handover: Handover, *, by: User) -> Handover:
    """T-12 by the MSL lead: the reason for leaving it with Medical no longer holds."""
    must_see(handover, by, "T-12")
    with product_acts("return to due", by):
        handover = lock(handover)
        is_open = OpenPeriod.objects.filter(use=handover.relation.use, during__contains=now()).exists()
        judge(handover, "T-12", by=by, guards={"use_open": is_open, "cause_gone": True})
        _back_to_due([handover], "T-12", "cause gone", by=by)
    return handover


@audit.action
def close_finished() -> int:
    """T-07: thirty days after the change of owner, and after the first business day, after-care is done."""
    with acting_as(system("close finished handovers")):
        limit = now() - timedelta(days=AFTER_CARE_DAYS)
        rows = list(
            Handover.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related(*WITH_ALL)
            .filter(state=S.EFFECTIVE, state_since__lte=limit, relation__ownerships__side="COMMERCIAL",
                    relation__ownerships__during__contains=now())
            .order_by(F("relation_id"))
        )  # fmt: skip
        rules = rules_in_force({handover.market_id for handover in rows}, now())
        moves = [
            Move(handover, "T-07", S.CLOSED, None,
                 decision=judge(handover, "T-07", by=None, guards={
                     "after_care_done": True,
                     "first_call_day_come": first_call_from(handover, rules[handover.market_id]) <= now()}))
            for handover in rows
        ]  # fmt: skip
        take(moves)
    return len(moves)
