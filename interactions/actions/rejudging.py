"""Judging anew what a change of the lifecycle touches: records by name of the difference, plans by calling them off.

Nothing is rewritten (R-008): a record keeps its receipt, and what would be judged otherwise becomes a mismatch.
A plan that may not take place any more is cancelled and its planner told (R-013).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from compliance import audit, policy
from compliance.policy import (
    Act,
    Audience,
    Basis,
    Channel,
    Decision,
    Deed,
    Document,
    Intent,
    Kind,
    Outcome,
    Role,
    Subject,
)
from interactions import handed
from interactions.facts import Event, Gathered, Present, Spoken, gather
from interactions.late import Mismatch, Rejudging
from interactions.models import Interaction, MaterialGiven, Topic
from products.models import LifecycleEntry, Use
from products.supposing import Supposed

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
    entry = LifecycleEntry.objects.select_related("use__indication__product", "use__market").get(
        pk=work.entry_id
    )
    rows = touched(entry.use, work.since, work.until)
    if work.after is not None:
        rows = rows.filter(pk__gt=work.after)
    found = list(rows.select_related(*RELATED).prefetch_related(*TOPICS).order_by("pk")[:BATCH])
    fresh = [one for row in found if (one := _judged(row, entry)) is not None]
    Mismatch.objects.bulk_create(fresh, ignore_conflicts=True)
    work.judged, work.found = work.judged + len(found), work.found + len(fresh)
    if len(found) < BATCH:
        work.done_at = now()
    else:
        work.after = found[-1].pk
    work.save(update_fields=["judged", "found", "after", "done_at"])
    if fresh:
        audit.record("found mismatches with", entry, by=None, market=entry.use.market.code, count=len(fresh))
    return len(found)


def touched(use: Use, since: datetime, until: datetime) -> QuerySet[Interaction]:
    """Records within a window of time, and plans from its beginning on, that a state of this use counts for."""
    siblings = Use.objects.filter(market=use.market_id, indication__product=use.indication.product_id)
    about = Q(use__in=siblings.values("pk")) | Q(subject=Subject.DISEASE, area=use.indication.area_id)
    topics = Topic.objects.filter(about, interaction=OuterRef("pk"))
    shown = MaterialGiven.objects.filter(interaction=OuterRef("pk"), version__uses=use)
    logged = Q(status__in=[Interaction.Status.DRAFT, Interaction.Status.SIGNED], starts_at__lt=until)
    return Interaction.objects.filter(Exists(topics) | Exists(shown), ends_at__gte=since).filter(
        logged | Q(status=Interaction.Status.PLANNED)
    )


def _judged(row: Interaction, entry: LifecycleEntry) -> Mismatch | None:
    if row.status == Interaction.Status.PLANNED:
        reassess(row)
        return None
    if row.act is None:
        return None
    stored = Act.from_json(row.act)
    before, after = policy.decide(stored), policy.decide(_in_hindsight(row, stored))
    if (before.outcome, before.kind) == (after.outcome, after.kind):
        return None
    return Mismatch(
        interaction=row, compartment=row.compartment, author=row.author, entry=entry, before=before.to_json(),
        after=after.to_json(), known_when_acted=entry.recorded_at <= row.starts_at, found_at=now(),
    )  # fmt: skip


def _in_hindsight(row: Interaction, stored: Act) -> Act:
    """The act as it was judged, with lifecycle and owners as they are known today; nothing else of it moves."""
    fresh = regathered(row, Intent.RECORD).act
    if len(fresh.topics) != len(stored.topics):
        return stored
    topics = tuple(
        replace(topic, zones=now_.zones, sibling_open=now_.sibling_open, standing=now_.standing)
        for topic, now_ in zip(stored.topics, fresh.topics, strict=True)
    )
    return replace(stored, topics=topics, materials=fresh.materials if stored.materials else stored.materials)


def regathered(row: Interaction, intent: Intent, supposed: Supposed | None = None) -> Gathered:
    """The facts of a record or plan, gathered again from its rows as of its event; `supposed` as if that counted."""
    event = Event(
        kind=Kind(row.kind), channel=Channel(row.channel), starts_at=row.starts_at, ends_at=row.ends_at,
        market=row.market, late_reason=row.late_reason, joint_request=row.joint_request,
    )  # fmt: skip
    return gather(
        by=row.author, role=Role(row.author_role), intent=intent, event=event, topics=spoken_of(row),
        people=present_of(row), given=handed.of(row), before=row, supposed=supposed,
    )  # fmt: skip


def spoken_of(row: Interaction) -> list[Spoken]:
    """The topics of a record, as a door would hand them over; a plan without any is about something practical."""
    return [
        Spoken(
            subject=Subject(topic.subject), use=topic.use, product=topic.product, area=topic.area,
            basis=Basis(topic.basis) if topic.basis else None,
            documents={Document(code): given for code, given in topic.documents.items()},
        )
        for topic in sorted(row.topics.all(), key=lambda one: (one.position, one.pk))
    ] or [Spoken(subject=Subject.ADMIN)]  # fmt: skip


def present_of(row: Interaction) -> list[Present]:
    return [
        Present(
            kol=one.kol, colleague=one.colleague, name=one.name, function=one.function,
            audience=Audience(one.audience), main=one.main,
        )
        for one in row.attendees.all()
    ]  # fmt: skip


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
