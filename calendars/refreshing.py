"""Reading the calendars that people have named, one after the other, each when its time has come."""

from __future__ import annotations

from datetime import timedelta

from accounts.acting import acting_as, now, system
from calendars.actions import take_in
from calendars.fetching import NotFetched, fetch
from calendars.models import Source
from calendars.reading import NotACalendar
from calendars.sealing import unseal

EVERY = timedelta(minutes=30)
AGAIN = timedelta(hours=2)


def refresh_next() -> bool:
    """Read the calendar that has waited longest; False where none is due.

    Its next time is set before anything is fetched: two workers do not read it twice, and one that dies holds no
    lock while it waits for somebody else's server.
    """
    source = _claim()
    if source is None:
        return False
    address = unseal(source.address)
    problem, content = Source.Problem.NONE, b""
    if address is None:
        problem = Source.Problem.KEY
    else:
        try:
            content = fetch(address)
        except NotFetched as failed:
            problem = failed.problem
    with acting_as(source.user):
        row = Source.objects.visible_to(source.user).filter(pk=source.pk).first()
        if row is not None:
            _keep(row, content, problem)
    return True


def _claim() -> Source | None:
    with acting_as(system("read other calendars")):
        due = Source.objects.filter(
            next_at__lte=now(), user__is_active=True, appointment__during__contains=now()
        ).select_related("user")
        source = (
            due.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .order_by("next_at", "pk")
            .first()
        )
        if source is not None:
            source.next_at = now() + EVERY
            source.save(update_fields=["next_at"])
        return source


def _keep(row: Source, content: bytes, problem: Source.Problem) -> None:
    if not problem:
        try:
            take_in(content, by=row.user, source=row)
            row.read_at = now()
        except NotACalendar:
            problem = Source.Problem.NO_CALENDAR
    row.problem = problem
    if problem:
        row.next_at = now() + AGAIN
    row.save(update_fields=["problem", "read_at", "next_at"])
