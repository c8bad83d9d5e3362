"""Linking the two records of a visit of both sides (R-062)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from compliance import audit

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
    return linked
