"""Taking in what was heard about side effects. Nothing blocks it (decision 18)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Market, User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Deed, Role, Side
from compliance.policy.parameters import parameter
from kols.actions import close_matter, open_matter
from kols.models import KOL, OpenMatter, Relation
from products.models import Product
from safety.models import SafetyReport


@audit.action
def report_side_effect(
    *,
    by: User,
    what_happened: str,
    product_words: str = "",
    product: Product | None = None,
    kol: KOL | None = None,
    market: Market | None = None,
    who_told: str = "",
    may_call_back: bool = False,
    learned_at: datetime | None = None,
    late_reason: str = "",
    client_ref: UUID | None = None,
) -> SafetyReport:
    """Take a report from anybody with an account, in any role or none, whatever is missing (R-036, R-129).

    The clock runs from `learned_at`, never from now; an overdue report is still taken and marked (R-128).
    Everybody in Safety is told in this transaction. The same `client_ref` returns the first report.
    """
    if client_ref is not None and (first := _sent_before(by, client_ref)):
        return first
    learned = min(learned_at or now(), now())
    report = SafetyReport(
        reporter=by,
        reporter_side=str(by.side or Side.NEUTRAL),
        client_ref=client_ref,
        kol=kol,
        product=product,
        product_words=(product_words.strip() or (product.name if product else "") or "not named")[:200],
        market=market,
        what_happened=what_happened.strip(),
        who_told=who_told.strip()[:200],
        may_call_back=may_call_back,
        learned_at=learned,
        due_at=learned + timedelta(hours=parameter("PP-08 adverse_event_forward_hours")),
        recorded_at=now(),
        late_reason=late_reason.strip()[:200],
    )
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        if client_ref is not None and (first := _sent_before(by, client_ref)):
            return first
        raise
    _tell_safety(report)
    if kol is not None:
        with acting_as(system("note an open safety report", by=by)):
            for relation in _touched(report):
                open_matter(relation, OpenMatter.Kind.SAFETY, person=by, source=report.pk)
    # The trail names the report, not what happened to whom.
    audit.record("reported a side effect", report, by=by, words=report.product_words, due_at=report.due_at,
                 late=report.recorded_at > report.due_at)  # fmt: skip
    return report


def _tell_safety(report: SafetyReport) -> None:
    url = reverse("safety:detail", args=[report.pk])
    for person in people_with(Role.SAFETY):
        tell(person, "side_effect", f"side effect {report.pk}", url=url, urgent=True)


@audit.action
def acknowledge(report: SafetyReport, *, case_id: str, by: User) -> SafetyReport:
    """Confirm with a case number that Safety has the report (R-131). Acknowledged twice, the first stands."""
    audit.permit(Deed.ACKNOWLEDGE_SAFETY_REPORT, on=report, by=by)
    row = SafetyReport.objects.select_for_update(no_key=True).get(pk=report.pk)
    if not case_id.strip():
        audit.refuse("R-131", "case_number_missing", verb="acknowledged", on=row, by=by)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by, row.case_id = now(), by, case_id.strip()[:60]
        row.save(update_fields=["acknowledged_at", "acknowledged_by", "case_id"])
        with acting_as(system("close an open safety report", by=by)):
            close_matter(OpenMatter.Kind.SAFETY, source=row.pk)
        tell(
            row.reporter,
            "side_effect_acknowledged",
            f"side effect {row.pk} acknowledged",
            url=reverse("safety:detail", args=[row.pk]),
        )
        audit.record("acknowledged", row, by=by, case_id=row.case_id)
    return row


def _sent_before(by: User, client_ref: UUID) -> SafetyReport | None:
    return SafetyReport.objects.filter(reporter=by, client_ref=client_ref).first()


def _touched(report: SafetyReport) -> list[Relation]:
    relations = Relation.objects.current(now()).filter(kol=report.kol)
    if report.product_id:
        relations = relations.filter(use__indication__product=report.product_id)
    return list(relations.order_by("pk"))
