"""What confirming an entry would do, in numbers, before anybody confirms it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import acting_as, now, system
from compliance.policy import State
from products.models import LifecycleEntry

OPENING = {State.AUTHORISED, State.CONDITIONAL}

_BY_MSL = """
SELECT u.given_name || ' ' || u.family_name, count(*)
  FROM kols_ownership o JOIN kols_relation r ON r.id = o.relation_id JOIN accounts_user u ON u.id = o.owner_id
 WHERE r.use_id = %(use)s AND o.side = 'MEDICAL' AND o.during @> %(at)s
   AND NOT EXISTS (SELECT 1 FROM handovers_handover h WHERE h.relation_id = r.id
                    AND h.state NOT IN ('REVERSED', 'CANCELLED'))
 GROUP BY u.id, 1 ORDER BY 2 DESC, 1
"""
_BACK = """
SELECT count(DISTINCT r.id) FROM kols_ownership o JOIN kols_relation r ON r.id = o.relation_id
 WHERE r.use_id = %(use)s AND o.side = 'COMMERCIAL' AND (upper_inf(o.during) OR upper(o.during) > %(at)s)
"""
_STOPPED = """
SELECT count(*) FROM handovers_handover h JOIN kols_relation r ON r.id = h.relation_id
 WHERE r.use_id = %(use)s AND h.state IN ('DUE', 'PREPARED', 'ASSIGNED', 'ACCEPTED', 'APPROVED')
"""


@dataclass(frozen=True)
class Consequences:
    """Numbers only: KOLs whose handover becomes due by MSL, ownerships that come back, handovers that stop."""

    due: tuple[tuple[str, int], ...] = ()
    back: int = 0
    stopped: int = 0
    ahead: datetime | None = None
    sentences: list[str] = field(default_factory=list)


def consequences_of(entry: LifecycleEntry) -> Consequences:
    """What confirming (or countersigning) this entry would set going, as it stands now.

    For Regulatory, Medical and oversight alone: the numbers rest on medical ownership.
    """
    at = entry.effective_at or now()
    voided = entry.voids
    if voided is not None:
        closes, opens = voided.state in OPENING, False
        at = voided.effective_at or now()
    else:
        opens = entry.state in OPENING
        closes = not opens
    with acting_as(system("rehearse a lifecycle entry")), connection.cursor() as cursor:
        facts: dict[str, Any] = {"use": entry.use_id, "at": at}
        due: tuple[tuple[str, int], ...] = ()
        back = stopped = 0
        if opens:
            cursor.execute(_BY_MSL, {**facts, "at": max(at, now())})
            due = tuple(cursor.fetchall())
        if closes:
            cursor.execute(_BACK, facts)
            back = cursor.fetchone()[0]
            cursor.execute(_STOPPED, facts)
            stopped = cursor.fetchone()[0] if at <= now() else 0
    ahead = at if at > now() else None
    return Consequences(due, back, stopped, ahead, _sentences(due, back, stopped, ahead))


def _sentences(
    due: tuple[tuple[str, int], ...], back: int, stopped: int, ahead: datetime | None
) -> list[str]:
    sentences = [
        ngettext(
            "%(count)d handover becomes due for %(name)s",
            "%(count)d handovers become due for %(name)s",
            count,
        )
        % {"count": count, "name": name}
        for name, count in due
    ]
    if back:
        sentences.append(
            ngettext("%d ownership comes back to Medical", "%d ownerships come back to Medical", back) % back
        )
    if stopped:
        sentences.append(
            ngettext("%d handover under way stops", "%d handovers under way stop", stopped) % stopped
        )
    if sentences and ahead:
        sentences.append(_("This happens at its instant, which lies ahead."))
    return sentences
