"""What the lifecycle of a use would be with one more entry, or with one fewer: for rehearsals, which write nothing.

The periods follow one another as the database's one view has them; the triggers never see these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from accounts.acting import now
from compliance.policy import State, Zone
from products.launch import promotable
from products.models import LifecycleEntry, MaterialVersion, OpenPeriod, Period, Use

_PERIODS = """
SELECT e.entry_id, e.use_id, e.state, e.effective_at, e.promotable_from,
       tstzrange(e.effective_at, lead(e.effective_at) OVER (PARTITION BY e.use_id ORDER BY e.effective_at), '[)') AS during
  FROM (SELECT p.entry_id, p.use_id, p.state, p.effective_at, p.promotable_from FROM products_period p
         WHERE p.use_id = ANY(%(uses)s::uuid[]) AND p.entry_id <> ALL(%(without)s::uuid[])
        UNION ALL
        SELECT %(entry)s::uuid, %(use)s::uuid, %(state)s::text, %(at)s::timestamptz, %(promotable)s::timestamptz
         WHERE %(state)s <> '' AND %(use)s::uuid = ANY(%(uses)s::uuid[])) e
"""
_OPEN = """
SELECT coalesce(range_agg(tstzrange(greatest(lower(during), promotable_from), upper(during), '[)')), '{}')::text
  FROM (<periods>) p
 WHERE state IN ('AUTHORISED', 'CONDITIONAL')
   AND (upper_inf(during) OR greatest(lower(during), promotable_from) < upper(during))
""".replace("<periods>", _PERIODS)


@dataclass(frozen=True, kw_only=True)
class Supposed:
    """That an entry would count: a state of a use from an instant on, or, without a state, that another is void."""

    use: Use
    state: State | None
    at: datetime
    promotable_from: datetime | None = None
    voids: UUID | None = None
    entry: UUID = field(default_factory=uuid4)

    @classmethod
    def that(cls, entry: LifecycleEntry) -> Supposed:
        """An entry that is proposed, or confirmed for a day ahead. One without a day would hold from now on."""
        voided = entry.voids
        return cls(
            use=entry.use,
            state=State(entry.state) if entry.state else None,
            at=(voided.effective_at if voided else entry.effective_at) or now(),
            promotable_from=promotable(entry),
            voids=voided.pk if voided else None,
            entry=entry.pk,
        )

    @property
    def instant(self) -> datetime:
        """From when it is felt: its own instant, or now where that lies in the past."""
        return max(self.at, now())

    def periods(self, uses: Iterable[UUID]) -> list[Period]:
        """The lifecycle of these uses as it would be."""
        return list(Period.objects.raw(_PERIODS, self._facts(uses)))

    def open_time(self) -> str:
        """The open time of the use as one set, as `crm_open` would give it."""
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, self._facts([self.use.pk]))
            return str(cursor.fetchone()[0])

    def zone(self, at: datetime) -> Zone:
        """Where the use would stand at an instant."""
        held = [period for period in self.periods([self.use.pk]) if at in period.during]
        return held[0].zone(at) if held else Zone.UNLISTED

    def is_open(self, at: datetime) -> bool:
        return self.zone(at) is Zone.OPEN

    def quarantined(self) -> list[tuple[MaterialVersion, datetime]]:
        """Materials in use that would fall into quarantine with it, each with its instant (R-083)."""
        changes = self._changes()
        found = []
        for version in MaterialVersion.objects.filter(uses=self.use).quarantined().select_related("material"):
            since = _judged_since(version)
            at = min((one for one in changes if since is not None and one > since), default=None)
            ended = [version.quarantined_at, version.recalled_at, version.retired_at, version.valid_to]  # type: ignore[attr-defined]
            if at is not None and all(end is None or end > at for end in ended):
                found.append((version, at))
        return sorted(found, key=lambda pair: (str(pair[0]), pair[0].pk))

    def _changes(self) -> list[datetime]:
        """Every instant at which the zone of the use would change."""
        found: list[datetime] = []
        zone: Zone | None = None
        for period in sorted(self.periods([self.use.pk]), key=lambda one: one.effective_at):
            later = period.promotable_from
            inside = later is not None and later > period.effective_at and later in period.during
            for at in (period.effective_at, *((later,) if inside and later else ())):
                if (fresh := period.zone(at)) != zone:
                    found.append(at)
                zone = fresh
        return found

    def _facts(self, uses: Iterable[UUID]) -> dict[str, Any]:
        # An entry that counts already is supposed in its own place.
        without = [str(pk) for pk in (self.entry, self.voids) if pk]
        return {
            "uses": [str(pk) for pk in uses], "without": without, "entry": self.entry, "use": self.use.pk,
            "state": str(self.state or ""), "at": self.at, "promotable": self.promotable_from,
        }  # fmt: skip


def _judged_since(version: MaterialVersion) -> datetime | None:
    """From when a change of zone makes a version stale, as `crm_quarantined_at` has it."""
    if version.approved_at is None:
        return None
    promotes = version.material.purpose == "PROMOTIONAL"
    return max(version.valid_from, version.approved_at) if promotes else version.approved_at


def open_time(use: Use) -> str:
    """The open time of a use as it stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_open(%s)::text", [use.pk])
        return str(cursor.fetchone()[0])


def is_open(use: Use, at: datetime) -> bool:
    return OpenPeriod.objects.filter(use=use, during__contains=at).exists()
