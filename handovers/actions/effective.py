"""T-06: approved handovers take effect at their instant. Ownership moves here and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell_all
from compliance import audit
from compliance.policy import Decision, HandoverState, Refused, Side
from handovers import dossier, eligibility
from handovers.actions._step import (
    Move,
    check_constraints,
    failed_guards,
    judge,
    lock_use,
    locked_all,
    losers_told,
    take,
)
from handovers.actions.exits import freeze_closed
from handovers.actions.objections import objects
from handovers.actions.steps import back_to_prepared
from handovers.models import Handover
from kols.models import Ownership, Relation, ScientificContact
from products.models import OpenPeriod, Use

S = HandoverState


@audit.action
def make_effective() -> int:
    """Move the ownership of every approved handover whose instant has come; how many moved.

    A late run moves later, never backwards: u is the later of the approved instant and now. What no
    longer holds goes back to PREPARED with its reason (T-09), and a use that closed meanwhile freezes its
    handovers (T-13).
    """
    moved = 0
    with acting_as(system("the clock")):
        due = Handover.objects.filter(state=S.APPROVED, effective_at__lte=now())
        for use_id in due.values_list("relation__use", flat=True).order_by("relation__use").distinct():
            with losers_told():
                moved += _for_use(use_id)
    return moved


def _for_use(use_id: UUID) -> int:
    use = lock_use(use_id, skip=True)
    if use is None:
        return 0
    if not OpenPeriod.objects.filter(use=use, during__contains=now()).exists():
        freeze_closed(use, at=now())
        return 0
    if not _open_for_good(use):
        return 0
    rows = locked_all(Handover.objects.filter(relation__use=use, state=S.APPROVED, effective_at__lte=now()))
    list(
        Relation.objects.select_for_update(no_key=True)
        .filter(pk__in=[h.relation_id for h in rows])
        .order_by("pk")
    )
    guards = eligibility.recipients({h: h.recipient_id for h in rows}, now())
    going: list[tuple[Handover, Decision]] = []
    back: list[tuple[Handover, Refused]] = []
    for handover in rows:
        facts = {
            **guards[handover.pk],
            "effective_reached": True,
            "use_open": True,
            "package_unchanged": dossier.hash_of(handover.package) == handover.package_hash,
            "no_objection": not objects(handover.relation.kol),
        }
        try:
            going.append((handover, judge(handover, "T-06", by=None, guards=facts)))
        except Refused as refusal:
            back.append((handover, refusal))
    for handover, why in back:
        reasons = failed_guards(why.decision)
        code = dict(reasons[0].params).get("guard", "") if reasons else why.decision.rules[0]
        decision = judge(handover, "T-09", by=None, guards={"reason_given": True})
        back_to_prepared([handover], by=None, reason=code, decisions=[decision])
    _move(going, now())
    check_constraints()
    _tell([handover for handover, _ in going], use)
    return len(going)


def _open_for_good(use: Use) -> bool:
    """Whether no closing is confirmed ahead.

    If one is, nothing moves any more: it would come back at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_open(%s) @> tstzrange(%s, NULL, '[)')", [use.pk, now()])
        return bool(cursor.fetchone()[0])


def _move(going: Iterable[tuple[Handover, Decision]], at: datetime) -> None:
    """Take the steps and change the owners at one instant."""
    moves = [
        Move(
            handover, "T-06", S.EFFECTIVE, None,
            facts={"instant": at.isoformat(), "to": handover.recipient.name if handover.recipient else ""},
            # What was approved stands in the step of the approval; from here on it is the instant of the move.
            values={"effective_at": at},
            decision=decision,
        )
        for handover, decision in going
    ]  # fmt: skip
    take(moves)
    _change_owners(moves, at)


def _change_owners(moves: list[Move], at: datetime) -> None:
    """End what was owned until then, begin field service, keep the MSL as scientific contact."""
    held = {
        row.relation_id: row
        for row in Ownership.objects.select_related("owner").filter(
            relation__in=[move.handover.relation_id for move in moves], during__contains=at
        )
    }
    opened, contacts, ended = [], [], []
    for move in moves:
        row = held[move.handover.relation_id]
        if row.during.lower < at:
            ended.append(row.pk)
        else:
            row.delete()
        opened.append(
            Ownership(
                relation_id=row.relation_id, side=Side.COMMERCIAL, owner=move.handover.recipient,
                during=DateTimeTZRange(at, row.during.upper), began_with=move.step_id,
            )
        )  # fmt: skip
        if row.side == Side.MEDICAL:
            contacts.append(
                ScientificContact(
                    relation_id=row.relation_id, msl=row.owner, during=DateTimeTZRange(at, None)
                )
            )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kols_ownership SET during = tstzrange(lower(during), %s, '[)')"
            " WHERE id = ANY(%s::uuid[])",
            [at, [str(pk) for pk in ended]],
        )
    Ownership.objects.bulk_create(opened, batch_size=1000)
    ScientificContact.objects.bulk_create(contacts, batch_size=1000)


def _tell(handovers: list[Handover], use: Use) -> None:
    """Both people and the lead who approved, one notice each for the whole run."""
    run = uuid4()
    counts: Counter[tuple[UUID, str, str]] = Counter()
    people: dict[UUID, User] = {}
    for handover in handovers:
        for person, kind, url in (
            (handover.recipient, "handovers_effective_yours", "/kols/"),
            (handover.preparer, "handovers_effective", "/handovers/mine/"),
            (handover.approver, "handovers_effective", f"/handovers/campaigns/{handover.campaign_id}/"),
        ):
            if person is not None:
                people[person.pk] = person
                counts[person.pk, kind, url] += 1
    tell_all([
        (people[pk], kind, f"{kind} {run}", url, {"count": count, "use": use})
        for (pk, kind, url), count in counts.items()
    ])  # fmt: skip
