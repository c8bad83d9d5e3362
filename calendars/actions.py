"""Opening and revoking a feed, naming another calendar, and planning what was found in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache

from accounts.acting import current, now
from accounts.models import Appointment, Market, User
from calendars import sealing
from calendars.entries import LAYERS
from calendars.fetching import checked
from calendars.matching import matched
from calendars.models import Feed, Source, Suggestion
from calendars.reading import Found, appointments
from compliance import audit
from compliance.policy import Channel, Kind
from interactions.actions import plan_interaction
from interactions.facts import Event, Present
from interactions.forms import KINDS_OF, market_of
from interactions.models import Interaction

AHEAD = timedelta(days=60)
BEHIND = timedelta(days=1)
MOST_FEEDS = MOST_SOURCES = 5
MOST_BUSY = 500
KEPT = 2 * 60 * 60
KEPT_FILE = 24 * 60 * 60


class TooMany(Exception):
    """As many as one person may have."""


def appointment_of(user: User) -> Appointment:
    """The appointment a person holds now."""
    return user.appointments.get(during__contains=now())


# Out ---------------------------------------------------------------------------------------------------------------


@audit.action
def open_feed(*, by: User, name: str, layers: Iterable[str], names: bool) -> tuple[Feed, str]:
    """A calendar for another program, and the secret of its address, which is shown this once."""
    if Feed.objects.visible_to(by).filter(revoked_at=None).count() >= MOST_FEEDS:
        raise TooMany
    secret = secrets.token_urlsafe(32)
    feed = Feed.objects.create(
        user=by,
        appointment=appointment_of(by),
        created_at=now(),
        name=name,
        digest=Feed.hash(secret),
        layers=[layer for layer in LAYERS if layer in set(layers)],
        names=names,
    )
    audit.record("opened a calendar feed", feed, by=by, layers=feed.layers, names=names)
    return feed, secret


@audit.action
def revoke_feed(feed: Feed, *, by: User) -> None:
    """The address opens nothing from now on."""
    if feed.revoked_at is None:
        feed.revoked_at = now()
        feed.save(update_fields=["revoked_at"])
        audit.record("revoked a calendar feed", feed, by=by)


# In ----------------------------------------------------------------------------------------------------------------


@audit.action
def add_source(*, by: User, name: str, address: str) -> Source:
    """Read another calendar from now on. Raises NotFetched for an address that may not be read at all."""
    checked(address)
    if Source.objects.visible_to(by).count() >= MOST_SOURCES:
        raise TooMany
    source = Source.objects.create(
        user=by, appointment=appointment_of(by), created_at=now(), name=name,
        address=sealing.seal(address.strip()), next_at=now(),
    )  # fmt: skip
    audit.record("added another calendar", source, by=by)
    return source


@audit.action
def remove_source(source: Source, *, by: User) -> None:
    """Forget another calendar, and what it offered."""
    audit.record("removed another calendar", source, by=by)
    cache.delete(_busy_key(by, str(source.pk)))
    source.delete()


def take_in(content: bytes, *, by: User, source: Source | None = None) -> tuple[int, int]:
    """Offer what is with an expert and show the rest as busy. Raises NotACalendar.

    Returns how many are offered anew and how many are busy. Of what is with nobody we know, times alone go to
    the cache, for a while; the database never hears of it.
    """
    at = now()
    found = appointments(content, at - BEHIND, at + AHEAD, by.tz)
    with_experts = matched(by, found, at)
    fresh = _offer(with_experts, by, source)
    busy = merged((one.start, one.end) for one in found if one not in with_experts)[:MOST_BUSY]
    key = _busy_key(by, str(source.pk) if source else "file")
    cache.set(key, [(a.timestamp(), b.timestamp()) for a, b in busy], KEPT if source else KEPT_FILE)
    return fresh, len(busy)


def _offer(with_experts: dict[Found, UUID], by: User, source: Source | None) -> int:
    """Keep expert and time of what lies ahead and is not planned yet; what the other calendar dropped goes."""
    ahead = {one: kol for one, kol in with_experts.items() if one.start > now()}
    rows = {
        Suggestion.key_of(one.uid, one.start): Suggestion(
            user=by, appointment_id=appointment_of(by).pk, created_at=now(), source=source, kol_id=kol,
            key=Suggestion.key_of(one.uid, one.start), starts_at=one.start, ends_at=one.end,
        )
        for one, kol in ahead.items()
        if not _planned(by, kol, one)
    }  # fmt: skip
    mine = Suggestion.objects.visible_to(by)
    if source is not None:
        mine.filter(source=source, state=Suggestion.State.OPEN).exclude(key__in=list(rows)).delete()
    mine.filter(ends_at__lt=now()).delete()
    known = set(Suggestion.objects.filter(user=by, key__in=list(rows)).values_list("key", flat=True))
    Suggestion.objects.bulk_create(
        (row for key, row in rows.items() if key not in known), ignore_conflicts=True
    )
    return len(rows.keys() - known)


def _planned(by: User, kol: UUID, one: Found) -> bool:
    return (
        Interaction.objects.visible_to(by)
        .filter(author=by, attendees__kol=kol, starts_at__lt=one.end, ends_at__gt=one.start)
        .exclude(status__in=["CANCELLED", "WITHDRAWN", "VOIDED"])
        .exists()
    )


@audit.action
def plan_suggestion(suggestion: Suggestion, *, by: User) -> Interaction:
    """Plan the visit that another calendar holds: the expert, the time, in person."""
    market: Market = market_of(by, suggestion.kol)
    event = Event(
        kind=KINDS_OF.get(by.side, (Kind.VISIT,))[0], channel=Channel.IN_PERSON, starts_at=suggestion.starts_at,
        ends_at=suggestion.ends_at, market=market,
    )  # fmt: skip
    plan = plan_interaction(by=by, event=event, people=[Present(kol=suggestion.kol, main=True)])
    _answer(suggestion, Suggestion.State.PLANNED)
    return plan


def dismiss_suggestion(suggestion: Suggestion) -> None:
    _answer(suggestion, Suggestion.State.DISMISSED)


def reopen_suggestion(suggestion: Suggestion) -> None:
    _answer(suggestion, Suggestion.State.OPEN)


def _answer(suggestion: Suggestion, state: Suggestion.State) -> None:
    suggestion.state = state
    suggestion.save(update_fields=["state"])


# Busy --------------------------------------------------------------------------------------------------------------


def busy_times(
    user: User, sources: Sequence[Source], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """When this person is busy elsewhere, as far as it was read lately. Times and nothing else."""
    keys = [_busy_key(user, str(source.pk)) for source in sources] + [_busy_key(user, "file")]
    found = [
        (datetime.fromtimestamp(a, user.tz), datetime.fromtimestamp(b, user.tz))
        for times in cache.get_many(keys).values()
        for a, b in times
    ]
    return [(a, b) for a, b in merged(found) if a < end and b > start]


def merged(times: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Stretches of time without seams, so that not even the number of appointments is told."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(times):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _busy_key(user: User, source: str) -> str:
    return f"busy:{user.pk}:{current().role}:{source}"
