"""The steps people take: prepare, assign, accept, decline, approve, send back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.acting import now
from accounts.models import User
from accounts.people import leads_of, people_with
from compliance import audit
from compliance.policy import Decision, DeclineReason, HandoverState, Role
from handovers import dossier, eligibility, territories
from handovers.actions._step import (
    Move,
    Signature,
    expect,
    judge,
    lock,
    must_see,
    next_morning,
    product_acts,
    refused,
    repeated,
    step_action,
    take,
)
from handovers.actions._telling import tell_of, withdraw
from handovers.models import Handover, RiskFlag
from kols.models import Showing

S = HandoverState
SECOND_DECLINE = 2


@step_action
def prepare_handover(
    handover: Handover,
    *,
    by: User,
    signature: Signature | None,
    previewed: bool = False,
    drafts_listed: bool = False,
    version: int | None = None,
) -> Handover:
    """T-02: sign that the checklist is done and that this package, and nothing else, goes over.

    `drafts_listed` says that the person lists her open drafts as known instead of signing them first.
    """
    must_see(handover, by, "T-02")
    with product_acts("prepare handover", by):
        handover = lock(handover)
        if repeated(handover, "T-02", signature):
            return handover
        expect(handover, version, "T-02", by)
        guards = {
            **_settled(handover, drafts_listed=drafts_listed),
            "package_previewed": previewed,
            "rules_in_force": bool(eligibility.rules_of(handover.relation.use.market, now())),
        }
        decision = judge(handover, "T-02", by=by, signature=signature, guards=guards, preparer=by)
        package = dossier.package_of(handover)
        raise_flags(handover)
        take([
            Move(
                handover, "T-02", S.PREPARED, by,
                facts={"drafts_listed": drafts_listed},
                values={
                    "package": package, "package_hash": dossier.hash_of(package), "prepared_by": by,
                    "recipient": None, "approver": None, "effective_at": None, "decline_reason": "",
                },
                signature=signature, decision=decision,
            )
        ])  # fmt: skip
        tell_of(handover, territories.field_leads(handover.relation_id, handover.market, now()), "handover_prepared",
                url=f"/handovers/assignments/?campaign={handover.campaign_id}")  # fmt: skip
    return handover


def _settled(handover: Handover, *, drafts_listed: bool) -> dict[str, bool | None]:
    """What must be settled, or be known, before anything goes over."""
    matters = dossier.open_matters(handover)
    return {
        "drafts_settled": "DRAFT" not in matters or drafts_listed,
        "adverse_events_routed": "SAFETY" not in matters,
        "inquiries_assigned": "INQUIRY" not in matters or matters["INQUIRY"][1],
    }


def raise_flags(handover: Handover) -> None:
    """Note what Compliance has to look at; what no longer holds stays until Compliance has looked."""
    standing = set(handover.flags.filter(cleared_at=None).values_list("code", flat=True))
    RiskFlag.objects.bulk_create(
        RiskFlag(handover=handover, code=code, raised_at=now())
        for code in dossier.risk_flags(handover, now())
        if code not in standing
    )


@step_action
def assign_handover(
    handover: Handover, *, recipient: User, by: User, batch: UUID | None = None, version: int | None = None
) -> Handover:
    """T-03: the field lead names who takes over. From now on that person may know of it."""
    must_see(handover, by, "T-03")
    signature = Signature(by, batch=batch) if batch else None
    with product_acts("assign handover", by):
        handover = lock(handover)
        if repeated(handover, "T-03", signature):
            return handover
        expect(handover, version, "T-03", by)
        guards = eligibility.recipients({handover: recipient.pk}, now())[handover.pk]
        decision = judge(handover, "T-03", by=by, guards=guards, recipient=recipient)
        values = {"recipient": recipient, "decline_reason": "", "approver": None, "effective_at": None}
        take([Move(handover, "T-03", S.ASSIGNED, by, facts={"recipient": recipient.name}, values=values,
                   signature=signature, decision=decision)])  # fmt: skip
        Showing.objects.filter(relation=handover.relation, ended_at=None).exclude(person=recipient).update(
            ended_at=now()
        )
        Showing.objects.get_or_create(
            relation=handover.relation, person=recipient, ended_at=None, defaults={"began_at": now()}
        )
        tell_of(handover, [recipient], "handover_assigned", url="/handovers/inbox/")
    return handover


@step_action
def accept_handover(
    handover: Handover, *, by: User, signature: Signature | None = None, version: int | None = None
) -> Handover:
    """T-04: the recipient takes it over. Approval follows at once where the lead has released the campaign.

    The press in her own session is her signature, unless the market's pack asks for more (decision 28).
    """
    must_see(handover, by, "T-04")
    signature = signature or Signature(by)
    with product_acts("accept handover", by):
        handover = lock(handover)
        if repeated(handover, "T-04", signature):
            return handover
        expect(handover, version, "T-04", by)
        guards = eligibility.recipients({handover: by.pk}, now())[handover.pk]
        decision = judge(handover, "T-04", by=by, signature=signature, guards=guards)
        take([Move(handover, "T-04", S.ACCEPTED, by, signature=signature, decision=decision)])
        if not approve_by_release(handover):
            leads = leads_of(handover.preparer) or people_with(Role.MSL_LEAD, handover.relation.use.market)
            tell_of(handover, leads, "handover_accepted", url=f"/handovers/campaigns/{handover.campaign_id}/")
    return handover


def approve_by_release(handover: Handover) -> bool:
    """Approve an accepted item under the campaign's release, unless a flag or one person twice forbids it."""
    releaser = handover.campaign.released_by
    if (
        releaser is None
        or handover.state != S.ACCEPTED
        or releaser.pk in (handover.prepared_by_id, handover.recipient_id)
        or handover.flags.filter(cleared_at=None).exists()
        or dossier.hash_of(handover.package) != handover.package_hash
    ):
        return False
    _approve(handover, None, releaser, Signature(releaser, "release", handover.campaign.release_hash), None)
    return True


