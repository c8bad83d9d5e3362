"""Which bodies an expert sits on, and how often Medical plans to see her."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed
from kols.models import KOL, Committee, Seat, VisitGoal


@audit.action
def take_seat(
    kol: KOL, *, name: str, by: User, kind: str = "", role: str = "", since: datetime | None = None
) -> Seat:
    """Note that an expert sits on a body that decides on use. A body of that name is found or noted.

    A second seat on the same body at the same time is the first one, returned as it is.
    """
    audit.permit(Deed.EDIT_KOL, on=kol, by=by)
    kol = KOL.objects.select_for_update(no_key=True).get(pk=kol.pk)
    name = " ".join(name.split())
    committee = Committee.objects.filter(name__iexact=name).first() or Committee.objects.create(
        name=name, kind=kind.strip()
    )
    if held := kol.seats.filter(committee=committee, during__contains=now()).first():
        return held
    seat = Seat.objects.create(
        kol=kol, committee=committee, role=role.strip(), during=DateTimeTZRange(since or now(), None)
    )
    audit.record("noted a seat of", kol, by=by, committee=committee.name)
    return seat


@audit.action
def leave_seat(seat: UUID, *, by: User) -> Seat:
    """The expert sits there no longer from now on. Left twice, nothing happens."""
    row = Seat.objects.select_for_update(no_key=True).select_related("kol", "committee").get(pk=seat)
    audit.permit(Deed.EDIT_KOL, on=row.kol, by=by)
    if row.during.upper is None:
        row.during = DateTimeTZRange(min(row.during.lower, now()), now())
        row.save(update_fields=["during"])
        audit.record("ended a seat of", row.kol, by=by, committee=row.committee.name)
    return row


@audit.action
def set_visit_goal(kol: KOL, market: Market, *, year: int, visits: int, by: User) -> VisitGoal:
    """How many visits Medical plans with an expert in a calendar year of a market. The last word counts."""
    audit.permit(Deed.EDIT_SCIENCE, on=kol, by=by)
    goal, _ = VisitGoal.objects.update_or_create(
        kol=kol,
        market=market,
        starts_on=date(year, 1, 1),
        defaults={"ends_on": date(year, 12, 31), "visits": visits},
    )
    audit.record("set the visit goal of", kol, by=by, market=market.code, year=year, visits=visits)
    return goal
