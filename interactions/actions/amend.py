"""The next version of a signed record: signed by its author, approved where the decision changes (R-142, R-143)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.urls import reverse

from accounts.acting import now
from accounts.models import User
from accounts.notices import tell, tell_all
from accounts.people import leads_of, people_with
from compliance import audit, policy
from compliance.policy import Decision, Deed, Intent, Role
from compliance.signing import Meaning, Proof, Statement, sign, signatures_of
from interactions import changes as changes_of
from interactions import handed, materials, words
from interactions.actions.judging import judge, new_record
from interactions.actions.log import forget_contact, lock_own, note_contact, save_parts
from interactions.amending import Amendment, Outcome
from interactions.changes import against
from interactions.facts import Event, Gathered, Present, Spoken
from interactions.handed import Given
from interactions.line import may_answer, meaning_for
from interactions.models import Interaction
from interactions.stated import PARTS, RELATED, side_of, statement_of
from interactions.words import Written
from kols.models import Institution
from safety.models import SafetyReport

VERB = "was refused to amend"


@audit.action
def amend_signed(
    record: Interaction,
    *,
    by: User,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    code: str,
    reason: str,
    proof: Proof,
    version: int | None = None,
    given: Given | None = None,
    words_reason: str | None = None,
    safety_report: SafetyReport | None = None,
    **changes: str | Institution | None,
) -> Amendment:
    """Ask for the next version of a signed record of one's own, and sign it. It is judged as of the event.

    In force at once where the decision stays; where topic, day, people, initiator or kind change, it waits for the
    line and Compliance, and the version that stands goes on counting. What must not have taken place is refused as a
    deviation, and an incomplete version is not signed.
    """
    audit.permit(Deed.SIGN_OWN, on=record, by=by)
    row = lock_own(record, by, {Interaction.Status.SIGNED}, verb=VERB)
    if version is not None and version != row.version:
        audit.refuse("R-142", "changed_meanwhile", verb=VERB, on=row, by=by)
    if not reason.strip() or code not in Amendment.Code.values:
        audit.refuse("R-142", "amendment_reason_missing", verb=VERB, on=row, by=by)
    if Amendment.objects.filter(interaction=row, outcome=Outcome.OPEN).exists():
        audit.refuse("R-143", "amendment_waits", verb=VERB, on=row, by=by)
    given = handed.of(row) if given is None else given
    changed = against(row, event, topics, reason)
    texts = {
        name: changes.get(name, getattr(row, name)) for name in ("title", "institution", "place", "note")
    }
    said = words.reason_of(row.pk) if words_reason is None else words_reason
    found, decision = judge(
        by=by, intent=Intent.RECORD, event=event, topics=topics, people=people, verb=VERB, on=row, given=given,
        changed=changed, written=Written(title=str(texts["title"]), note=str(texts["note"]), reason=said),
    )  # fmt: skip
    found, decision = _as_recorded(row, event, found)
    if decision.missing or not decision.allowed:
        audit.refuse("R-141", "draft_incomplete", verb=VERB, on=row, by=by)
    draft = new_record(
        Interaction.Status.AMENDMENT, by=by, event=event, found=found, decision=decision,
        side_effect=row.side_effect or safety_report is not None, safety_report=safety_report or row.safety_report, **texts,
    )  # fmt: skip
    draft.save(force_insert=True)
    save_parts(draft, topics, people, found, decision)
    handed.keep(draft, given)
    materials.keep(draft, people, found)
    words.keep(draft, found.marked, said)
    changes_of.keep(draft, changed)
    amendment = Amendment.objects.create(
        interaction=row, compartment=row.compartment, author=by, draft=draft, base_version=row.version, code=code,
        reason=reason.strip()[:1000], asked_at=now(),
    )  # fmt: skip
    sign([statement_of(whole(row.pk), draft=whole(draft.pk))], by=by, meaning=Meaning.AUTHOR, proof=proof)
    audit.record("asked to amend", row, by=by, market=row.market.code, act=found.act, decision=decision, code=code,
                 reason=amendment.reason, version=row.version + 1)  # fmt: skip
    if not _apply(amendment, by):
        _ask(amendment, by)
    return amendment


@audit.action
def answer_amendment(amendment: UUID, *, agree: bool, by: User, proof: Proof, answer: str = "") -> Amendment:
    """The line and Compliance, each by a signature of her own; the last one puts it in force. Either may say no."""
    row = Amendment.objects.select_for_update(of=("self",), no_key=True).get(pk=amendment)
    record = whole(row.interaction_id)
    audit.permit(Deed.APPROVE_AMENDMENT, on=record, by=by)
    given = signatures_of([row.pk], by)
    if row.outcome != Outcome.OPEN:
        audit.refuse("R-143", "changed_meanwhile", verb="was refused to approve", on=record, by=by)
    if not may_answer(record, by) or any(one.signer_id == by.pk for one in given):
        audit.refuse("R-143", "not_yours", verb="was refused to approve", on=record, by=by)
    if not agree:
        _reject(row, record, by, answer)
        return row
    by_compliance = any(one.meaning == Meaning.APPROVED_COMPLIANCE for one in given)
    meaning = (
        Meaning.APPROVED_COMPLIANCE if by.role == Role.COMPLIANCE and not by_compliance else meaning_for(by)
    )
    proposed = statement_of(record, draft=whole(row.draft_id))
    fields = {"record": record.pk, "version": proposed.version, "sha256": proposed.sha256, "code": row.code,
              "reason": row.reason, "author": row.author_id}  # fmt: skip
    sign([Statement(row, 1, fields, side_of(record))], by=by, meaning=meaning, proof=proof)
    audit.record("approved amending", record, by=by, market=record.market.code, version=proposed.version)
    if _apply(row, by):
        tell(
            record.author,
            "approval_answered",
            f"amended {row.pk}",
            url=reverse("interactions:detail", args=[record.pk]),
        )
    return row


def whole(pk: UUID) -> Interaction:
    """A record with everything that is put before a signer."""
    return Interaction.objects.select_related(*RELATED).prefetch_related(*PARTS).get(pk=pk)


def _as_recorded(row: Interaction, event: Event, found: Gathered) -> tuple[Gathered, Decision]:
    """Judged as of the event, and as early as the record was made; a date moved across a boundary is approved below."""
    recorded = row.recorded_at if row.recorded_at >= event.ends_at else found.act.recorded_at
    act = replace(found.act, recorded_at=recorded, date_approved=True)
    return replace(found, act=act), policy.decide(act)


def _apply(amendment: Amendment, by: User) -> bool:
    """Let the database put it in force, as far as the signatures under it say so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_apply_amendment(%s)", [amendment.pk])
        applied = bool(cursor.fetchone()[0])
    amendment.refresh_from_db()
    if applied:
        record = Interaction.objects.select_related("market").get(pk=amendment.interaction_id)
        forget_contact(record)
        note_contact(record)
        audit.record("amended", record, by=by, market=record.market.code, version=record.version)
    return applied


def _ask(amendment: Amendment, by: User) -> None:
    asked = {
        one.pk: one for one in [*leads_of(by), *people_with(Role.COMPLIANCE, amendment.interaction.market)]
    }
    url = reverse("interactions:approvals")
    tell_all([(one, "approval_waits", f"amend {amendment.pk}", url, {}) for one in asked.values()])


def _reject(row: Amendment, record: Interaction, by: User, answer: str) -> None:
    if not answer.strip():
        audit.refuse("R-143", "answer_missing", verb="was refused to reject", on=record, by=by)
    row.outcome, row.answer, row.settled_by, row.settled_at = (
        Outcome.REJECTED,
        answer.strip()[:500],
        by,
        now(),
    )
    row.save(update_fields=["outcome", "answer", "settled_by", "settled_at"])
    audit.record("did not approve amending", record, by=by, market=record.market.code, answer=row.answer)
    tell(
        record.author,
        "approval_answered",
        f"amended {row.pk}",
        url=reverse("interactions:detail", args=[record.pk]),
    )
