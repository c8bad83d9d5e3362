"""Field service asks for an account; the MSL lead sees to it. What she finds never goes back (R-048, decision 12)."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Deed, Role
from handovers.models import AccountAnswer, AccountRequest
from products.models import Use


@audit.action
def ask_for_account(*, by: User, use: Use, name: str, place: str) -> AccountRequest:
    """Keep what is asked and tell the MSL leads. Nothing is looked up: the answer is the same whatever Medical holds."""
    audit.permit(Deed.ASK_ACCOUNT, on=None, by=by)
    verb = "was refused to ask for"
    if not Use.objects.visible_to(by).filter(pk=use.pk).exists():
        audit.refuse("R-048", "not_yours", verb=verb, on=None, by=by)
    if not name.strip() or not place.strip():
        audit.refuse("R-048", "evidence_missing", verb=verb, on=None, by=by)
    asked = AccountRequest.objects.create(
        author=by,
        market=use.market,
        use=use,
        name=name.strip()[:200],
        place=place.strip()[:200],
        asked_at=now(),
    )
    audit.record("asked for an account:", asked, by=by, market=use.market.code)
    with acting_as(system("tell the MSL leads", by=by)):
        for lead in people_with(Role.MSL_LEAD, asked.market):
            tell(lead, "account_asked", f"account {asked.pk}", url=reverse("handovers:accounts_asked"))
    return asked


@audit.action
def answer_account(pk: UUID, *, found: str, by: User) -> AccountAnswer:
    """The MSL lead notes, once, what she found. Beginning to answer, and the handover, are deeds of their own."""
    row = AccountRequest.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=pk)
    audit.permit(Deed.ANSWER_ACCOUNT, on=row, by=by)
    verb = "was refused to answer"
    if found not in AccountAnswer.Found.values:
        audit.refuse("R-048", "evidence_missing", verb=verb, on=row, by=by)
    if AccountAnswer.objects.filter(request=row).exists():
        audit.refuse("R-048", "entry_settled", verb=verb, on=row, by=by)
    answer = AccountAnswer.objects.create(request=row, found=found, answered_by=by, answered_at=now())
    audit.record("answered the request for an account:", row, by=by, market=row.market.code, found=found)
    return answer
