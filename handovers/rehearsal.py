"""What a lifecycle entry would move among owners and handovers, before it counts (T-01, T-13 to T-16).

Asked of the same questions that are asked when it counts: which handovers are due, which ownerships are not
lawful any more and to whom they go, who would take over and what he lacks. Nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import acting_as, now, system
from accounts.models import User
from compliance.policy import HandoverState
from handovers import eligibility
from handovers.actions import exits, opening, reversal
from handovers.models import Handover
from handovers.suggest import candidates_for, suggested
from handovers.territories import Candidate
from kols.models import Relation
from msl_crm.dates import moment_in_words
from products.models import LifecycleEntry
from products.supposing import Supposed


@dataclass(frozen=True)
class Prospect:
    """Who of field service would take an expert over, and what stands against it: codes of guards.

    Without anybody in the territory there is nobody to ask about. `several` says that a lead has to choose.
    """

    relation: UUID
    kol: str
    owner: UUID
    region: str
    rep: Candidate | None
    several: bool
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class Back:
    """An expert who comes back to Medical: from whom, to whom (nobody, where none is there), and when."""

    relation: UUID
    kol: str
    rep: UUID
    to: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Moves:
    """All of it. Handovers that stop, go on and are cancelled stand as their ids."""

    due: tuple[Prospect, ...] = ()
    back: tuple[Back, ...] = ()
    stopped: frozenset[UUID] = frozenset()
    resumed: frozenset[UUID] = frozenset()
    cancelled: frozenset[UUID] = frozenset()


def moves_of(supposed: Supposed, *, reps: bool = True) -> Moves:
    """What would move if this entry counted. Without `reps` nobody is asked who would take over."""
    with acting_as(system("rehearse a lifecycle entry")):
        at, use = supposed.instant, supposed.use
        back = _back(supposed)
        gone = exits.of_campaign(use, supposed.voids) if supposed.voids else ()
        cancelled = frozenset(row.pk for row in gone)
        if supposed.is_open(at):
            resumed = frozenset(exits.frozen_by_lifecycle(use).values_list("pk", flat=True))
            return Moves(due=_due(supposed, at, reps), back=back, resumed=resumed, cancelled=cancelled)
        stopped = frozenset(exits.under_way(use).values_list("pk", flat=True)) - cancelled
        return Moves(back=back, stopped=stopped, cancelled=cancelled)


def _back(supposed: Supposed) -> tuple[Back, ...]:
    runs = reversal.lawless(supposed.use, supposed.open_time(), lock=False)
    heirs = reversal.heirs(runs, supposed.use.market)
    kols = _kols(run.rows[0].relation for run in runs)
    return tuple(
        Back(
            run.rows[0].relation, kols[run.rows[0].relation].kol.name, run.rows[-1].owner,
            heir.pk if (heir := heirs[id(run)]) else None, max(run.cut, run.rows[0].start),
        )
        for run in runs
    )  # fmt: skip


def _due(supposed: Supposed, at: datetime, reps: bool) -> tuple[Prospect, ...]:
    found = opening.due(supposed.use.pk, at)
    if not reps:
        return tuple(Prospect(relation, "", owner, "", None, False, ()) for relation, owner in found)
    relations = _kols(relation for relation, _owner in found)
    rows = []
    for relation, owner in found:
        row = Handover(
            relation=relations[relation],
            market=supposed.use.market,
            state=HandoverState.DUE,
            preparer_id=owner,
        )
        row.relation.use = supposed.use
        rows.append(row)
    return prospects(rows, at)


def _kols(relations: Iterable[UUID]) -> dict[UUID, Relation]:
    return Relation.objects.select_related("kol__main_institution").in_bulk(list(relations))


def prospects(rows: list[Handover], at: datetime) -> tuple[Prospect, ...]:
    """Who is suggested for each of these handovers, there already or not, and what he lacks at that instant."""
    with acting_as(system("look for who takes over")):
        near = candidates_for(rows, at)
        named = {row: suggested(near[row.pk]) for row in rows}
        guards = eligibility.recipients({row: rep.user_id for row, rep in named.items() if rep}, at)
    return tuple(
        Prospect(
            row.relation_id, row.relation.kol.name, row.preparer_id, _region(row), rep,
            rep is None and any(not one.leads for one in near[row.pk]),
            tuple(sorted(guard for guard, held in guards[row.pk].items() if not held)) if rep else (),
        )
        for row, rep in named.items()
    )  # fmt: skip


def _region(row: Handover) -> str:
    institution = row.relation.kol.main_institution
    return institution.region if institution else ""


@dataclass(frozen=True)
class Consequences:
    """Numbers only: KOLs whose handover becomes due by MSL, ownerships that come back, handovers that stop."""

    due: tuple[tuple[str, int], ...] = ()
    back: int = 0
    stopped: int = 0
    ahead: datetime | None = None
    sentences: list[str] = field(default_factory=list)


def consequences_of(entry: LifecycleEntry) -> Consequences:
    """What confirming (or countersigning) this entry would set going, as it stands now.

    For Regulatory, Medical and oversight alone: the numbers rest on medical ownership.
    """
    supposed = Supposed.that(entry)
    moves = moves_of(supposed, reps=False)
    counts = Counter(prospect.owner for prospect in moves.due)
    people = User.objects.in_bulk(counts)
    due = tuple(
        sorted(((people[pk].name, n) for pk, n in counts.items()), key=lambda pair: (-pair[1], pair[0]))
    )
    ahead = supposed.at if supposed.at > now() else None
    stopped = len(moves.stopped | moves.cancelled)
    return Consequences(
        due, len(moves.back), stopped, ahead, _sentences(due, len(moves.back), stopped, ahead)
    )


def _sentences(
    due: tuple[tuple[str, int], ...], back: int, stopped: int, ahead: datetime | None
) -> list[str]:
    sentences = [
        ngettext(
            "%(count)d handover becomes due for %(name)s",
            "%(count)d handovers become due for %(name)s",
            count,
        )
        % {"count": count, "name": name}
        for name, count in due
    ]
    if back:
        sentences.append(
            ngettext("%d ownership comes back to Medical", "%d ownerships come back to Medical", back) % back
        )
    if stopped:
        sentences.append(
            ngettext("%d handover under way stops", "%d handovers under way stop", stopped) % stopped
        )
    if sentences and ahead:
        sentences.append(_("Takes effect on %(at)s") % {"at": moment_in_words(ahead)})
    return sentences
