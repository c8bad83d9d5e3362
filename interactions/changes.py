"""What an edit changes that needs a reason: the instant of the event, and who brought a topic up (R-047, R-069)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.acting import now
from compliance.policy import Basis
from interactions.models import Change, Interaction

if TYPE_CHECKING:
    from interactions.facts import Event, Spoken

# A form knows minutes; seconds that it drops are no change.
SAME = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Against the record as it stands, and as it was first saved."""

    first_start: datetime | None = None
    first_bases: dict[UUID, Basis] = field(default_factory=dict)
    fresh: tuple[tuple[Change.Kind, UUID | None, str, str], ...] = ()
    reason: str = ""
    kept_reason: bool = False

    @property
    def reasoned(self) -> bool:
        """Every change has its reason: this one now, earlier ones when they were made."""
        return bool(self.reason.strip()) if self.fresh else self.kept_reason

    @property
    def unreasoned(self) -> bool:
        return bool(self.fresh) and not self.reason.strip()


NONE = Changes()


def moved(one: datetime, other: datetime) -> bool:
    return abs(one - other) >= SAME


def against(before: Interaction, event: Event, topics: Sequence[Spoken], reason: str = "") -> Changes:
    """What this edit changes of a record, behind whose lock it is asked."""
    kept = list(Change.objects.filter(interaction=before).order_by("at", "id"))
    dates = [each for each in kept if each.kind == Change.Kind.DATE]
    # Two changes of one instant have no order of their own; the first is the one that none of them led to.
    led_to = {each.after for each in dates}
    begun = next((each for each in dates if each.before not in led_to), dates[0] if dates else None)
    first = begun.first_start if begun else before.starts_at
    standing = {
        about: Basis(topic.basis)
        for topic in before.topics.all()
        if topic.basis and (about := topic.use_id or topic.product_id or topic.area_id)
    }
    bases = dict(standing)
    for each in reversed(kept):
        if each.kind == Change.Kind.INITIATOR and each.about:
            bases[each.about] = Basis(each.before)
    fresh: list[tuple[Change.Kind, UUID | None, str, str]] = []
    if moved(before.starts_at, event.starts_at):
        fresh.append((Change.Kind.DATE, None, before.starts_at.isoformat(), event.starts_at.isoformat()))
    for topic in topics:
        about = topic.key[1]
        was = standing.get(about) if about else None
        if was is Basis.PROACTIVE and topic.basis is Basis.UNSOLICITED_REQUEST:
            fresh.append((Change.Kind.INITIATOR, about, str(was), str(topic.basis)))
    return Changes(
        first_start=first if moved(first, event.starts_at) else None,
        first_bases=bases,
        fresh=tuple(fresh),
        reason=reason,
        kept_reason=bool(kept),
    )


def keep(interaction: Interaction, changes: Changes) -> None:
    """Write down each fresh change with the reason that was given."""
    if changes.fresh:
        Change.objects.bulk_create(
            Change(
                interaction=interaction, compartment=interaction.compartment, author=interaction.author,
                kind=kind, about=about, before=was, after=becomes, reason=changes.reason.strip()[:300], at=now(),
            )
            for kind, about, was, becomes in changes.fresh
        )  # fmt: skip
