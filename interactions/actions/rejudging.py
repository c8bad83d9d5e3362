"""Judging anew what a late fact touches: records by name of the difference, plans by calling them off.

Nothing is rewritten (R-008): a record keeps its receipt, and what would be judged otherwise becomes a mismatch.
A plan that may not take place any more is cancelled and its planner told (R-013).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from compliance import audit, policy
from compliance.policy import Act, Decision, Deed, Intent, Outcome
from interactions.actions.hindsight import in_hindsight, regathered, touched_by
from interactions.late import Mismatch, Rejudging
from interactions.models import Interaction
from products.models import LifecycleEntry

BATCH = 100
SOON = timedelta(hours=1)
RELATED = ("market", "author")
TOPICS = ("topics__use__indication__product", "topics__use__market", "topics__product", "topics__area", "attendees__kol",
          "attendees__colleague")  # fmt: skip


def rejudge_some() -> int | None:
    """Begin what has come since, and do one batch of it. Returns the number of records and plans judged, or None
    where nothing is left to do.

    One transaction each: whoever is killed has done nothing, and the next run goes on where the last one ended.
    """
    with acting_as(system("begin to judge anew")):
        _begin()
    with acting_as(system("judge anew")), transaction.atomic():
        work = (
            Rejudging.objects.filter(done_at=None)
            .select_related("entry__use__indication__product", "entry__use__market")
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .order_by("begun_at", "pk")
            .first()
        )
        return _batch(work) if work is not None else None


def _begin() -> None:
    """One piece of work for each entry that counts: confirmed, and where it voids another, countersigned too."""
    known = LifecycleEntry.objects.filter(rejudging=None, rejected_at=None).filter(
        Q(voids=None, confirmed_at__isnull=False) | Q(voids__isnull=False, countersigned_at__isnull=False)
    )
    rows = known.annotate(
        holds=Coalesce("voids__effective_at", "effective_at"),
        since_known=Coalesce("countersigned_at", "confirmed_at"),
    ).values_list("pk", "holds", Greatest("holds", "since_known"))
    Rejudging.objects.bulk_create(
        (
            Rejudging(entry_id=pk, since=since, until=until, begun_at=now())
            for pk, since, until in rows.order_by("recorded_at", "pk")[:500]
        ),
        ignore_conflicts=True,
    )


def _batch(work: Rejudging) -> int:
    rows = touched_by(work)
    if work.after is not None:
        rows = rows.filter(pk__gt=work.after)
    found = list(rows.select_related(*RELATED).prefetch_related(*TOPICS).order_by("pk")[:BATCH])
    fresh = [one for row in found if (one := _judged(row, work)) is not None]
    Mismatch.objects.bulk_create(fresh, ignore_conflicts=True)
    work.judged, work.found = work.judged + len(found), work.found + len(fresh)
    if len(found) < BATCH:
        work.done_at = now()
    else:
        work.after = found[-1].pk
    work.save(update_fields=["judged", "found", "after", "done_at"])
    if fresh:
        about = work.entry or work
        market = work.entry.use.market.code if work.entry is not None else ""
        audit.record("found mismatches with", about, by=None, market=market, count=len(fresh))
    return len(found)


def _judged(row: Interaction, work: Rejudging) -> Mismatch | None:
    if row.status == Interaction.Status.PLANNED:
        reassess(row)
        return None
    if row.act is None:
        return None
    stored = Act.from_json(row.act)
    before, after = policy.decide(stored), in_hindsight(row, stored, work.cause)
    if (before.outcome, before.kind) == (after.outcome, after.kind):
        return None
    known_at = work.entry.recorded_at if work.entry is not None else work.known_at
    return Mismatch(
        interaction=row, compartment=row.compartment, author=row.author, entry=work.entry, work=work,
        before=before.to_json(), after=after.to_json(),
        known_when_acted=known_at is not None and known_at <= row.starts_at, found_at=now(),
    )  # fmt: skip


# Plans ------------------------------------------------------------------------------------------------------------


def reassess(plan: Interaction) -> Decision:
    """Judge a plan anew; one that may not take place is called off, and its planner is told why (R-013)."""
    decision = policy.decide(regathered(plan, Intent.PLAN).act)
    if decision.outcome is Outcome.NOT_ALLOWED:
        plan.status, plan.updated_at = Interaction.Status.CANCELLED, now()
        plan.save(update_fields=["status", "updated_at"])
        audit.record("called off", plan, by=None, market=plan.market.code, decision=decision)
        tell(
            plan.author, "plan_called_off", f"called off {plan.pk}", url=reverse("interactions:list"),
            day=plan.market.local_day(plan.starts_at), rules=", ".join(decision.rules),
        )  # fmt: skip
    return decision


def reassess_what_is_soon(at: datetime) -> int:
    """Judge the plans of the next hour anew: whatever changed since they were made counts (R-013)."""
    soon = Interaction.objects.planned().filter(starts_at__gt=at, starts_at__lte=at + SOON)
    rows = soon.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related(*RELATED)
    return _count(rows.prefetch_related(*TOPICS).order_by("starts_at", "pk")[:500])


def _count(rows: Iterable[Interaction]) -> int:
    return sum(reassess(row).outcome is Outcome.NOT_ALLOWED for row in rows)


# What Compliance does with a mismatch ------------------------------------------------------------------------------


@audit.action
def settle_mismatch(mismatch: UUID, *, reason: str, by: User) -> Mismatch:
    """Compliance writes down what was found. The record itself stays as it is."""
    row = Mismatch.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=mismatch)
    audit.permit(Deed.ASSESS_DEVIATION, on=row.interaction, by=by)
    verb = "was refused to settle"
    if row.author_id == by.pk:
        audit.refuse("R-152", "not_yours", verb=verb, on=row.interaction, by=by)
    if row.settled_at is not None:
        audit.refuse("R-008", "entry_settled", verb=verb, on=row.interaction, by=by)
    if not reason.strip():
        audit.refuse("R-008", "evidence_missing", verb=verb, on=row.interaction, by=by)
    row.settled_by, row.settled_at, row.reason = by, now(), reason.strip()[:500]
    row.save(update_fields=["settled_by", "settled_at", "reason"])
    audit.record("settled a mismatch of", row.interaction, by=by, entry=str(row.entry_id), reason=row.reason)
    return row
