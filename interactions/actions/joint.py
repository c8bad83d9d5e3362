"""Linking the two records of a visit of both sides (R-062)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from accounts.acting import now
from compliance import audit
from compliance.finding_actions import find
from interactions.models import JointVisit

LOOK_BACK = timedelta(days=60)
_LINK = "SELECT crm_link_joint_visits(%s)"


def link_joint_visits(at: datetime) -> int:
    """Link what each side has written of a visit at which both were: the same expert and day, each names the other.

    It runs apart from what anybody logs, so that no answer to one side tells whether the other has written. May run
    again at any time. Returns how many were linked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [at - LOOK_BACK])
        linked: int = cursor.fetchone()[0]
    if linked:
        audit.record("linked records of visits of both sides", by=None, count=linked)
        fresh = JointVisit.objects.filter(before_authorisation=True, found_at=now())
        for visit in fresh.select_related("medical__market", "medical__author", "field__author"):
            open_finding_on(visit)
    return linked


def open_finding_on(visit: JointVisit) -> None:
    """Field service was still there when what is not authorised came up: a finding about each, for oversight (R-063).

    Neither author is told, and no record of hers changes: each would learn of the other's.
    """
    for record in (visit.medical, visit.field):
        find(
            "Field service and Medical were with one expert while what is not authorised was a topic.",
            market=visit.medical.market, rules=("R-063",), record=record.pk, subject=record.author,
            at_side=record.author_side,
        )  # fmt: skip
