"""Which plans a lifecycle entry would end, before it counts: judged anew as on the day itself (R-013)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.acting import acting_as, system
from compliance import policy
from compliance.policy import Intent, Outcome
from interactions.actions.hindsight import regathered, touched
from interactions.actions.rejudging import RELATED, TOPICS
from interactions.models import Interaction
from products.supposing import Supposed


@dataclass(frozen=True)
class Ended:
    """A plan that would be called off: whose, when, and by which rules. What it is about stays with its author."""

    plan: UUID
    author: UUID
    starts_at: datetime
    rules: tuple[str, ...]


def plans_that_end(supposed: Supposed) -> tuple[Ended, ...]:
    """The plans that would not be allowed any more if this entry counted."""
    with acting_as(system("rehearse a lifecycle entry")):
        rows = touched(supposed.use, supposed.at, supposed.at).filter(status=Interaction.Status.PLANNED)
        found = []
        for plan in rows.select_related(*RELATED).prefetch_related(*TOPICS).order_by("starts_at", "pk"):
            decision = policy.decide(regathered(plan, Intent.PLAN, supposed=supposed).act)
            if decision.outcome is Outcome.NOT_ALLOWED:
                found.append(Ended(plan.pk, plan.author_id, plan.starts_at, decision.rules))
    return tuple(found)