def _approve(
    handover: Handover,
    by: User | None,
    approver: User,
    signature: Signature | None,
    effective_at: datetime | None,
) -> None:
    at = now()
    effective_at = effective_at or next_morning(handover.campaign, at)
    guards: dict[str, bool | None] = {
        "package_unchanged": dossier.hash_of(handover.package) == handover.package_hash,
        "compliance_signed_if_flagged": not handover.flags.filter(cleared_at=None).exists(),
        "effective_in_future": effective_at >= at,
        "rules_in_force": bool(eligibility.rules_of(handover.relation.use.market, at)),
    }
    decision = judge(handover, "T-05", by=by, signature=signature, guards=guards, approver=approver)
    take([
        Move(
            handover, "T-05", S.APPROVED, by,
            facts={"effective_at": effective_at.isoformat(), "approver": approver.name},
            values={"approver": approver, "effective_at": effective_at},
            signature=signature, decision=decision,
        )
    ])  # fmt: skip


@step_action
def approve_handover(
    handover: Handover,
    *,
    by: User,
    signature: Signature | None,
    effective_at: datetime | None = None,
    version: int | None = None,
) -> Handover:
    """T-05: the second pair of eyes.

    Takes effect at `effective_at`, by default the next business day in the market.
    """
    must_see(handover, by, "T-05")
    with product_acts("approve handover", by):
        handover = lock(handover)
        if repeated(handover, "T-05", signature):
            return handover
        expect(handover, version, "T-05", by)
        _approve(handover, by, by, signature, effective_at)
    return handover


@step_action
def clear_flags(handover: Handover, *, by: User, signature: Signature | None) -> Handover:
    """Compliance signs that a flagged item may go over (T-05).

    An accepted, released item is approved at once.
    """
    must_see(handover, by, "T-05")
    if by.role != Role.COMPLIANCE or signature is None:
        code = "signature_missing" if by.role == Role.COMPLIANCE else "step_not_yours"
        audit.refuse(
            "T-05", code, verb=refused("T-05"), on=handover, by=by, step="cleared", role=str(by.role)
        )
    with product_acts("clear flags", by):
        handover = lock(handover)
        codes = sorted(handover.flags.filter(cleared_at=None).values_list("code", flat=True))
        handover.flags.filter(cleared_at=None).update(cleared_at=now(), cleared_by=by)
        if codes:
            audit.record("signed the flagged handover of", handover, by=by, words=str(handover), flags=codes,
                         market=handover.relation.use.market.code, package=handover.package_hash)  # fmt: skip
        approve_by_release(handover)
    return handover


@step_action
def decline_handover(
    handover: Handover,
    *,
    reason: DeclineReason,
    by: User,
    batch: UUID | None = None,
    version: int | None = None,
) -> Handover:
    """T-08: the recipient does not take it, with a code.

    The field lead names somebody else; twice tells the lead's lead.
    """
    must_see(handover, by, "T-08")
    signature = Signature(by, batch=batch) if batch else None
    with product_acts("decline handover", by):
        handover = lock(handover)
        if repeated(handover, "T-08", signature):
            return handover
        expect(handover, version, "T-08", by)
        decision = judge(handover, "T-08", by=by, guards={"reason_given": reason in DeclineReason})
        values = {"decline_reason": str(reason), "declines": handover.declines + 1}
        take([Move(handover, "T-08", S.PREPARED, by, reason=str(reason), values=values, signature=signature,
                   decision=decision)])  # fmt: skip
        Showing.objects.filter(relation=handover.relation, person=by, ended_at=None).update(ended_at=now())
        told = leads_of(by) or territories.field_leads(handover.relation_id, handover.market, now())
        if handover.declines >= SECOND_DECLINE:
            told = [*told, *(upper for lead in told for upper in leads_of(lead))]
        tell_of(handover, told, "handover_declined", url="/handovers/assignments/", by=by.name)
    return handover


@step_action
def send_back_handover(handover: Handover, *, reason: str, by: User, version: int | None = None) -> Handover:
    """T-09: the MSL lead does not approve.

    What was signed after preparing is void; field service chooses anew.
    """
    must_see(handover, by, "T-09")
    with product_acts("send back handover", by):
        handover = lock(handover)
        expect(handover, version, "T-09", by)
        decision = judge(handover, "T-09", by=by, guards={"reason_given": bool(reason.strip())})
        back_to_prepared([handover], by=by, reason=reason, decisions=[decision])
    return handover


def back_to_prepared(
    handovers: list[Handover], *, by: User | None, reason: str, decisions: list[Decision]
) -> None:
    """The one way back after acceptance: the recipient is told only that it was withdrawn."""
    moves = []
    for handover, decision in zip(handovers, decisions, strict=True):
        moves.append(
            Move(
                handover, "T-09", S.PREPARED, by, reason=reason[:40], facts={"reason": reason},
                values={"recipient": None, "approver": None, "effective_at": None}, decision=decision,
            )
        )  # fmt: skip
    withdraw(handovers)
    take(moves)
