"""The feed: what its owner may see now, as the programs on phones read it."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.acting import current, now
from accounts.models import User
from calendars.entries import ABSENCES, DUE, VISITS, Entry, between
from calendars.models import Feed

BEHIND, AHEAD = timedelta(days=30), timedelta(days=180)
READ_AGAIN = timedelta(hours=1)


def owner_of(secret: str) -> Feed | None:
    """The feed of a secret, if there is one; whether it is still alive is asked in its owner's name."""
    rows = Feed.objects.select_related("user", "appointment")
    return rows.filter(digest=Feed.hash(secret), revoked_at=None).first()


def alive(feed: Feed) -> bool:
    """Whether the person who acts now still holds the appointment under which the feed was opened (R-110)."""
    appointment = feed.appointment
    return (
        current().user_id == feed.user_id
        and not current().lacks_factor
        and current().role == appointment.role
        and appointment.user_id == feed.user_id
        and now() in appointment.during
    )


def written(feed: Feed, user: User) -> bytes:
    """The calendar as a file. Without names, an entry says what it is and when, and nothing of whom."""
    calendar = Calendar()
    calendar.add("prodid", "-//MSL CRM//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", feed.name)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in between(user, now() - BEHIND, now() + AHEAD, layers=feed.layers):
        calendar.add_component(_event(entry, feed))
    return calendar.to_ical()


def _event(entry: Entry, feed: Feed) -> Event:
    event = Event()
    event.add("uid", f"{Feed.hash(f'{feed.digest} {entry.key}')[:32]}@msl-crm")
    event.add("dtstamp", now())
    if entry.all_day:
        event.add("dtstart", entry.start.date())
        event.add("dtend", max(entry.end.date(), entry.start.date() + timedelta(days=1)))
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtstart", entry.start.astimezone(UTC))
        event.add("dtend", entry.end.astimezone(UTC))
    event.add("class", "PRIVATE")
    event.add("summary", entry.title if feed.names else masked(entry.layer))
    if feed.names and entry.text:
        event.add("location" if entry.layer == VISITS else "description", entry.text)
    return event


def masked(layer: str) -> str:
    """The word in place of a name: calendars leave the building."""
    return {VISITS: _("Visit"), DUE: _("Follow-up due"), ABSENCES: _("Absence")}[layer]


def mark_read(feed: Feed) -> None:
    """Note when it was last asked for, so that its owner can tell whether somebody still reads it."""
    if feed.read_at is None or now() - feed.read_at > timedelta(minutes=15):
        Feed.objects.filter(pk=feed.pk).update(read_at=now())
