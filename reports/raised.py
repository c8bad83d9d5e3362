"""What experts raise: the themes of a team's contacts in six weeks, against the six before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from reports.figures import Scope

SPAN = timedelta(weeks=6)
SHOWN = 6
LOOKED_AT = 20_000
"""So many contacts, the newest first, are enough to see what is raised."""
FEW = 4
"""A rise of fewer is no finding."""
_RAISED = """
WITH lately AS (
  SELECT id, starts_at FROM interactions_interaction
   WHERE author_id = ANY (%(team)s) AND status IN ('DRAFT', 'SIGNED')
     AND starts_at >= %(before)s AND starts_at < %(now)s
   ORDER BY starts_at DESC LIMIT %(most)s)
SELECT h.name, count(*) FILTER (WHERE l.starts_at >= %(since)s), count(*) FILTER (WHERE l.starts_at < %(since)s)
  FROM lately l
  JOIN interactions_topic t ON t.interaction_id = l.id
  JOIN interactions_topic_themes x ON x.topic_id = t.id
  JOIN products_theme h ON h.id = x.theme_id
 GROUP BY h.name ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Raised:
    """A theme with how often it was talked about now and before."""

    name: str
    now: int
    before: int

    @property
    def change(self) -> int:
        return self.now - self.before

    def as_bar(self) -> dict[str, Any]:
        """As `components/bars.html` draws it. The sign stands before the number, and nothing for no change."""
        sign = f"+{self.change}" if self.change > 0 else f"−{-self.change}" if self.change else "0"
        return {"label": self.name, "value": self.now, "change": sign}


def raised(scope: Scope, at: datetime) -> list[Raised]:
    """The themes raised most by the experts of a team, in one statement."""
    facts: dict[str, Any] = {
        "team": list(scope.team), "now": at, "since": at - SPAN, "before": at - 2 * SPAN, "most": LOOKED_AT,
        "shown": SHOWN,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_RAISED, facts)
        return [Raised(*row) for row in cursor.fetchall()]


def headline(themes: list[Raised]) -> str:
    """The finding: what more than doubled, else what rose most, else nothing is claimed."""
    risen = max(themes, key=lambda one: one.change, default=None)
    if risen is None:
        return _("Nothing was talked about yet")
    if risen.change < FEW:
        return _("What experts raise")
    if risen.before and risen.now > 2 * risen.before:
        return _("%(theme)s more than doubled") % {"theme": risen.name}
    if not risen.before:
        return _("%(theme)s is new") % {"theme": risen.name}
    return _("%(theme)s rose most") % {"theme": risen.name}
