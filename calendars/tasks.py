"""The clock for other calendars: reads it, calls one function, returns a count."""

from celery import shared_task

from calendars.refreshing import refresh_next

AT_ONCE = 20


@shared_task
def read_other_calendars() -> int:
    return sum(1 for _ in range(AT_ONCE) if refresh_next())
