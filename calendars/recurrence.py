"""On which days a repeating appointment falls, within a window.

Not a general reader of RFC 5545: each day of the window is asked whether it fits, so no rule, however hostile,
costs more than the window has days. What repeats more often than daily counts once.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
# A rule with a number of times has to be counted from its beginning: eleven years, not more.
COUNTED = 4000
UNDERSTOOD = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}


@dataclass(frozen=True)
class Rule:
    """A rule as far as we keep to it."""

    often: str
    interval: int = 1
    count: int = 0
    until: date | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    monthdays: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    monday: int = 0
    start: date = field(default=date.min)

    @classmethod
    def read(cls, rule: dict[str, Any], start: date) -> Rule | None:
        """The rule of an appointment, or None where it is one we do not keep to: then it counts once."""
        parts = {str(name).upper(): value for name, value in rule.items()}
        if parts.keys() - UNDERSTOOD:
            return None
        try:
            found = cls(
                often=_first(parts, "FREQ", "").upper(),
                interval=int(_first(parts, "INTERVAL", 1)),
                count=int(_first(parts, "COUNT", 0)),
                until=_day(_first(parts, "UNTIL", None)),
                weekdays=tuple(_weekday(str(word)) for word in _all(parts, "BYDAY")),
                monthdays=frozenset(int(number) for number in _all(parts, "BYMONTHDAY")),
                months=frozenset(int(str(number)) for number in _all(parts, "BYMONTH")),
                positions=frozenset(int(number) for number in _all(parts, "BYSETPOS")),
                monday=WEEKDAYS.get(str(_first(parts, "WKST", "MO")), 0),
                start=start,
            )
        except (ValueError, TypeError, KeyError):
            return None
        return found if found._kept() else None

    def _kept(self) -> bool:
        if self.often not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or self.interval < 1 or self.count < 0:
            return False
        ordinal = any(nth for nth, _day in self.weekdays)
        if ordinal and not (self.often == "MONTHLY" or (self.often == "YEARLY" and self.months)):
            return False
        return not self.positions or self.often == "MONTHLY"

    def between(self, first: date, last: date) -> list[date]:
        """The days from `first` to before `last` on which it falls."""
        if self.until is not None:
            last = min(last, self.until + timedelta(days=1))
        day = self.start if self.count else max(self.start, first)
        if self.count:
            last = min(last, self.start + timedelta(days=COUNTED))
        found: list[date] = []
        times = 0
        while day < last:
            if self._falls(day):
                times += 1
                if self.count and times > self.count:
                    break
                if day >= first:
                    found.append(day)
            day += timedelta(days=1)
        return found

    def _falls(self, day: date) -> bool:
        if self.positions:
            return day in self._chosen(day)
        return self._fits(day)

    def _chosen(self, day: date) -> set[date]:
        """The days of this month that its positions name."""
        month = [one for one in _month(day) if self._fits(one)]
        return {
            month[at - 1 if at > 0 else at]
            for at in self.positions
            if at != 0 and -len(month) <= (at if at < 0 else at - 1) < len(month)
        }

    def _fits(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.monthdays and not self.monthdays & {day.day, day.day - _length(day) - 1}:
            return False
        if self.weekdays and not any(_is(day, nth, weekday) for nth, weekday in self.weekdays):
            return False
        return self._in_turn(day) and self._by_start(day)

    def _in_turn(self, day: date) -> bool:
        """Whether the interval has come round."""
        start = self.start
        match self.often:
            case "DAILY":
                gone = (day - start).days
            case "WEEKLY":
                begin = start - timedelta(days=(start.weekday() - self.monday) % 7)
                gone = (day - begin).days // 7
            case "MONTHLY":
                gone = (day.year - start.year) * 12 + day.month - start.month
            case _:
                gone = day.year - start.year
        return gone % self.interval == 0

    def _by_start(self, day: date) -> bool:
        """What the rule leaves open is as on the first day."""
        if self.weekdays or self.monthdays:
            return True
        match self.often:
            case "WEEKLY":
                return day.weekday() == self.start.weekday()
            case "MONTHLY":
                return day.day == self.start.day
            case "YEARLY":
                return day.day == self.start.day and (bool(self.months) or day.month == self.start.month)
        return True


def _first(parts: dict[str, Any], name: str, otherwise: Any) -> Any:
    found = _all(parts, name)
    return found[0] if found else otherwise


def _all(parts: dict[str, Any], name: str) -> list[Any]:
    value = parts.get(name)
    if value is None:
        return []
    return list(value)[:400] if isinstance(value, (list, tuple)) else [value]


def _day(value: Any) -> date | None:
    if value is None:
        return None
    return date(value.year, value.month, value.day)


def _weekday(word: str) -> tuple[int, int]:
    return int(word[:-2] or 0), WEEKDAYS[word[-2:].upper()]


def _is(day: date, nth: int, weekday: int) -> bool:
    if day.weekday() != weekday:
        return False
    if nth > 0:
        return (day.day - 1) // 7 + 1 == nth
    return nth == 0 or (_length(day) - day.day) // 7 + 1 == -nth


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _month(day: date) -> Iterator[date]:
    return (day.replace(day=number) for number in range(1, _length(day) + 1))
