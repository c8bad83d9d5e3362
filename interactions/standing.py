"""Who a person is to the experts of a contact, topic by topic: owner, scientific contact, or nobody of theirs.

A Medical person without any relation to the experts there speaks as a scientific contact does; where a relation
exists, only its owner, cover or contact of that instant counts (R-049).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.models import User
from compliance.policy import Side, Standing, Subject
from interactions import then
from kols.models import KOL

if TYPE_CHECKING:
    from interactions.facts import Event, Spoken

STRICTNESS = (Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER)


@dataclass(kw_only=True)
class Standings:
    """Who the person is to the experts there, topic by topic."""

    side: Side
    kols: frozenset[UUID]
    relations: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)
    by_use: dict[UUID, Standing] = field(default_factory=dict)
    owned: set[tuple[UUID, UUID, UUID | None]] = field(default_factory=set)

    def holds(self, relation: UUID, kol: UUID, use: UUID, standing: Standing) -> None:
        """Of several experts the one counts to whom the person is least."""
        self.relations[kol, use] = relation
        self.by_use[use] = max(self.by_use.get(use, Standing.OWNER), standing, key=STRICTNESS.index)

    def of(self, topic: Spoken) -> Standing:
        if self.side is Side.MEDICAL:
            use = topic.use.pk if topic.use else None
            return self.by_use.get(use, Standing.SCIENTIFIC_CONTACT) if use else Standing.OWNER
        if self.side is not Side.COMMERCIAL:
            return Standing.NON_OWNER
        match topic.subject:
            case Subject.USE:
                with_whom = {
                    kol for kol, use, _ in self.owned if topic.use is not None and use == topic.use.pk
                }
            case Subject.DISEASE:
                with_whom = {
                    kol for kol, _, area in self.owned if topic.area is not None and area == topic.area.pk
                }
            case Subject.ADMIN:
                with_whom = {kol for kol, _, _ in self.owned}
            case _:
                with_whom = set()
        return Standing.OWNER if self.kols and self.kols <= with_whom else Standing.NON_OWNER


def standings(side: Side, kols: Sequence[KOL], rows: Iterable[Sequence[str]]) -> Standings:
    """From the rows of the look-up. On the commercial side only her own and those she covers are among them."""
    found = Standings(side=side, kols=frozenset(kol.pk for kol in kols))
    for row in rows:
        if side is Side.COMMERCIAL:
            kol, use, area = row
            found.owned.add((UUID(kol), UUID(use), UUID(area) if area else None))
        else:
            relation, kol, use, standing = row
            found.holds(UUID(relation), UUID(kol), UUID(use), Standing(standing))
    return found


def standings_then(
    by: User, side: Side, event: Event, topics: Sequence[Spoken], kols: Sequence[KOL], known_at: datetime
) -> Standings:
    """The same by what was known at an earlier instant: owners, covers and scientific contacts."""
    found, uses = Standings(side=side, kols=frozenset(kol.pk for kol in kols)), set(uses_of(topics))
    if not kols or side not in (Side.MEDICAL, Side.COMMERCIAL) or (side is Side.MEDICAL and not uses):
        return found
    mine = {by.pk, *then.covered(by, event.starts_at, known_at)}
    if side is Side.COMMERCIAL:
        past = then.owners(found.kols, event.starts_at, event.ends_at, known_at)
        found.owned = {
            (one.kol, one.use, one.area) for one in past if one.side == Side.COMMERCIAL and one.owner in mine
        }
        return found
    past = [
        one for one in then.owners(found.kols, event.starts_at, event.starts_at, known_at) if one.use in uses
    ]
    contacts = then.contacts(by, event.starts_at, known_at)
    for one in past:
        other = Standing.SCIENTIFIC_CONTACT if one.relation in contacts else Standing.NON_OWNER
        found.holds(one.relation, one.kol, one.use, Standing.OWNER if one.owner in mine else other)
    return found


def uses_of(topics: Sequence[Spoken]) -> tuple[UUID, ...]:
    return tuple(topic.use.pk for topic in topics if topic.use is not None)
