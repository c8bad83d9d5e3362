"""Voiding a signed record by two people, or as a deviation; the line under very late drafts (R-143, R-144, R-067)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.urls import reverse

from accounts.acting import now
from accounts.models import User
from accounts.notices import tell, tell_all
from accounts.people import leads_of, people_with
from compliance import audit
from compliance.actions import report_deviation
from compliance.policy import Act, Deed, Role
from compliance.signing import Meaning, Proof, Signature, Statement, sign
from interactions.actions.amend import whole
from interactions.actions.log import forget_contact, lock_own
from interactions.amending import Amendment, Outcome, Voiding
from interactions.line import is_line, meaning_for
from interactions.models import Interaction
from interactions.open_drafts import needs_line
from interactions.stated import side_of, statement_of

VERB = "was refused to void"


@audit.action
def ask_to_void(record: Interaction, *, by: User, code: str, reason: str, proof: Proof) -> Voiding:
    """Say that a signed record of one's own is about somebody else, or entered twice. The line decides (R-144)."""
    audit.permit(Deed.VOID_INTERACTION, on=record, by=by)
    row = lock_own(record, by, {Interaction.Status.SIGNED}, verb=VERB)
    if not reason.strip() or code not in (Voiding.Code.WRONG_PERSON, Voiding.Code.DUPLICATE):
        audit.refuse("R-144", "amendment_reason_missing", verb=VERB, on=row, by=by)
    _nothing_waits(row, by)
    voiding = _asked(row, by, code=code, reason=reason, proof=proof)
    told = leads_of(by) or people_with(Role.COMPLIANCE, row.market)
    tell_all(
        [(one, "approval_waits", f"void {voiding.pk}", reverse("interactions:approvals"), {}) for one in told]
    )
    return voiding


@audit.action
def answer_voiding(voiding: UUID, *, agree: bool, by: User, proof: Proof, answer: str = "") -> Voiding:
    """The line signs that the record is void, or says why not. A void record stays visible and counts nowhere."""
    row = Voiding.objects.select_for_update(of=("self",), no_key=True).get(pk=voiding)
    record = whole(row.interaction_id)
    audit.permit(Deed.APPROVE_AMENDMENT, on=record, by=by)
    if row.outcome != Outcome.OPEN:
        audit.refuse("R-144", "changed_meanwhile", verb=VERB, on=record, by=by)
    if not is_line(record, by):
        audit.refuse("R-144", "not_yours", verb=VERB, on=record, by=by)
    if agree:
        fields = {"record": record.pk, "version": record.version, "code": row.code, "reason": row.reason}
        sign([Statement(row, 1, fields, side_of(record))], by=by, meaning=meaning_for(by), proof=proof)
        _void(row, record, by)
    else:
        if not answer.strip():
            audit.refuse("R-144", "answer_missing", verb=VERB, on=record, by=by)
        row.outcome, row.answer, row.settled_by, row.settled_at = (
            Outcome.REJECTED,
            answer.strip()[:500],
            by,
            now(),
        )
        row.save(update_fields=["outcome", "answer", "settled_by", "settled_at"])
        audit.record("did not agree to void", record, by=by, market=record.market.code, answer=row.answer)
    tell(
        record.author,
        "approval_answered",
        f"void {row.pk}",
        url=reverse("interactions:detail", args=[record.pk]),
    )
    return row


@audit.action
def turn_into_deviation(
    record: Interaction, *, by: User, act: Act, happened_at: datetime, words: str, reason: str, proof: Proof
) -> Voiding:
    """What an amendment shows to have been forbidden becomes a deviation, and the record counts no more (R-143)."""
    audit.permit(Deed.VOID_INTERACTION, on=record, by=by)
    row = lock_own(record, by, {Interaction.Status.SIGNED}, verb=VERB)
    _nothing_waits(row, by)
    deviation = report_deviation(act, words, happened_at=happened_at, by=by)
    voiding = _asked(
        row, by, code=Voiding.Code.DEVIATION, reason=reason or words, proof=proof, deviation_id=deviation.pk
    )
    _void(voiding, row, by)
    return voiding


@audit.action
def approve_late_draft(record: UUID, *, by: User, proof: Proof) -> Signature:
    """The line's signature under a draft that came in later than the market allows without it (R-067)."""
    row = Interaction.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=record)
    draft = whole(row.pk)
    audit.permit(Deed.APPROVE_AMENDMENT, on=draft, by=by)
    verb = "was refused to approve"
    if draft.status != Interaction.Status.DRAFT or draft.missing or not needs_line(draft):
        audit.refuse("R-067", "changed_meanwhile", verb=verb, on=draft, by=by)
    if not is_line(draft, by):
        audit.refuse("R-067", "not_yours", verb=verb, on=draft, by=by)
    (signed,) = sign([statement_of(draft)], by=by, meaning=meaning_for(by), proof=proof)
    tell(
        draft.author,
        "approval_answered",
        f"late {draft.pk} {draft.version}",
        url=reverse("interactions:signing"),
    )
    return signed


def _nothing_waits(row: Interaction, by: User) -> None:
    if any(
        model.objects.filter(interaction=row, outcome=Outcome.OPEN).exists() for model in (Amendment, Voiding)
    ):
        audit.refuse("R-143", "amendment_waits", verb=VERB, on=row, by=by)


def _asked(
    row: Interaction, by: User, *, code: str, reason: str, proof: Proof, deviation_id: UUID | None = None
) -> Voiding:
    voiding = Voiding.objects.create(
        interaction=row, compartment=row.compartment, author=by, code=code, reason=reason.strip()[:1000],
        asked_at=now(), deviation_id=deviation_id,
    )  # fmt: skip
    fields = {
        "record": row.pk,
        "version": row.version,
        "code": code,
        "reason": voiding.reason,
        "deviation": deviation_id,
    }
    sign([Statement(voiding, 1, fields, side_of(row))], by=by, meaning=Meaning.AUTHOR, proof=proof)
    audit.record("asked to void", row, by=by, market=row.market.code, code=code, reason=voiding.reason)
    return voiding


def _void(voiding: Voiding, record: Interaction, by: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_void_interaction(%s)", [voiding.pk])
    voiding.refresh_from_db()
    forget_contact(record)
    audit.record("voided", record, by=by, market=record.market.code, code=voiding.code)
