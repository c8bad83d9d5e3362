"""How the entries are laid out: days under each other, a table of half hours, the weeks of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from calendars.entries import Entry

FIRST, LAST = 7, 20
ROW = timedelta(minutes=30)
SHOWN_IN_A_MONTH = 3


@dataclass
class Day:
    """A day with what lies on it."""

    day: date
    today: bool
    entries: list[Entry]
    outside: bool = False

    @property
    def shown(self) -> list[Entry]:
        return self.entries[:SHOWN_IN_A_MONTH]

    @property
    def more(self) -> int:
        return max(0, len(self.entries) - SHOWN_IN_A_MONTH)


@dataclass
class Cell:
    """A place in the table: entries that share it over some rows, or a free half hour to plan into."""

    day: date
    at: time
    rows: int = 1
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Line:
    """One half hour across the days. The full hour has its label."""

    at: time
    cells: list[Cell]

    @property
    def label(self) -> str:
        return f"{self.at:%H:%M}" if self.at.minute == 0 else ""


def days(first: date, count: int, entries: Sequence[Entry], today: date, month: int = 0) -> list[Day]:
    """So many days from `first`, each with its entries."""
    found = [first + timedelta(days=number) for number in range(count)]
    return [
        Day(
            day,
            day == today,
            [one for one in entries if one.on(day)],
            outside=bool(month) and day.month != month,
        )
        for day in found
    ]


def weeks(first: date, entries: Sequence[Entry], today: date) -> list[list[Day]]:
    """The weeks that touch the month of `first`, from Monday to Sunday."""
    start = first.replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1)
    monday = start - timedelta(days=start.weekday())
    count = -(-(end - monday).days // 7)
    line = days(monday, count * 7, entries, today, month=first.month)
    return [line[number : number + 7] for number in range(0, len(line), 7)]


def lines(shown: Sequence[Day]) -> list[Line]:
    """The table of half hours for some days. What overlaps shares a cell; earlier and later hours are added.

    What began the evening before and ends in the small hours stands on the evening alone.
    """
    timed = [[one for one in day.entries if not one.all_day and not _tail(one, day.day)] for day in shown]
    first, last = _hours(shown, timed)
    count = (last - first) * 2
    columns = [_column(day.day, first, count, entries) for day, entries in zip(shown, timed, strict=True)]
    return [
        Line(_at(first, number), [column[number] for column in columns if number in column])
        for number in range(count)
    ]


def _tail(entry: Entry, day: date) -> bool:
    return entry.start.date() < day and _within(entry, day)[1] <= FIRST * 60


def _hours(shown: Sequence[Day], timed: Sequence[Sequence[Entry]]) -> tuple[int, int]:
    first, last = FIRST, LAST
    for day, entries in zip(shown, timed, strict=True):
        for one in entries:
            begins, ends = _within(one, day.day)
            first = min(first, begins // 60)
            last = max(last, -(-ends // 60))
    return first, min(24, last)


def _within(entry: Entry, day: date) -> tuple[int, int]:
    """The minutes of the day between which an entry lies on it, by the clock on the wall."""
    begins = 0 if entry.start.date() < day else _minutes(entry.start)
    ends = 24 * 60 if entry.end.date() > day else _minutes(entry.end)
    return min(begins, 24 * 60 - 30), max(ends, begins + 1)


def _minutes(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _column(day: date, first: int, count: int, entries: Sequence[Entry]) -> dict[int, Cell]:
    """The cells of one day by the row in which each begins."""
    taken: list[tuple[int, int, list[Entry]]] = []
    for one in sorted(entries, key=lambda entry: _within(entry, day)):
        begins, ends = _within(one, day)
        top, bottom = (begins - first * 60) // 30, -(-(ends - first * 60) // 30)
        if taken and top < taken[-1][1]:
            start, until, together = taken[-1]
            taken[-1] = (start, max(until, bottom), [*together, one])
        else:
            taken.append((top, bottom, [one]))
    column: dict[int, Cell] = {}
    free = 0
    for top, bottom, together in taken:
        column |= {row: Cell(day, _at(first, row)) for row in range(free, top)}
        column[top] = Cell(day, _at(first, top), rows=min(bottom, count) - top, entries=together)
        free = bottom
    return column | {row: Cell(day, _at(first, row)) for row in range(free, count)}


def _at(first: int, row: int) -> time:
    minutes = first * 60 + row * 30
    return time(minutes // 60, minutes % 60)
