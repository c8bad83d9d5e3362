"""Whom the product suggests as the recipient: the one person of field service in the expert's territory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.acting import acting_as, now, system
from handovers.models import Handover
from handovers.territories import Candidate, commercial_territories, people_in


def candidates_for(handovers: Iterable[Handover], at: datetime | None = None) -> dict[UUID, list[Candidate]]:
    """For each handover the people of the expert's territory, nearest first.

    Three statements for any number.
    """
    rows = list(handovers)
    at = at or now()
    with acting_as(system("suggest field service by territory")):
        homes = commercial_territories([row.relation_id for row in rows], at)
        people = people_in(homes.values(), at)
    return {row.pk: people.get(homes.get(row.relation_id), []) for row in rows}  # type: ignore[arg-type]


def suggested(candidates: list[Candidate]) -> Candidate | None:
    """The one match, if there is exactly one at the nearest level.

    Several are for the lead to choose from.
    """
    if not candidates:
        return None
    nearest = [c for c in candidates if c.depth == candidates[0].depth and not c.leads]
    return nearest[0] if len(nearest) == 1 else None
