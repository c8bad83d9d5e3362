"""How rules come into force: one proposes a version for a market, another confirms it (R-160)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import now
from accounts.models import Market, User
from accounts.notices import tell_all
from accounts.people import people_with
from compliance import audit
from compliance.models import PackActivation
from compliance.policy import Deed, Role
from compliance.policy.acceptance import failures
from compliance.policy.packs import packs

CONFIRMING = (Role.COMPLIANCE, Role.PRIVACY, Role.REGULATORY)


@audit.action
def propose_pack(
    market: Market, version: str, *, by: User, effective_at: datetime | None = None
) -> PackActivation:
    """Propose that a version of a market's rules comes into force at an instant, or as soon as it is confirmed.

    It must keep its own examples, and no rules begin in the past. One proposal waits for a market at a time.
    """
    audit.permit(Deed.PROPOSE_PACK, on=market, by=by)
    verb = "was refused to propose rules of"
    pack = packs().get((market.code, version))
    if pack is None:
        audit.refuse("R-160", "pack_unknown", verb=verb, on=market, by=by)
    if failures(pack):
        audit.refuse("R-160", "pack_failing", verb=verb, on=market, by=by)
    if effective_at is not None and effective_at < now():
        audit.refuse("R-160", "pack_in_the_past", verb=verb, on=market, by=by)
    try:
        with transaction.atomic():
            row = PackActivation.objects.create(
                market=market, version=version, effective_at=effective_at, proposed_by=by, proposed_at=now()
            )
    except IntegrityError:
        # Somebody proposed at the same moment; the constraint is the judge.
        audit.refuse("R-160", "pack_settled", verb=verb, on=market, by=by)
    audit.record(
        "proposed rules of", market, by=by, market=market.code, version=version, effective_at=effective_at
    )
    url = reverse("compliance:pack", args=[market.code, version])
    people = {person.pk: person for role in CONFIRMING for person in people_with(role) if person.pk != by.pk}
    tell_all(
        [(one, "pack_proposed", f"rules {row.pk}", url, {"market": market.name}) for one in people.values()]
    )
    return row


@audit.action
def confirm_pack(activation: UUID, *, by: User) -> PackActivation:
    """Bring proposed rules into force as the second person: from their instant, or now where that has passed."""
    row = _lock(activation, by)
    verb = "was refused to confirm rules of"
    if row.proposed_by_id == by.pk:
        audit.refuse("R-160", "pack_same_person", verb=verb, on=row.market, by=by)
    pack = packs().get((row.market.code, row.version))
    if pack is None or failures(pack):
        audit.refuse("R-160", "pack_failing", verb=verb, on=row.market, by=by)
    if row.effective_at is not None and row.effective_at < now():
        # What was proposed for a day that has gone by is proposed anew: nobody is judged by rules of the past.
        audit.refuse("R-160", "pack_in_the_past", verb=verb, on=row.market, by=by)
    row.status, row.effective_at = PackActivation.Status.CONFIRMED, row.effective_at or now()
    return _settle(row, "confirmed rules of", by)


@audit.action
def reject_pack(activation: UUID, *, by: User) -> PackActivation:
    """Set a proposal aside; whoever proposed it may do so too. It stays visible."""
    row = _lock(activation, by)
    row.status = PackActivation.Status.REJECTED
    return _settle(row, "rejected rules of", by)


def _lock(activation: UUID, by: User) -> PackActivation:
    audit.permit(Deed.APPROVE_PACK, on=None, by=by)
    rows = PackActivation.objects.select_for_update(of=("self",), no_key=True).select_related("market")
    row = rows.get(pk=activation)
    if row.status != PackActivation.Status.PROPOSED:
        audit.refuse("R-160", "pack_settled", verb="was refused to settle rules of", on=row.market, by=by)
    return row


def _settle(row: PackActivation, verb: str, by: User) -> PackActivation:
    row.settled_by, row.settled_at = by, now()
    row.save(update_fields=["status", "effective_at", "settled_by", "settled_at"])
    audit.record(
        verb, row.market, by=by, market=row.market.code, version=row.version, effective_at=row.effective_at
    )
    return row
