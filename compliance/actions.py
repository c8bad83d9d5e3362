"""What Compliance does: takes in deviations and closes them with a conclusion."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from accounts.acting import now
from accounts.models import User
from accounts.notices import tell, tell_all
from accounts.people import role_at
from compliance import audit, policy
from compliance.models import Deviation, Measure
from compliance.policy import Act, Deed, Role, Side, side_of

if TYPE_CHECKING:
    from uuid import UUID

CLOSED_ALREADY = "deviation_closed"


@audit.action
def report_deviation(
    act: Act,
    words: str,
    *,
    happened_at: datetime,
    by: User,
    subject: User | None = None,
    words_reason: str = "",
) -> Deviation:
    """Keep a prohibited act that already took place: its own record, a finding, never activity (decision 21).

    `words` say what happened; `happened_at` is its instant; `subject` is whose act it was, unless told the
    reporter's own, `words_reason` why what stands out in them stays. The decision is made anew from the facts and
    kept with them. Compliance is told in the same transaction. Auditors, who only read, report none.
    """
    audit.permit(Deed.REPORT_DEVIATION, on=None, by=by, words=words)
    decision = policy.decide(act)
    deviation = Deviation.objects.create(
        reporter=by,
        reporter_side=side_of(by.role),
        subject=subject or by,
        happened_at=happened_at,
        recorded_at=now(),
        words=words.strip(),
        act=act.to_json(),
        decision=decision.to_json(),
        policy_version=policy.VERSION,
    )
    why: dict[str, Any] = {"words_reason": words_reason.strip()[:300]} if words_reason.strip() else {}
    audit.record(
        "reported a deviation", deviation, by=by, act=act, decision=decision, happened_at=happened_at, **why
    )
    _tell_compliance(deviation)
    return deviation


@audit.action
def close_deviation(deviation: UUID, conclusion: str, *, by: User) -> Deviation:
    """Close a deviation with what was concluded, in words.

    Closed twice, the second attempt is refused: a conclusion is never overwritten. Nobody closes what she
    has reported herself, what is about her, or what was hers to put right, and nobody closes it before that is
    done (R-152, R-154, R-155).
    """
    row = Deviation.objects.select_for_update(no_key=True).get(pk=deviation)
    audit.permit(Deed.ASSESS_DEVIATION, on=row, by=by)
    if row.reporter_id == by.pk:
        audit.refuse("R-154", "own_deviation", verb="was refused to close a deviation", on=row, by=by)
    verb = "was refused to close a deviation"
    if row.subject_id == by.pk or row.measures.filter(owner=by).exists():
        audit.refuse("R-154", "about_the_closer", verb=verb, on=row, by=by)
    if row.measures.open().exists():
        audit.refuse("R-155", "measure_open", verb=verb, on=row, by=by)
    if row.status == Deviation.Status.CLOSED:
        audit.refuse("R-154", CLOSED_ALREADY, verb="was refused to close a deviation", on=row, by=by)
    row.status = Deviation.Status.CLOSED
    row.closed_by, row.closed_at, row.conclusion = by, now(), conclusion.strip()
    row.save(update_fields=["status", "closed_by", "closed_at", "conclusion"])
    audit.record("closed a deviation", row, by=by, conclusion=row.conclusion)
    return row


@audit.action
def set_measure(deviation: UUID, what: str, *, owner: User, due_on: date, by: User) -> Measure:
    """Say what follows from a deviation, who sees to it and by when. The owner is told, of that alone.

    Somebody of the other side of the wall would learn of the deviation and cannot be named.
    """
    row = Deviation.objects.select_for_update(no_key=True).get(pk=deviation)
    audit.permit(Deed.ASSESS_DEVIATION, on=row, by=by)
    verb = "was refused to set a measure"
    if row.status == Deviation.Status.CLOSED:
        audit.refuse("R-154", CLOSED_ALREADY, verb=verb, on=row, by=by)
    held = role_at(owner, now())
    side = side_of(held[0]) if held else None
    near = {row.reporter_side, Side.OVERSIGHT} if held and held[0] == Role.COMPLIANCE else {row.reporter_side}
    if side is None or side not in near or not owner.is_active:
        audit.refuse("R-155", "measure_owner", verb=verb, on=row, by=by, person=owner.name)
    measure = Measure.objects.create(
        deviation=row, what=what.strip(), owner=owner, owner_side=side, due_on=due_on, set_by=by, set_at=now()
    )
    audit.record("set a measure after", row, by=by, what=measure.what, owner=owner.name, due_on=due_on)
    tell(owner, "measure_set", f"measure {measure.pk}", url=f"/compliance/measures/{measure.pk}/")
    return measure


@audit.action
def complete_measure(measure: UUID, evidence: str, *, by: User) -> Measure:
    """Say what was done. Only its owner does; Compliance is told and closes the deviation (R-155)."""
    row = (
        Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("set_by").get(pk=measure)
    )
    verb = "was refused to complete a measure"
    if row.owner_id != by.pk:
        audit.refuse("R-155", "not_yours", verb=verb, on=row, by=by)
    if row.done_at is not None:
        return row
    row.done_at, row.evidence = now(), evidence.strip()
    row.save(update_fields=["done_at", "evidence"])
    audit.record("completed a measure", row, by=by, evidence=row.evidence)
    url = f"/compliance/deviations/{row.deviation_id}/"
    tell(row.set_by, "measure_done", f"measure {row.pk} done", url=url)
    return row


def _tell_compliance(deviation: Deviation) -> None:
    officers = User.objects.filter(
        Q(appointments__during__contains=now()), is_active=True, appointments__role=Role.COMPLIANCE
    )
    url = f"/compliance/deviations/{deviation.pk}/"
    tell_all(
        [(officer, "deviation_reported", f"deviation {deviation.pk}", url, {}) for officer in officers],
        urgent=True,
    )
