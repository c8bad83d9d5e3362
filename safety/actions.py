"""Taking in what was heard about side effects. Nothing blocks it (decision 18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
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
from safety.desks import Desk
from safety.models import Clinical, Route, SafetyReport
from safety.routing import best, due_at, end_of_business_day, named, number, route_of


@audit.action
def report_side_effect(
    *,
    by: User,
    what_happened: str,
    product_words: str = "",
    patient: str = "",
    product: Product | None = None,
    other_company: bool = False,
    pointed_to: str = "",
    kol: KOL | None = None,
    market: Market | None = None,
    who_told: str = "",
    may_call_back: bool = False,
    learned_at: datetime | None = None,
    late_reason: str = "",
    about: tuple[str, UUID] | None = None,
    client_ref: UUID | None = None,
) -> SafetyReport:
    """Take a report from anybody with an account, in any role or none, whatever is missing (R-036, R-129).

    The clock runs from `learned_at`, never from now; an overdue report is still taken and marked (R-128).
    Everybody in Safety is told in this transaction. The same `client_ref` returns the first report.
    Whatever fails beside the report, it is kept: it goes to pharmacovigilance, with the strictest clock.
    """
    with acting_as(system("take in a side effect", by=by)):
        if client_ref is not None and (first := _sent_before(by, client_ref)):
            return first
        learned = min(learned_at or now(), now())
        product = product or best(lambda: named(product_words), None)
        route = best(lambda: route_of(product, market, learned, other_company=other_company), Route.PV)
        ours = route != Route.OTHER_COMPANY
        report = SafetyReport(
            reporter=by,
            reporter_side=str(by.side or Side.NEUTRAL),
            client_ref=client_ref,
            kol=kol,
            about_type=about[0] if about else "",
            about_id=about[1] if about else None,
            product=product,
            market=market,
            route=route,
            pointed_to=pointed_to if other_company else "",
            may_call_back=may_call_back,
            learned_at=learned,
            due_at=best(lambda: due_at(market, learned), learned + timedelta(hours=24)),
            recorded_at=now(),
            late_reason=late_reason.strip()[:200],
            mail_after=now() if ours else None,
            escalates_at=_escalates(market) if ours else None,
            purge_after=None if ours else _purge_after(market),
        )
        content = {
            "what_happened": what_happened.strip()[:10000],
            "product_words": (product_words.strip() or (product.name if product else ""))[:200],
            "patient": patient.strip()[:200],
            "who_told": who_told.strip()[:200],
        }
        try:
            with transaction.atomic():
                report.save(force_insert=True)
                report.clinical = Clinical.objects.create(report=report, content=content)
        except IntegrityError:
            if client_ref is not None and (first := _sent_before(by, client_ref)):
                return first
            raise
        _set_going(report, by)
        # The trail names the report, not what happened to whom.
        audit.record(
            "reported a side effect", report, by=by, words=words_of(report), due_at=report.due_at,
            late=report.late, market=market.code if market else "",
        )  # fmt: skip
    return report


def words_of(report: SafetyReport) -> str:
    """How the trail and the desk name a report: by product, never by what was said."""
    return f"{report.product.name}, {report.number}" if report.product else report.number


def _set_going(report: SafetyReport, by: User) -> None:
    steps: list[Callable[[], Any]] = [lambda: _open_matters(report, by)]
    if report.route != Route.OTHER_COMPANY:
        steps.append(lambda: _tell_safety(report))
    for step in steps:
        best(step, None)


def _escalates(market: Market | None) -> datetime:
    """One business day to acknowledge (R-131)."""
    return best(lambda: end_of_business_day(market, now(), 1), now() + timedelta(days=1))


def _purge_after(market: Market | None) -> datetime:
    name = "PP-20 patient_data_purge_days"
    return now() + timedelta(days=best(lambda: number(market, name, now()), parameter(name)))


def _tell_safety(report: SafetyReport) -> None:
    url = reverse("safety:detail", args=[report.pk])
    for person in people_with(Role.SAFETY):
        tell(person, "side_effect", f"side effect {report.pk}", url=url, urgent=True)


def _open_matters(report: SafetyReport, by: User) -> None:
    if report.kol is not None:
        for relation in _touched(report):
            open_matter(relation, OpenMatter.Kind.SAFETY, person=by, source=report.pk)


@audit.action
def acknowledge(report: SafetyReport, *, case_id: str, by: User) -> SafetyReport:
    """Confirm with a case number that Safety has the report (R-131). Acknowledged twice, the first stands.

    From here the days run after which what was said of the patient goes (PP-20).
    """
    audit.permit(Deed.ACKNOWLEDGE_SAFETY_REPORT, on=report, by=by)
    row = SafetyReport.objects.select_for_update(of=("self",), no_key=True).select_related("market").get(
        pk=report.pk
    )  # fmt: skip
    if not case_id.strip():
        audit.refuse("R-131", "case_number_missing", verb="acknowledged", on=row, by=by)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by, row.case_id = now(), by, case_id.strip()[:60]
        row.escalates_at, row.purge_after = None, _purge_after(row.market)
        row.save(
            update_fields=["acknowledged_at", "acknowledged_by", "case_id", "escalates_at", "purge_after"]
        )
        with acting_as(system("close an open safety report", by=by)):
            close_matter(OpenMatter.Kind.SAFETY, source=row.pk)
        tell(
            row.reporter,
            "side_effect_acknowledged",
            f"side effect {row.pk} acknowledged",
            url=reverse("safety:detail", args=[row.pk]),
        )
        audit.record("acknowledged", row, by=by, words=words_of(row), case_id=row.case_id)
    return row


@audit.action
def complete_report(
    report: SafetyReport, *, by: User, late_reason: str = "", pointed_to: str = ""
) -> SafetyReport:
    """Say afterwards why one's report came late, or where the reporter was pointed to (R-128, R-132).

    Each is said once.
    """
    row = SafetyReport.objects.select_for_update(no_key=True).get(pk=report.pk)
    if row.reporter_id != by.pk:
        audit.refuse("R-106", "not_yours", verb="completed", on=row, by=by)
    said = {"late_reason": late_reason.strip()[:200], "pointed_to": pointed_to}
    fresh = [name for name, value in said.items() if value and not getattr(row, name)]
    for name in fresh:
        setattr(row, name, said[name])
    if fresh:
        row.save(update_fields=fresh)
        audit.record("completed", row, by=by, words=words_of(row), said=fresh)
    return row


@audit.action
def set_desk(
    market: Market,
    route: str,
    *,
    by: User,
    name: str,
    mailbox: str,
    encrypted: bool = False,
    lead: User | None = None,
) -> Desk:
    """Say who takes the reports of a market for products that stand there so (R-130)."""
    audit.permit(Deed.SET_SAFETY_DESK, on=market, by=by)
    if lead is not None and lead.pk not in {person.pk for person in people_with(Role.SAFETY)}:
        audit.refuse("R-131", "not_in_safety", verb="set the safety desk of", on=market, by=by)
    facts = {"name": name.strip(), "mailbox": mailbox.strip(), "encrypted": encrypted, "lead": lead}
    desk, _new = Desk.objects.update_or_create(market=market, route=route, defaults=facts)
    audit.record("set the safety desk of", market, by=by, route=route, name=desk.name, encrypted=encrypted)
    return desk


def _sent_before(by: User, client_ref: UUID) -> SafetyReport | None:
    return SafetyReport.objects.filter(reporter=by, client_ref=client_ref).first()


def _touched(report: SafetyReport) -> list[Relation]:
    relations = Relation.objects.current(now()).filter(kol=report.kol)
    if report.product_id:
        relations = relations.filter(use__indication__product=report.product_id)
    return list(relations.order_by("pk"))
