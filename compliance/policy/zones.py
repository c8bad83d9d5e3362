"""Which zone a use is in at an instant, derived from its lifecycle points (rulebook 2.1, R-001, R-002)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .words import State, Zone

ZONES: dict[State, Zone] = {
    State.PRECLINICAL: Zone.PRE,
    State.CLINICAL: Zone.PRE,
    State.SUBMITTED: Zone.PRE,
    State.REFUSED: Zone.PRE,
    State.APPL_WITHDRAWN: Zone.PRE,
    State.AUTHORISED: Zone.OPEN,
    State.CONDITIONAL: Zone.OPEN,
    State.EMERGENCY: Zone.PRE,
    State.SUSPENDED: Zone.CLOSED,
    State.WITHDRAWN: Zone.CLOSED,
}

STRICTNESS: tuple[Zone, ...] = (Zone.NONE, Zone.OPEN, Zone.PRE, Zone.CLOSED, Zone.UNLISTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePoint:
    """One lifecycle entry as the policy sees it. It holds until the next confirmed, unvoided point.

    ``promotable_from`` defaults to ``effective_at``; earlier than that it has no effect. Expected dates
    are not points at all (R-009).
    """

    state: State
    effective_at: datetime
    recorded_at: datetime | None = None
    promotable_from: datetime | None = None
    confirmed: bool = True
    voided: bool = False


def zone_of(state: State | str | None, *, promotable: bool = True, emergency_opens: bool = False) -> Zone:
    """The zone a state gives. Authorised but not yet promotable is still PRE; no state is UNLISTED.

    ``emergency_opens`` is the market pack's explicit permission for emergency supply (default off).
    ``ValueError`` for a state nobody has defined.
    """
    if state is None:
        return Zone.UNLISTED
    state = State(state)
    zone = Zone.OPEN if state is State.EMERGENCY and emergency_opens else ZONES[state]
    return Zone.PRE if zone is Zone.OPEN and not promotable else zone


def in_force(entries: Iterable[LifecyclePoint], at: datetime) -> LifecyclePoint | None:
    """The confirmed, unvoided point that holds at that instant; its period starts at ``effective_at``.

    Of two points with the same instant the one recorded later holds.
    """
    past = [e for e in entries if e.confirmed and not e.voided and e.effective_at <= at]
    return max(past, key=lambda e: (e.effective_at, e.recorded_at or e.effective_at), default=None)


def derive_zone(entries: Iterable[LifecyclePoint], at: datetime, *, emergency_opens: bool = False) -> Zone:
    """The zone at an instant. Before the first point nothing is known of the use: UNLISTED."""
    entry = in_force(entries, at)
    if entry is None:
        return Zone.UNLISTED
    promotable = entry.promotable_from is None or at >= entry.promotable_from
    return zone_of(entry.state, promotable=promotable, emergency_opens=emergency_opens)


def zones_during(
    entries: Iterable[LifecyclePoint], start: datetime, end: datetime, *, emergency_opens: bool = False
) -> tuple[Zone, ...]:
    """Every zone the use runs through in ``[start, end)``, in order; none twice in a row."""
    entries = tuple(entries)
    changes = {start}
    for entry in entries:
        for instant in (entry.effective_at, entry.promotable_from):
            if instant is not None and start < instant < end:
                changes.add(instant)
    zones: list[Zone] = []
    for instant in sorted(changes):
        zone = derive_zone(entries, instant, emergency_opens=emergency_opens)
        if not zones or zones[-1] is not zone:
            zones.append(zone)
    return tuple(zones)


def strictest_zone(zones: Iterable[Zone]) -> Zone:
    """The zone that permits least. No zone at all is UNLISTED: what is not known is not open."""
    return max(zones, key=STRICTNESS.index, default=Zone.UNLISTED)


def local_day(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a calendar day starts and ends in a time zone, in UTC: 23 or 25 hours where clocks change."""
    midnight = datetime.combine(on, time.min, tzinfo=zone)
    following = datetime.combine(on + timedelta(days=1), time.min, tzinfo=zone)
    return midnight.astimezone(UTC), following.astimezone(UTC)


def zone_of_day(
    entries: Iterable[LifecyclePoint], on: date, zone: ZoneInfo, *, emergency_opens: bool = False
) -> Zone:
    """The zone of an event known by its date only: OPEN if the whole local day is, else the strictest."""
    start, end = local_day(on, zone)
    return strictest_zone(zones_during(entries, start, end, emergency_opens=emergency_opens))
