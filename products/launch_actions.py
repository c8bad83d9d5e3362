"""Releasing a launch: Regulatory proposes, Compliance signs, and promotion begins then, never earlier (R-010)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Deed, Role
from products.actions import lock
from products.launch import LaunchRelease
from products.models import LifecycleEntry


@audit.action
def propose_release(
    entry: LifecycleEntry, *, evidence: str, by: User, from_: datetime | None = None
) -> LaunchRelease:
    """Propose that a confirmed authorisation may be promoted, at once or from an instant ahead."""
    audit.permit(Deed.PROPOSE_RELEASE, on=entry, by=by)
    entry = lock(entry)
    verb = "was refused to propose the launch of"
    if not entry.needs_release or entry.confirmed_at is None:
        audit.refuse("R-010", "release_not_asked", verb=verb, on=entry, by=by)
    if not evidence.strip():
        audit.refuse("R-010", "evidence_missing", verb=verb, on=entry, by=by)
    if LaunchRelease.objects.filter(entry=entry, rejected_at=None).exists():
        audit.refuse("R-010", "entry_settled", verb=verb, on=entry, by=by)
    release = LaunchRelease.objects.create(
        entry=entry, evidence=evidence.strip()[:500], wanted_from=from_, proposed_by=by, recorded_at=now()
    )
    audit.record("proposed the launch of", entry, by=by, market=entry.use.market.code, evidence=evidence)
    with acting_as(system("tell Compliance", by=by)):
        for officer in people_with(Role.COMPLIANCE, entry.use.market):
            tell(
                officer,
                "launch_proposed",
                f"launch {release.pk}",
                url=reverse("products:entry", args=[entry.pk]),
            )
    return release


@audit.action
def confirm_release(release: UUID, *, by: User) -> LaunchRelease:
    """Compliance signs: the use opens at the instant wanted, and never before this signature."""
    row = _lock(release, Deed.CONFIRM_RELEASE, "was refused to release the launch of", by)
    entry = row.entry
    begins = [
        at for at in (row.wanted_from, entry.promotable_from, entry.effective_at, now()) if at is not None
    ]
    row.promotable_from, row.confirmed_by, row.confirmed_at = max(begins), by, now()
    row.save(update_fields=["promotable_from", "confirmed_by", "confirmed_at"])
    audit.record(
        "released the launch of", entry, by=by, market=entry.use.market.code, from_=row.promotable_from
    )
    return row


@audit.action
def reject_release(release: UUID, *, reason: str, by: User) -> LaunchRelease:
    """Set a proposed launch aside, with a reason. It stays visible, and another may be proposed."""
    verb = "was refused to set aside the launch of"
    row = _lock(release, Deed.CONFIRM_RELEASE, verb, by)
    if not reason.strip():
        audit.refuse("R-010", "evidence_missing", verb=verb, on=row.entry, by=by)
    row.rejected_by, row.rejected_at, row.rejection = by, now(), reason.strip()[:300]
    row.save(update_fields=["rejected_by", "rejected_at", "rejection"])
    audit.record("set aside the launch of", row.entry, by=by, market=row.entry.use.market.code, reason=reason)
    return row


def _lock(release: UUID, deed: Deed, verb: str, by: User) -> LaunchRelease:
    """The proposal as it stands, behind the lock of its use (decision 25)."""
    found = LaunchRelease.objects.visible_to(by).select_related("entry").get(pk=release)
    audit.permit(deed, on=found.entry, by=by)
    entry = lock(found.entry)
    row = LaunchRelease.objects.select_for_update(of=("self",), no_key=True).get(pk=release)
    row.entry = entry
    if row.confirmed_at is not None or row.rejected_at is not None:
        audit.refuse("R-010", "entry_settled", verb=verb, on=entry, by=by)
    if row.proposed_by_id == by.pk:
        audit.refuse("R-010", "same_regulatory_person", verb=verb, on=entry, by=by)
    return row
