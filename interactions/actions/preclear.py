"""Asking Compliance beforehand, and the answer (R-004, R-022, R-026, R-049, R-061)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Market, User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit, policy
from compliance.policy import Deed, Kind, Role
from interactions.actions.judging import keep_judged
from interactions.actions.log import lock_own
from interactions.models import Change, Interaction, Preclearance
from interactions.moved import awaits_approval, mark_of
from kols.actions import close_matter
from kols.models import KOL, OpenMatter
from products.models import Use


@audit.action
def ask_preclearance(
    *, by: User, kind: Kind, market: Market, start: datetime, end: datetime, why: str, kol: KOL | None = None,
    use: Use | None = None,
) -> Preclearance:  # fmt: skip
    """Ask Compliance to allow an act that needs it, before it takes place: what has begun is not pre-approved."""
    audit.permit(Deed.PLAN_INTERACTION, on=None, by=by)
    verb = "was refused to ask for pre-approval"
    if kol is not None and not KOL.objects.visible_to(by).filter(pk=kol.pk).exists():
        audit.refuse("R-048", "not_yours", verb=verb, on=None, by=by)
    if not why.strip():
        audit.refuse("R-004", "evidence_missing", verb=verb, on=None, by=by)
    if start < now() or end <= start:
        audit.refuse("R-004", "preclear_too_late", verb=verb, on=None, by=by)
    asked = Preclearance.objects.create(
        author=by, author_side=str(by.side), kind=str(kind), market=market, kol=kol, use=use,
        during=DateTimeTZRange(start, end, "[]"), why=why.strip()[:1000], asked_at=now(),
    )  # fmt: skip
    audit.record("asked for pre-approval of", asked, by=by, market=market.code)
    _tell_compliance(asked, by)
    return asked


@audit.action
def ask_about_date(record: Interaction, *, by: User) -> Preclearance:
    """Ask Compliance to allow the date of a draft that was moved across a boundary (R-069). Her reason is the change's."""
    audit.permit(Deed.LOG_INTERACTION, on=record, by=by)
    verb = "was refused to ask for approval of"
    record = lock_own(record, by, {Interaction.Status.DRAFT}, verb=verb)
    act = awaits_approval(record)
    if act is None:
        audit.refuse("R-069", "moved_question_lapsed", verb=verb, on=record, by=by)
    change = record.changes.filter(kind=Change.Kind.DATE).order_by("-at", "-id").first()
    asked, fresh = Preclearance.objects.get_or_create(
        record=record, about=mark_of(act), decided_at=None,
        defaults={
            "author": by, "author_side": str(by.side), "kind": record.kind, "market": record.market,
            "during": DateTimeTZRange(record.starts_at, record.ends_at, "[]"), "asked_at": now(),
            "why": change.reason if change else "",
        },
    )  # fmt: skip
    if fresh:
        audit.record("asked for approval of the date of", record, by=by, market=record.market.code)
        _tell_compliance(asked, by)
    return asked


def _tell_compliance(asked: Preclearance, by: User) -> None:
    with acting_as(system("tell Compliance", by=by)):
        for officer in people_with(Role.COMPLIANCE, asked.market):
            tell(officer, "preclear_asked", f"preclear {asked.pk}", url=reverse("interactions:preclearances"))


@audit.action
def answer_preclearance(pk: UUID, *, granted: bool, answer: str, by: User) -> Preclearance:
    """Compliance allows it or not, once, and says why. Nobody answers her own question."""
    row = Preclearance.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=pk)
    audit.permit(Deed.PRECLEAR, on=row, by=by)
    verb = "was refused to answer"
    if row.author_id == by.pk:
        audit.refuse("R-152", "not_yours", verb=verb, on=row, by=by)
    if row.decided_at is not None:
        audit.refuse("R-004", "entry_settled", verb=verb, on=row, by=by)
    if not answer.strip():
        audit.refuse("R-004", "evidence_missing", verb=verb, on=row, by=by)
    if granted and row.record_id is not None:
        _approve_date(row, row.record_id, verb=verb, by=by)
    row.granted, row.decided_by, row.decided_at, row.answer = granted, by, now(), answer.strip()[:1000]
    row.save(update_fields=["granted", "decided_by", "decided_at", "answer"])
    said = "granted pre-approval of" if granted else "denied pre-approval of"
    audit.record(said, row, by=by, market=row.market.code, answer=row.answer)
    tell(
        row.author,
        "preclear_answered",
        f"preclear answered {row.pk}",
        url=reverse("interactions:preclearances"),
    )
    return row


def _approve_date(row: Preclearance, pk: UUID, *, verb: str, by: User) -> None:
    """Judge the record again with the new date allowed: as it was asked about, or not at all (R-069)."""
    with acting_as(system("complete a record whose date was allowed", by=by)):
        record = Interaction.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        act = awaits_approval(record) if record.author_id == row.author_id else None
        if act is not None and mark_of(act) == row.about:
            act = replace(act, date_approved=True)
            keep_judged(record, act, policy.decide(act))
            record.updated_at = now()
            record.save(update_fields=["act", "decision", "policy_version", "missing", "updated_at"])
            if not record.missing:
                close_matter(OpenMatter.Kind.DRAFT, source=record.pk)
            return
    audit.refuse("R-069", "moved_question_lapsed", verb=verb, on=row, by=by)
