"""The rehearsal of a decision day: everything that an entry would set going, put together from those who would do it.

Handovers and plans know nothing of each other; here, above both, their answers meet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from accounts.models import User
from handovers.rehearsal import Moves, Prospect, moves_of
from interactions.foresight import Ended, plans_that_end
from interactions.models import Interaction
from products.models import MaterialVersion
from products.supposing import Supposed

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a decision day would bring: owners and handovers, plans that end, materials that fall into quarantine."""

    supposed: Supposed
    moves: Moves
    plans: tuple[Ended, ...]
    materials: tuple[tuple[MaterialVersion, datetime], ...]

    @property
    def regions_without_rep(self) -> dict[str, int]:
        """By region, how many experts nobody of field service could take over."""
        return _counted(one.region for one in self.moves.due if one.rep is None and not one.several)

    @property
    def to_choose(self) -> dict[str, int]:
        """By region, for how many experts a lead of field service has to choose among several."""
        return _counted(one.region for one in self.moves.due if one.several)

    @property
    def missing(self) -> dict[tuple[str, str], int]:
        """By rep and guard, how many experts he could not take over for want of it."""
        return _counted(
            (one.rep.name, guard) for one in self.moves.due if one.rep is not None for guard in one.lacks
        )

    @property
    def ready(self) -> tuple[Prospect, ...]:
        return tuple(one for one in self.moves.due if one.rep is not None and not one.lacks)


def rehearse(supposed: Supposed) -> Rehearsal:
    """Ask everybody concerned; nothing is written."""
    return Rehearsal(
        supposed=supposed,
        moves=moves_of(supposed),
        plans=plans_that_end(supposed),
        materials=tuple(supposed.quarantined()),
    )


def shown_to(found: Rehearsal, user: User) -> dict[UUID, list[Ended]]:
    """The plans that end, by author, as far as this person may know of each; the rest is a number."""
    known = set(
        Interaction.objects.visible_to(user)
        .filter(pk__in=[one.plan for one in found.plans])
        .values_list("pk", flat=True)
    )
    plans: dict[UUID, list[Ended]] = defaultdict(list)
    for one in found.plans:
        if one.plan in known:
            plans[one.author].append(one)
    return dict(plans)


def _counted(found: Iterable[T]) -> dict[T, int]:
    return dict(sorted(Counter(found).items(), key=lambda pair: (-pair[1], str(pair[0]))))
