"""What Compliance does: takes in deviations and closes them with a conclusion."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.acting import now
from accounts.models import User
from accounts.notices import tell_all
from compliance import audit, policy
from compliance.models import Deviation
from compliance.policy import Act, Deed, Role, side_of

if TYPE_CHECKING:
    from uuid import UUID

CLOSED_ALREADY = "deviation_closed"


@audit.action
def report_deviation(act: Act, words: str, *, happened_at: datetime, by: User) -> Deviation:
    """Keep a prohibited act that already took place: its own record, a finding, never activity (decision 21).

    `words` say what happened; `happened_at` is its instant. The decision is made anew from the facts and
    kept with them. Compliance is told in the same transaction. Auditors, who only read, report none.
    """
    audit.permit(Deed.REPORT_DEVIATION, on=None, by=by, words=words)
    decision = policy.decide(act)
    deviation = Deviation.objects.create(
        reporter=by,
        reporter_side=side_of(by.role),
        happened_at=happened_at,
        recorded_at=now(),
        words=words.strip(),
        act=act.to_json(),
        decision=decision.to_json(),
        policy_version=policy.VERSION,
    )
    audit.record(
        "reported a deviation", deviation, by=by, act=act, decision=decision, happened_at=happened_at
    )
    _tell_compliance(deviation)
    return deviation


@audit.action
def close_deviation(deviation: UUID, conclusion: str, *, by: User) -> Deviation:
    """Close a deviation with what was concluded, in words.

    Closed twice, the second attempt is refused: a conclusion is never overwritten. Nobody closes what she
    has reported herself (R-152, R-154).
    """
    row = Deviation.objects.select_for_update(no_key=True).get(pk=deviation)
    audit.permit(Deed.ASSESS_DEVIATION, on=row, by=by)
    if row.reporter_id == by.pk:
        audit.refuse("R-154", "own_deviation", verb="was refused to close a deviation", on=row, by=by)
    if row.status == Deviation.Status.CLOSED:
        audit.refuse("R-154", CLOSED_ALREADY, verb="was refused to close a deviation", on=row, by=by)
    row.status = Deviation.Status.CLOSED
    row.closed_by, row.closed_at, row.conclusion = by, now(), conclusion.strip()
    row.save(update_fields=["status", "closed_by", "closed_at", "conclusion"])
    audit.record("closed a deviation", row, by=by, conclusion=row.conclusion)
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
