"""Taking ownership back from field service: at the instant the use closed, even if that lies in the past
or ahead.

Set-based: thousands of relations cost a handful of statements (rulebook T-16, R-119).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from accounts.acting import now
from accounts.models import Market, User
from accounts.notices import tell_all
from accounts.people import custodian_of, people_with
from compliance import audit
from compliance.policy import HandoverState, Role, Side
from handovers.actions._step import (
    Move,
    Signature,
    judge,
    lock,
    must_see,
    product_acts,
    refused,
    step_action,
    take,
)
from handovers.models import Handover, HandoverStep
from kols.models import Ownership, Relation, Showing
from products.models import Use
from products.supposing import open_time

# Relations of a use with an ownership of field service that reaches into time in which the use is not open.
_BREACHED = """
SELECT DISTINCT r.id FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id
 WHERE r.use_id = %s AND o.side = 'COMMERCIAL' AND NOT o.during <@ %s::tstzmultirange ORDER BY r.id
"""
_ROWS = """
SELECT o.relation_id, o.id, o.side, o.owner_id, lower(o.during), upper(o.during), o.began_with,
       lower(tstzmultirange(o.during) - %s::tstzmultirange)
  FROM kols_ownership o WHERE o.relation_id = ANY(%s::uuid[]) ORDER BY o.relation_id, lower(o.during)
"""
_ABLE = """
SELECT u.id FROM accounts_user u
 WHERE u.id = ANY(%(people)s::uuid[]) AND u.is_active
   AND tstzrange(%(at)s, NULL, '[)') <@ (SELECT coalesce(range_agg(a.during), '{}')
      FROM accounts_appointment a
        JOIN accounts_appointment_markets m ON m.appointment_id = a.id AND m.market_id = %(market)s
        WHERE a.user_id = u.id AND a.side = 'MEDICAL' AND a.role IN ('MSL', 'MSL_LEAD'))
"""


# What a step and its sentence need of a handover, and of its expert the name.
NEEDED = (
    "state", "version", "recipient_id", "preparer_id", "approver_id", "effective_at", "review_on", "held", "package_hash",
    "campaign_id", "market_id", "relation__kol__title", "relation__kol__given_name", "relation__kol__family_name",
    "relation__kol__suffix",
)  # fmt: skip


@dataclass
class Row:
    """One ownership as it stood.

    `end` None means for good, `closed_from` the first instant the use is not open.
    """

    relation: UUID
    pk: UUID
    side: str
    owner: UUID
    start: datetime
    end: datetime | None
    began_with: UUID | None
    closed_from: datetime | None


@dataclass
class Run:
    """Consecutive ownerships of field service of one relation, and the instant from which they are not
    lawful.
    """

    rows: list[Row]
    before: Row | None
    cut: datetime

    @property
    def end(self) -> datetime | None:
        return self.rows[-1].end


def reverse_closed(use: Use, *, by: User | None) -> list[Handover]:
    """Give back to Medical whatever field service owns outside the open time of a use already locked (T-16
    a).
    """
    runs = lawless(use, open_time(use))
    return _give_back(runs, use, by=by, cause="lifecycle") if runs else []


def lawless(use: Use, open_: str, *, lock: bool = True) -> list[Run]:
    """What field service owns of a use outside of its open time, each with the instant at which it has to end.

    Asked when an entry counts, and without locks when somebody asks what it would do.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BREACHED, [use.pk, open_])
        relations = [row[0] for row in cursor.fetchall()]
    return _runs(_rows(open_, relations, lock=lock)) if relations else []


def _rows(open_: str, relations: Iterable[UUID], *, lock: bool = True) -> dict[UUID, list[Row]]:
    wanted = [str(pk) for pk in relations]
    if lock:
        held = Relation.objects.select_for_update(no_key=True).filter(pk__in=wanted)
        list(held.order_by("pk").values_list("pk"))
    rows: dict[UUID, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [open_, wanted])
        for values in cursor.fetchall():
            row = Row(*values)
            rows[row.relation].append(row)
    return rows


def _runs(rows: dict[UUID, list[Row]], cut_at: datetime | None = None) -> list[Run]:
    """The runs of field service that have to end, each with its cut; `cut_at` ends the run current then."""
    found = []
    for owned in rows.values():
        run: list[Row] = []
        before: Row | None = None
        for row in [*owned, None]:
            if row is not None and row.side == Side.COMMERCIAL:
                run.append(row)
                continue
            if run and (cut := _cut(run, cut_at)) is not None:
                found.append(Run(run, before, cut))
            run, before = [], row
    return found


def _cut(run: list[Row], cut_at: datetime | None) -> datetime | None:
    if cut_at is not None:
        end = run[-1].end
        return cut_at if run[0].start <= cut_at and (end is None or cut_at < end) else None
    return min((row.closed_from for row in run if row.closed_from is not None), default=None)


def _give_back(runs: list[Run], use: Use, *, by: User | None, cause: str, **step: Any) -> list[Handover]:
    """Cut the runs, open Medical at the same instants, take the steps, tell the people."""
    steps = {run.rows[0].began_with: run for run in runs}
    began = dict(
        HandoverStep.objects.filter(pk__in=[pk for pk in steps if pk]).values_list("handover_id", "pk")
    )
    handovers = {h.pk: h for h in Handover.objects.select_for_update(no_key=True, of=("self",))
                 .select_related("relation__kol").only(*NEEDED).filter(pk__in=began).order_by("relation_id")}  # fmt: skip
    for handover in handovers.values():
        handover.relation.use = use
    owners = _medical_owners(runs, use.market, by=by)
    moves: list[Move] = []
    ids: dict[int, UUID] = {id(run): uuid4() for run in runs}
    for pk, handover in handovers.items():
        run = steps[began[pk]]
        moves.append(
            Move(
                handover, "T-16", HandoverState.REVERSED, by, reason=cause,
                facts={"instant": run.cut.isoformat(), "to": owners[id(run)].name, "cause": cause},
                step_id=ids[id(run)], **step,
            )
        )  # fmt: skip
    take(moves)
    _write(runs, owners, ids)
    relations = [run.rows[0].relation for run in runs]
    Showing.objects.filter(relation__in=relations, ended_at=None).update(ended_at=now())
    _tell(list(handovers.values()), runs, owners)
    return list(handovers.values())


