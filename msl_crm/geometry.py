"""Bands over time: from dates to places on a line. Plain arithmetic; the templates only print it.

The line is a hundred units long from `start` to `end`. A segment without an end runs to the end of the line.
What lies after today is drawn as planned unless its kind is settled (the owner will not change by itself).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.template.defaultfilters import date as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

Instant = date | datetime
LENGTH = 100.0
SETTLED = frozenset({"field", "handover", "authorised", "withdrawn"})
FILLS = {
    "msl": ("plum", "stripe-plum"),
    "field": ("green", "stripe-green"),
    "handover": ("hatch", "hatch"),
    "investigational": ("plum", "stripe-plum"),
    "submitted": ("amber", "stripe-amber"),
    "in_review": ("amber", "stripe-amber"),
    "authorised": ("green", "stripe-green"),
    "restricted": ("outline-red", "outline-red"),
    "suspended": ("outline-red", "outline-red"),
    "refused": ("slate", "stripe-slate"),
    "withdrawn": ("slate", "stripe-slate"),
    "none": ("slate", "stripe-slate"),
}
TEXT_WIDTH = 0.85  # units one letter needs on the narrowest desktop band


@dataclass(frozen=True)
class Segment:
    """Somebody, or a state, from one instant to another. `end=None` means: still so, with no end in sight.

    Kinds of owner: msl, handover, field. Kinds of state: investigational, in_review, submitted, authorised,
    restricted, suspended, refused, withdrawn.
    """

    start: Instant
    end: Instant | None
    kind: str
    text: str = ""
    planned: bool = False


@dataclass(frozen=True)
class Mark:
    """A day that matters, such as the authorisation. Expected days are drawn dashed."""

    at: Instant
    text: str
    expected: bool = False


@dataclass(frozen=True)
class Row:
    label: str
    sublabel: str = ""
    segments: tuple[Segment, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Bar:
    """A drawn piece: `x` and `width` in per cent of the line, as text that no locale can bend."""

    x: str
    width: str
    fill: str
    text: str
    kind: str


@dataclass(frozen=True)
class Tick:
    x: str
    text: str
    anchor: str = "start"
    expected: bool = False


@dataclass(frozen=True)
class Line:
    """One row of the band: its bars, its marks and the sentences a reader hears."""

    label: str
    sublabel: str
    bars: list[Bar]
    marks: list[Tick]
    words: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Band:
    lines: list[Line]
    ticks: list[Tick]
    today: str
    today_text: str


def lay_out(rows: Iterable[Row], *, start: Instant, end: Instant, today: Instant) -> Band:
    """Place rows on the line between two instants. An empty or reversed span is a mistake of the caller."""
    first, last, now = _at(start), _at(end), _at(today)
    if last <= first:
        raise ValueError("A band needs an end after its start.")
    scale = _Scale(first, last)
    return Band(
        lines=[_line(row, scale, now) for row in rows],
        ticks=[Tick(_show(scale.place(at)), text) for at, text in _ticks(first, last)],
        today=_show(scale.place(now)) if first <= now <= last else "",
        today_text=_words(today),
    )


class _Scale:
    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self.span = (last - first).total_seconds()

    def place(self, at: datetime) -> float:
        """Where an instant lies, cut off at both ends."""
        share = (at - self.first).total_seconds() / self.span * LENGTH
        return min(max(share, 0.0), LENGTH)


def _line(row: Row, scale: _Scale, now: datetime) -> Line:
    return Line(
        label=row.label,
        sublabel=row.sublabel,
        bars=[bar for segment in row.segments for bar in _bars(segment, scale, now)],
        marks=[_mark(mark, scale) for mark in row.marks if scale.first <= _at(mark.at) <= scale.last],
        words=[_describe(segment) for segment in row.segments],
    )


def _bars(segment: Segment, scale: _Scale, now: datetime) -> Iterator[Bar]:
    begin = _at(segment.start)
    finish = _at(segment.end) if segment.end is not None else scale.last
    if finish <= scale.first or begin >= scale.last or finish <= begin:
        return
    solid, striped = FILLS.get(segment.kind, FILLS["none"])
    if segment.planned or (begin >= now and segment.kind not in SETTLED):
        yield _bar(begin, finish, striped, "", segment.kind, scale)
    elif segment.kind in SETTLED or finish <= now:
        yield _bar(begin, finish, solid, segment.text, segment.kind, scale)
    else:
        yield _bar(begin, now, solid, segment.text, segment.kind, scale)
        yield _bar(now, finish, striped, "", segment.kind, scale)


def _bar(begin: datetime, finish: datetime, fill: str, text: str, kind: str, scale: _Scale) -> Bar:
    x, to = scale.place(begin), scale.place(finish)
    fits = to - x >= min(len(text), 6) * TEXT_WIDTH
    return Bar(_show(x), _show(to - x), fill, text if fits else "", kind)


def _mark(mark: Mark, scale: _Scale) -> Tick:
    """A day's words stand left of their line, unless there is no room."""
    x = scale.place(_at(mark.at))
    return Tick(_show(x), mark.text, "end" if x > LENGTH / 3 else "start", mark.expected)


def _ticks(first: datetime, last: datetime) -> Iterator[tuple[datetime, str]]:
    """Years on long lines, quarters on short ones. A line that starts within a year names it at its start."""
    years = (last - first).days > 500
    room = (last - first) * 0.06
    step = 12 if years else 3
    at = datetime(first.year, 1, 1, tzinfo=UTC)
    starts = []
    while at < last:
        if at >= first:
            starts.append((at, str(at.year) if years else format_date(at, "M Y")))
        month = at.month - 1 + step
        at = datetime(at.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    if years and (not starts or starts[0][0] - first > room):
        yield first, str(first.year)
    yield from starts


def _describe(segment: Segment) -> dict[str, str]:
    """The sentence that stands for a bar: who or what, from when, until when."""
    return {
        "text": segment.text or segment.kind.replace("_", " "),
        "from": _words(segment.start),
        "to": _words(segment.end) if segment.end is not None else _("open"),
    }


def _words(value: Instant) -> str:
    return format_date(value, pgettext("date in words", "j M Y"))


def _at(value: Instant) -> datetime:
    """A day counts from its midnight; the line is far too coarse for zones to show."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.combine(value, time.min, tzinfo=UTC)


def _show(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
