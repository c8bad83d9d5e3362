"""What still stands in the way of handovers on their way, and who can mend it. Reading only.

The same facts and the same judgement as when the step is taken; what is missing now may be there by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.acting import acting_as, now, system
from compliance.policy import HandoverState, Reason, sentence
from compliance.policy.handover import GUARDS
from compliance.policy.sentences import GUARD_LACKS
from handovers import eligibility
from handovers.actions.objections import objects
from handovers.models import Handover
from products.models import OpenPeriod

S = HandoverState
WITH_A_RECIPIENT = (S.ASSIGNED, S.ACCEPTED, S.APPROVED)


@dataclass(frozen=True)
class Lack:
    """One guard that would fail, in words: what is missing, the rule, who can mend it."""

    guard: str

    @property
    def what(self) -> str:
        """What is missing, without its rule and the way on."""
        return _(GUARD_LACKS[self.guard][0])

    def __str__(self) -> str:
        return sentence(Reason.of(GUARDS[self.guard], "guard_failed", guard=self.guard), _)


def lacks_of(
    handovers: Iterable[Handover], named: Mapping[UUID, UUID] | None = None, at: datetime | None = None
) -> dict[UUID, list[Lack]]:
    """What is missing for each handover that waits for field service; nothing for any other.

    Asked of the recipient, or of whoever is `named` by handover where nobody is yet. A constant number of
    statements.
    """
    people = {
        row: person
        for row in handovers
        if (person := row.recipient_id if row.state in WITH_A_RECIPIENT else (named or {}).get(row.pk))
        and row.state in (S.PREPARED, *WITH_A_RECIPIENT)
    }
    if not people:
        return {}
    with acting_as(system("say what a handover lacks")):
        at = at or now()
        guards = eligibility.recipients(people, at)
        uses = {row.relation.use_id for row in people}
        open_uses = set(
            OpenPeriod.objects.filter(use__in=uses, during__contains=at).values_list("use", flat=True)
        )
    return {row.pk: [*_failed(row, guards[row.pk], open_uses)] for row in people}


def candidates_lack(rows: Mapping[Handover, Iterable[UUID]]) -> dict[tuple[UUID, UUID | None], list[Lack]]:
    """What each of several people lacks for each handover, for the lead who chooses among them."""
    pairs = [(row, person) for row, people in rows.items() for person in people]
    if not pairs:
        return {}
    with acting_as(system("say what candidates lack")):
        found = eligibility.of_pairs(pairs, now())
    return {
        pair: [Lack(guard) for guard, held in guards.items() if not held] for pair, guards in found.items()
    }


def _failed(row: Handover, guards: Mapping[str, bool | None], open_uses: set[UUID]) -> Iterable[Lack]:
    more = {"use_open": row.relation.use_id in open_uses, "no_objection": not objects(row.relation.kol)}
    return (Lack(guard) for guard, held in {**guards, **more}.items() if not held)
