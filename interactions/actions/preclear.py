"""Asking Compliance beforehand, and the answer (R-004, R-022, R-026, R-049, R-061)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Market, User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Deed, Kind, Role
from interactions.models import Preclearance
from kols.models import KOL
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
    with acting_as(system("tell Compliance", by=by)):
        for officer in people_with(Role.COMPLIANCE, market):
            tell(officer, "preclear_asked", f"preclear {asked.pk}", url=reverse("interactions:preclearances"))
    return asked


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