def _medical_owners(runs: list[Run], market: Market, *, by: User | None) -> dict[int, User]:
    """Who takes each of them; without anybody nothing is reversed, and nothing is confirmed (R-116)."""
    owners = {}
    for run, owner in heirs(runs, market).items():
        if owner is None:
            audit.refuse("R-116", "no_owner", verb=refused("T-16"), on=None, by=by)
        owners[run] = owner
    return owners


def heirs(runs: list[Run], market: Market) -> dict[int, User | None]:
    """The last MSL where she can still own, else the custodian, else a lead of the market (R-119)."""
    last = {id(run): run.before.owner for run in runs if run.before is not None}
    stand_in = next(iter(filter(None, [custodian_of(market), *people_with(Role.MSL_LEAD, market)])), None)
    with connection.cursor() as cursor:
        cursor.execute(
            _ABLE, {"people": sorted({str(pk) for pk in last.values()}), "at": now(), "market": market.pk}
        )
        able = {row[0] for row in cursor.fetchall()}
    people = User.objects.in_bulk(able)
    return {id(run): people.get(last.get(id(run)), stand_in) for run in runs}


def _write(runs: list[Run], owners: dict[int, User], ids: dict[int, UUID]) -> None:
    """The new rows. A run cut at or before its start never was: Medical's row before it is drawn over it."""
    gone: list[UUID] = []
    shortened: list[tuple[UUID, datetime, datetime | None]] = []
    opened: list[tuple[str, str, datetime, datetime | None, str | None]] = []
    for run in runs:
        gone += [row.pk for row in run.rows if row.start >= run.cut]
        shortened += [
            (row.pk, row.start, run.cut)
            for row in run.rows
            if row.start < run.cut and (row.end is None or run.cut < row.end)
        ]
        owner = owners[id(run)]
        superseded = run.cut <= run.rows[0].start and run.before is not None
        if superseded and run.before is not None and run.before.owner == owner.pk:
            shortened.append((run.before.pk, run.before.start, run.end))
        else:
            step = None if superseded else str(ids[id(run)])
            start = max(run.cut, run.rows[0].start)
            opened.append((str(run.rows[0].relation), str(owner.pk), start, run.end, step))
    Ownership.objects.filter(pk__in=gone).delete()
    _set_bounds(shortened)
    _open_medical(opened)


def _set_bounds(rows: list[tuple[UUID, datetime, datetime | None]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kols_ownership o SET during = tstzrange(v.start, v.until, '[)')"
            "  FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS v (id, start, until)"
            " WHERE o.id = v.id",
            [[str(pk) for pk, _, _ in rows], [start for _, start, _ in rows], [end for _, _, end in rows]],
        )


def _open_medical(rows: list[tuple[str, str, datetime, datetime | None, str | None]]) -> None:
    """Their market is copied from the use by the database."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kols_ownership (id, relation_id, side, owner_id, during, began_with)"
            " SELECT gen_random_uuid(), relation, %s, owner, tstzrange(start, until, '[)'), step"
            "   FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::uuid[])"
            "     AS v (relation, owner, start, until, step)",
            [str(Side.MEDICAL), *map(list, zip(*rows, strict=True))],
        )


def _tell(handovers: list[Handover], runs: list[Run], owners: dict[int, User]) -> None:
    """One notice per person: what left field service, and what came back to Medical."""
    run = uuid4()
    left = Counter(row.owner for each in runs for row in each.rows[-1:])
    back = Counter(owners[id(each)].pk for each in runs)
    people = User.objects.in_bulk([*left, *back])
    use = handovers[0].relation.use if handovers else ""
    tell_all(
        [
            (
                people[pk],
                "ownership_left",
                f"ownership left {run}",
                "/handovers/inbox/",
                {"count": count, "use": use},
            )
            for pk, count in left.items()
            if pk in people
        ]
        + [
            (
                people[pk],
                "ownership_back",
                f"ownership back {run}",
                "/handovers/mine/",
                {"count": count, "use": use},
            )
            for pk, count in back.items()
        ],
        urgent=True,
    )


@step_action
def order_reversal(handover: Handover, *, cause: str, by: User, signature: Signature | None) -> Handover:
    """T-16 (b) to (d): Compliance takes one relation back, now. `cause` is objection, order or ineligible."""
    must_see(handover, by, "T-16")
    with product_acts("order reversal", by):
        handover = lock(handover)
        if signature is None:
            audit.refuse("T-16", "signature_missing", verb=refused("T-16"), on=handover, by=by)
        decision = judge(
            handover, "T-16", by=by, signature=signature, guards={"cause_of_reversal": bool(cause)}
        )
        use = handover.relation.use
        runs = _runs(_rows(open_time(use), [handover.relation_id]), cut_at=now())
        _give_back(runs, use, by=by, cause=cause[:40], signature=signature, decision=decision)
        handover.refresh_from_db()
    return handover
