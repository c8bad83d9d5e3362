"""Telling of a deviation. What comes of it is led as a finding (`finding_actions`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.acting import now
from accounts.models import User
from accounts.notices import tell_all
from compliance import audit, policy
from compliance.finding_actions import officers
from compliance.models import Deviation
from compliance.policy import Act, Deed, side_of


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
    """Keep a prohibited act that already took place: its own record, never activity (decision 21).

    The database opens a finding with it.
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


def _tell_compliance(deviation: Deviation) -> None:
    url = f"/compliance/deviations/{deviation.pk}/"
    tell_all(
        [(officer, "deviation_reported", f"deviation {deviation.pk}", url, {}) for officer in officers()],
        urgent=True,
    )
