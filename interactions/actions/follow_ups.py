"""What was promised or is to be done after a contact, and the reminder on its day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from accounts.acting import now
from accounts.models import Market, Notice, User
from accounts.notices import tell
from compliance import audit
from compliance.policy import Deed
from interactions import words
from interactions.models import Compartment, FollowUp, Interaction, compartment_of
from kols.actions import close_matter, open_matter
from kols.models import KOL, OpenMatter, Relation

BATCH = 500
KEY = "follow-up due "


@audit.action
def add_follow_up(
    *,
    by: User,
    what: str,
    due_on: date,
    market: Market,
    kol: KOL | None = None,
    interaction: Interaction | None = None,
    relation: Relation | None = None,
    promised: bool = False,
    words_reason: str = "",
) -> FollowUp:
    """Note what this person will do, by a local day of the market. A promise was given to the expert.

    The text is read like a record's: what can tell who a patient is must go, praise stays with a reason (R-098).
    """
    audit.permit(Deed.LOG_INTERACTION, on=None, by=by)
    found = words.settle(
        by,
        market,
        what,
        reason=words_reason,
        verb="was refused to follow up",
        people=[str(kol)] if kol else [],
    )
    follow_up = FollowUp.objects.create(
        owner=by,
        interaction=interaction,
        kol=kol,
        relation=relation,
        compartment=compartment_of(by.side),
        what=what.strip()[:300],
        promised=promised,
        due_on=due_on,
        market=market,
        created_at=now(),
    )
    if relation is not None and follow_up.compartment == Compartment.MEDICAL:
        open_matter(relation, OpenMatter.Kind.FOLLOW_UP, person=by, source=follow_up.pk)
    kept: dict[str, Any] = (
        {"kinds": list(kinds), "words_reason": words_reason.strip()[:300]}
        if (kinds := words.said(found))
        else {}
    )
    audit.record(
        "will follow up", follow_up, by=by, market=market.code, due_on=due_on, promised=promised, **kept
    )
    return follow_up


@audit.action
def complete_follow_up(follow_up: FollowUp, *, by: User) -> FollowUp:
    """Mark it done. Done twice, nothing happens."""
    row = _own(follow_up, by, verb="completed")
    if row.done_at is None:
        row.done_at = now()
        row.save(update_fields=["done_at"])
        if row.compartment == Compartment.MEDICAL:
            close_matter(OpenMatter.Kind.FOLLOW_UP, source=row.pk)
        audit.record("completed", row, by=by)
    return row


@audit.action
def reopen_follow_up(follow_up: FollowUp, *, by: User) -> FollowUp:
    """Undo: it is open again."""
    row = _own(follow_up, by, verb="reopened")
    if row.done_at is not None:
        row.done_at = None
        row.save(update_fields=["done_at"])
        if row.relation_id and row.compartment == Compartment.MEDICAL:
            OpenMatter.objects.filter(kind=OpenMatter.Kind.FOLLOW_UP, source=row.pk).update(closed_at=None)
        audit.record("reopened", row, by=by)
    return row


def remind_of_due_follow_ups(at: datetime) -> int:
    """Tell each owner of what falls due on her market's local day. May run again at any time, and late."""
    told = 0
    notice = Notice.objects.filter(
        person=OuterRef("owner"), key=Concat(Value(KEY), Cast(OuterRef("pk"), CharField()))
    )
    for market in Market.objects.all():
        rows = (
            FollowUp.objects.open()
            .filter(~Exists(notice), market=market, due_on__lte=market.local_day(at))
            .select_related("owner")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH]
        )
        for row in rows:
            tell(
                row.owner,
                "follow_up_due",
                f"{KEY}{row.pk}",
                url=reverse("interactions:follow_ups"),
                due_on=row.due_on,
            )
            told += 1
    if told:
        audit.record("reminded of follow-ups", by=None, count=told)
    return told


def _own(follow_up: FollowUp, by: User, *, verb: str) -> FollowUp:
    row = FollowUp.objects.select_for_update(no_key=True).get(pk=follow_up.pk)
    if row.owner_id != by.pk:
        audit.refuse("R-140", "not_yours", verb=verb, on=row, by=by)
    return row
