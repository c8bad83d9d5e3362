"""Who acts, from the first statement of a transaction to the last.

Everything that reads or writes people's data happens inside `acting_as`. It opens the transaction,
tells PostgreSQL who is asking (row-level security and the history triggers read it), and fixes the
instant the whole transaction calls *now*. Outside of it nothing behind the wall can be seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from compliance import software
from compliance.policy import Refused, Role, Side

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class System:
    """The product itself, with the reason it acts, and the person on whose behalf, if any."""

    reason: str
    by: User | None = None


@dataclass(frozen=True)
class Acting:
    """Who acts in the present transaction, and what this transaction calls now (UTC)."""

    actor: str
    user_id: UUID | None
    role: Role | None
    side: Side | None
    markets: frozenset[UUID]
    now: datetime
    clock: str = ""
    words: str = ""
    system: bool = False
    lacks_factor: bool = False
    glass: UUID | None = None
    source: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)
_source: ContextVar[Mapping[str, str]] = ContextVar("source", default=MappingProxyType({}))


@contextmanager
def came_from(**facts: str) -> Iterator[None]:
    """What a door knows of how this work came in: session, strength, address, device, batch (rulebook 4.1).

    Every entry of the trail that is written meanwhile carries it, whoever acts.
    """
    token = _source.set({**_source.get(), **facts})
    try:
        yield
    finally:
        _source.reset(token)


def _came() -> str:
    return json.dumps({"software": software.version(), **_source.get()})


def system(reason: str, by: User | None = None) -> System:
    """The product as an actor. `reason` names the job, for example "open due handovers"."""
    return System(reason, by)


def current() -> Acting:
    """Who acts now. Raises LookupError outside `acting_as`: there nothing may be decided."""
    if (acting := _acting.get()) is None:
        raise LookupError("nobody is acting: wrap this in acting_as(user) or acting_as(system(reason))")
    return acting


def now() -> datetime:
    """The instant of this transaction in UTC: the database's clock, or the one the owner role has set."""
    return current().now


@contextmanager
def acting_as(who: User | System | None, *, at: datetime | None = None) -> Iterator[Acting]:
    """Run a transaction in the name of a person, of the product, or of nobody (None sees nothing).

    A person's role is looked up at the transaction's instant, so somebody who changed sides a second ago
    already stands on the new one. `at` sets the clock, which the database honours for its owner role only.
    A `Refused` is raised again after the commit, so that the trail keeps the attempt.
    """
    refused: Refused | None = None
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        outer = _acting.get()
        token = _acting.set(_enter(who, outer, at))
        try:
            yield current()
        except Refused as refusal:
            refused = refusal
        finally:
            _acting.reset(token)
        if not outermost and not connection.needs_rollback:
            # A rollback to the savepoint undoes the settings by itself; a release keeps them.
            _set(outer)
    if refused is not None:
        raise refused


def _set(acting: Acting | None) -> None:
    values = (
        ("crm.actor", acting.actor if acting else ""),
        ("crm.user", str(acting.user_id or "") if acting else ""),
        ("crm.role", str(acting.role or "") if acting else ""),
        ("crm.side", ("system" if acting.system else str(acting.side or "")) if acting else ""),
        ("crm.markets", ",".join(sorted(map(str, acting.markets))) if acting else ""),
        ("crm.clock", acting.clock if acting else ""),
        ("crm.source", acting.source if acting else ""),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join("set_config(%s, %s, true)" for _ in values),
            [part for pair in values for part in pair],
        )


def _enter(who: User | System | None, outer: Acting | None, at: datetime | None) -> Acting:
    clock, source = at.isoformat() if at else outer.clock if outer else "", _came()
    with connection.cursor() as cursor:
        if isinstance(who, System):
            by = who.by.pk if who.by is not None else None
            actor = str(by) if by else f"system: {who.reason}"
            cursor.execute(
                "SELECT crm_act_as_system(%s, %s, %s), set_config('crm.source', %s, true)",
                [actor, by, clock, source],
            )
            words = f"system: {who.reason}" + (f", for {who.by.name}" if who.by else "")
            return Acting(
                actor, by, None, None, frozenset(), cursor.fetchone()[0], clock, words, True, source=source
            )
        cursor.execute(
            "SELECT role, side, markets, at, lacks_factor, glass, set_config('crm.source', %s, true) "
            "FROM crm_act_as(%s, %s)",
            [source, who.pk if who else None, clock],
        )
        role, side, markets, instant, lacks_factor, glass, _ = cursor.fetchone()
    acting = Acting(
        actor=str(who.pk) if who else "nobody signed in",
        user_id=who.pk if who else None,
        role=Role(role) if role else None,
        side=Side(side) if side else None,
        markets=frozenset(UUID(market) for market in markets.split(",") if market),
        now=instant,
        clock=clock,
        lacks_factor=lacks_factor,
        glass=glass,
        source=source,
    )
    if who is not None:
        who.take_role(acting)
    return acting
