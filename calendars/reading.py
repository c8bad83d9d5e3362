"""Reading somebody else's calendar file, which may be broken or hostile: what is not understood is left out.

Time zones come from their names alone. A file's own definitions are thrown away before it is read, because they
may hold rules that would take for ever to carry out.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from calendars.recurrence import Rule

BIGGEST = 1024 * 1024
LONGEST_LINE = 20_000
MOST_EVENTS = 2000
MOST_FOUND = 2000
DEEPEST = 3
USUAL = timedelta(minutes=30)
LONGEST = timedelta(hours=24)

_BEGIN = re.compile(rb"^(BEGIN|END):\s*([A-Za-z-]+)\s*$", re.IGNORECASE)


class NotACalendar(Exception):
    """The bytes are no calendar, or one that nobody needs."""


@dataclass(frozen=True)
class Found:
    """One appointment within the window, as the other calendar tells it. Never stored."""

    uid: str
    start: datetime
    end: datetime
    words: str
    addresses: frozenset[str]


def appointments(content: bytes, first: datetime, last: datetime, zone: tzinfo) -> list[Found]:
    """The timed appointments that begin within the window. Raises NotACalendar; `zone` is for times without one."""
    rows: list[Any] = []
    for calendar in _calendars(content):
        rows += calendar.walk("VEVENT")
        if len(rows) > MOST_EVENTS:
            raise NotACalendar("more events than anybody has")
    moved = _moved(rows, zone)
    found: list[Found] = []
    for row in rows:
        try:
            found += list(_of(row, first, last, zone, moved))[: MOST_FOUND - len(found)]
        except Exception:  # noqa: S112 - one broken event is no reason to lose its neighbours
            continue
    return found


def _calendars(content: bytes) -> list[Calendar]:
    if len(content) > BIGGEST:
        raise NotACalendar("too big")
    plain = _plain(content)
    try:
        with warnings.catch_warnings():
            # That a vendor's name of a zone was understood is no news.
            warnings.simplefilter("ignore")
            return Calendar.from_ical(plain, multiple=True)
    except RecursionError:
        raise NotACalendar("nested") from None
    except Exception as problem:
        raise NotACalendar(str(problem)[:200]) from None


def _plain(content: bytes) -> bytes:
    """The file without zones, alarms and strangers; refuses what is nested or written in endless lines."""
    lines: list[bytes] = []
    stack: list[bytes] = []
    for line in content.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").splitlines():
        if len(line) > LONGEST_LINE:
            raise NotACalendar("a line without end")
        if mark := _BEGIN.match(line):
            begins, name = mark[1].upper() == b"BEGIN", mark[2].upper()
            if begins:
                stack.append(name)
                if len(stack) > DEEPEST:
                    raise NotACalendar("nested")
            elif stack and stack[-1] == name:
                if stack in ([b"VCALENDAR"], [b"VCALENDAR", b"VEVENT"]):
                    lines.append(line.strip())
                stack.pop()
                continue
            else:
                raise NotACalendar("the parts do not fit together")
        if stack in ([b"VCALENDAR"], [b"VCALENDAR", b"VEVENT"]):
            lines.append(line.strip() if _BEGIN.match(line) else line)
    if stack or not lines:
        raise NotACalendar("cut off")
    return b"\r\n".join(lines) + b"\r\n"


def _moved(rows: Iterable[Any], zone: tzinfo) -> dict[str, set[datetime]]:
    """Single occurrences that were moved or called off, by the series they belong to."""
    found: dict[str, set[datetime]] = {}
    for row in rows:
        if (at := _instant(row.get("RECURRENCE-ID"), zone)) is not None:
            found.setdefault(_text(row.get("UID")), set()).add(at)
    return found


def _of(
    row: Any, first: datetime, last: datetime, zone: tzinfo, moved: dict[str, set[datetime]]
) -> Iterator[Found]:
    """The occurrences of one event. A day without a time is no appointment; neither is what is free or off."""
    start = _instant(row.get("DTSTART"), zone)
    if start is None or _text(row.get("STATUS")).upper() == "CANCELLED":
        return
    if _text(row.get("TRANSP")).upper() == "TRANSPARENT":
        return
    length = _length(row, start, zone)
    if length is None:
        return
    uid, words, addresses = _text(row.get("UID"))[:500], _words(row), _addresses(row)
    left_out = _left_out(row, zone)
    if row.get("RECURRENCE-ID") is None:
        left_out |= moved.get(_text(row.get("UID")), set())
    for at in _starts(row, start, first, last):
        if first <= at < last and at not in left_out:
            yield Found(uid, at, at + length, words, addresses)


def _starts(row: Any, start: datetime, first: datetime, last: datetime) -> list[datetime]:
    rule = row.get("RRULE")
    read = Rule.read(dict(rule), start.date()) if isinstance(rule, dict) else None
    if read is None:
        return [start]
    days = read.between(first.date() - timedelta(days=1), last.date() + timedelta(days=1))
    # The same time by the clock on the wall, summer and winter.
    return [datetime.combine(day, start.timetz()) for day in days]


def _length(row: Any, start: datetime, zone: tzinfo) -> timedelta | None:
    end = _instant(row.get("DTEND"), zone)
    if end is not None:
        length = end - start
    else:
        given = getattr(row.get("DURATION"), "dt", None)
        length = given if isinstance(given, timedelta) else USUAL
    if length == timedelta(0):
        length = USUAL
    return length if timedelta(0) < length <= LONGEST else None


def _left_out(row: Any, zone: tzinfo) -> set[datetime]:
    given = row.get("EXDATE")
    lists = given if isinstance(given, list) else [given]
    found = set()
    for one in lists[:500]:
        for value in list(getattr(one, "dts", []))[:500]:
            if (at := _instant(value, zone, of=one)) is not None:
                found.add(at)
    return found


def _instant(value: Any, zone: tzinfo, *, of: Any = None) -> datetime | None:
    """An aware instant, or None for a day, a list, nonsense and the far ends of time."""
    try:
        at = getattr(value, "dt", None)
    except ValueError:
        return None
    if not isinstance(at, datetime) or not 1970 <= at.year <= 2200:
        return None
    if at.tzinfo is not None:
        return at
    params = getattr(value, "params", None) or getattr(of, "params", None) or {}
    return at.replace(tzinfo=_zone(str(params.get("TZID", "")), zone))


def _zone(name: str, otherwise: tzinfo) -> tzinfo:
    """The zone of a name as calendars write it; without one we know, the reader's own."""
    name = name.strip('"').strip()
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    parts = [part for part in name.split("/") if part]
    for known in (WINDOWS_TO_OLSON.get(name, ""), name, "/".join(parts[-2:]), "/".join(parts[-3:])):
        try:
            if known and not known.startswith(("/", ".")):
                return ZoneInfo(known)
        except (KeyError, ValueError, OSError):
            continue
    return otherwise


def _words(row: Any) -> str:
    """Title, place and the names of those invited: what an expert may be known by."""
    parts = [_text(row.get("SUMMARY")), _text(row.get("LOCATION"))]
    parts += [_text(getattr(one, "params", {}).get("CN")) for one in _people(row)]
    return " ".join(part[:300] for part in parts if part)


def _addresses(row: Any) -> frozenset[str]:
    found = [_text(one).lower() for one in _people(row)]
    return frozenset(one.removeprefix("mailto:").strip()[:254] for one in found if one.startswith("mailto:"))


def _people(row: Any) -> list[Any]:
    found: list[Any] = []
    for name in ("ATTENDEE", "ORGANIZER"):
        given = row.get(name)
        found += given if isinstance(given, list) else [given] if given is not None else []
    return found[:200]


def _text(value: Any) -> str:
    return str(value[0] if isinstance(value, list) and value else value or "")
