"""Tables out of .xlsx and .csv files: found by their header, wherever it stands, within limits.

A file is judged by its content, never by its name: workbooks, text in UTF-8, UTF-16 or Windows-1252, with
commas, semicolons, tabs or bars.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .text import clean, clean_lines, plain, storable, title_key
from .words import NotUnderstood
from .xlsx import MAX_CELL, MAX_COLUMN, Cell, Spoilt, Workbook

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_LINES = 2_000_000
MAX_NAME = 500
HEADER_WITHIN = 60
Source = bytes | BinaryIO | Path

_PAGES = (b"<!doctype", b"<html", b"<head", b"<table", b"<?xml", b"<script", b"<!--")
_SURROGATE_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


class Row(NamedTuple):
    """The filled cells of a line by column (from 0). `width` is 0 where a line has no width of its own."""

    number: int
    cells: dict[int, Cell]
    width: int = 0


@dataclass(frozen=True)
class Table:
    """A sheet or a text file. `rows()` starts again at the top each time it is called."""

    name: str
    _open: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The lines that are not blank; too many of them refuse the file."""
        for count, row in enumerate(self._open(), start=1):
            if count > MAX_ROWS:
                raise NotUnderstood(f"This file has more than {MAX_ROWS:,} rows. Divide it and try again.")
            yield row


def open_tables(file: Source, filename: str) -> list[Table]:
    """The tables of a file. Anything but a workbook or a text table raises NotUnderstood."""
    data = _content(file)
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise NotUnderstood("This file is empty.")
    if data.startswith(b"PK"):
        book = Workbook(data)
        return [Table(name, _sheet(book, path)) for name, path in book.sheets]
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotUnderstood("This is an old or a password-protected Excel file. Save it as .xlsx or .csv.")
    if data.startswith((b"%PDF", b"{\\rtf", b"\x1f\x8b", b"\x89PNG", b"BZh", b"7z\xbc\xaf")):
        raise NotUnderstood("This is neither an .xlsx workbook nor a .csv file.")
    text = decoded(data)
    if text.lstrip("\ufeff \r\n\t").lower().encode("utf-8", "replace").startswith(_PAGES):
        raise NotUnderstood(
            "This is a web page, whatever its name says. Download the .xlsx or .csv file itself."
        )
    return [Table(filename, _lines(text))]


def _content(file: Source) -> bytes:
    if isinstance(file, bytes):
        data = file
    elif isinstance(file, Path):
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    else:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotUnderstood("This file is larger than 50 MB. Divide it and try again.")
    return data


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252. What cannot be read shows as U+FFFD."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16")
    sample = data[:4000]
    half = max(1, len(sample) // 2)
    if sample[1::2].count(0) > half * 0.4 and sample[0::2].count(0) < half * 0.1:
        return _strictly(data, "utf-16-le")
    if sample[0::2].count(0) > half * 0.4 and sample[1::2].count(0) < half * 0.1:
        return _strictly(data, "utf-16-be")
    if data.count(0) > max(20, len(data) // 100):
        raise NotUnderstood("This file is not text: it is full of zero bytes.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    lenient = _SURROGATE_BYTES.sub(b"\xef\xbf\xbd", data).decode("utf-8-sig", "replace")
    unreadable = lenient.count("\ufffd")
    good = sum(1 for letter in lenient if letter > "\x7f") - unreadable
    if good > unreadable or _SURROGATE_BYTES.search(data):
        return lenient
    return _strictly(data, "cp1252")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotUnderstood("The characters of this file cannot be read. Save it as CSV in UTF-8.") from error


def _sheet(book: Workbook, path: str) -> Callable[[], Iterator[Row]]:
    return lambda: (Row(number, cells) for number, cells in book.rows(path))


def _lines(text: str) -> Callable[[], Iterator[Row]]:
    skip = 0
    first = text.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5:
        delimiter, skip = first[4], 1
    else:
        delimiter = _delimiter(text[:100_000])

    def rows() -> Iterator[Row]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        number = 0
        try:
            for number, record in enumerate(reader, start=1):
                if number <= skip:
                    continue
                if number > MAX_LINES:
                    raise NotUnderstood(
                        f"This file has more than {MAX_LINES:,} lines. Divide it and try again."
                    )
                if len(record) > MAX_COLUMN:
                    raise NotUnderstood(f"Line {number} of this file has more than {MAX_COLUMN:,} columns.")
                cells: dict[int, Cell] = {index: cell for index, cell in enumerate(record) if cell.strip()}
                if any(len(str(cell)) > MAX_CELL for cell in cells.values()):
                    raise NotUnderstood(
                        f"A cell in line {number} of this file holds more than 64 KB of text."
                    )
                if cells:
                    yield Row(number, cells, len(record))
        except csv.Error as error:
            raise NotUnderstood(
                f"The quotation marks of this file do not match after line {number}, or a cell is too large."
            ) from error

    return rows


def _delimiter(sample: str) -> str:
    """The separator that cuts most of the first lines into the same number of more than one column."""
    best, best_score = ",", 0.0
    for candidate in ",;\t|":
        widths: list[int] = []
        try:
            for record in csv.reader(io.StringIO(sample, newline=""), delimiter=candidate):
                if record:
                    widths.append(len(record))
                if len(widths) >= 40:
                    break
        except csv.Error:
            continue
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = wide.count(usual) / len(widths) * min(usual, 50) ** 0.5
        if score > best_score:
            best, best_score = candidate, score
    return best


@dataclass(frozen=True)
class Layout:
    """Which titles mean which field (normalised, the preferred one first), and which fields must be there.

    `single` refuses a file in which a known title stands twice: nobody can tell which column is meant.
    """

    titles: Mapping[str, Sequence[str]]
    required: frozenset[str]
    single: bool = False


class Record:
    """A line below the header, asked by field."""

    __slots__ = ("_found", "row")

    def __init__(self, found: Found, row: Row) -> None:
        self._found = found
        self.row = row

    @property
    def number(self) -> int:
        """The line's number in the file, the first being 1."""
        return self.row.number

    def raw(self, name: str) -> Cell | None:
        """The cell as it is, None when blank or when the file has no such column."""
        column = self._found.columns.get(name)
        return None if column is None else self.row.cells.get(column)

    def text(self, name: str) -> str:
        """The cell on one line, cleaned."""
        return clean(self.raw(name))

    def lines(self, name: str) -> str:
        """The cell cleaned, with its line breaks."""
        return clean_lines(self.raw(name))

    def flaw(self) -> tuple[str, str] | None:
        """Column title and reason why nothing in this line may be believed, or None."""
        if self.row.width > len(self._found.every_title) and any(
            column >= len(self._found.every_title) for column in self.row.cells
        ):
            return "", "the line has more cells than the header: a separator stands inside a text"
        for name, column in self._found.columns.items():
            value = self.row.cells.get(column)
            if isinstance(value, Spoilt):
                return self._found.title(name), f"the cell holds a formula or an error ({value}), not a value"
            if isinstance(value, str) and ("\x00" in value or "\ufffd" in value):
                return self._found.title(name), "the cell holds characters that cannot be read"
        return None

    def payload(self) -> dict[str, str]:
        """The line as it is, title to text, blank cells left out."""
        titles = self._found.payload_titles
        return {
            titles.get(column, f"column {column + 1}"): storable(plain(value))
            for column, value in self.row.cells.items()
        }

    def is_header_again(self) -> bool:
        """Whether the header is repeated here (files joined end to end)."""
        filled = [(name, column) for name, column in self._found.columns.items() if column in self.row.cells]
        return len(filled) > 1 and all(
            title_key(self.row.cells[column]) == title_key(self._found.every_title[column])
            for _, column in filled
        )


class Found:
    """A table with its header: fields by column, and the lines above and below it."""

    def __init__(self, table: Table, header: Row, columns: dict[str, int], above: list[Row]) -> None:
        self.table, self.columns, self.above = table, columns, above
        self._header_number = header.number
        width = max(header.cells, default=-1) + 1
        self.every_title = [clean(header.cells.get(index)) for index in range(width)]
        self.payload_titles: dict[int, str] = {}
        taken: set[str] = set()
        for index, title in enumerate(self.every_title):
            name = storable(title)[:200] or f"column {index + 1}"
            self.payload_titles[index] = name if name not in taken else f"{name} ({index + 1})"
            taken.add(self.payload_titles[index])

    def title(self, name: str) -> str:
        """The title the file uses for a field."""
        return self.every_title[self.columns[name]] if name in self.columns else name

    def records(self) -> Iterator[Record]:
        """The lines below the header, in order, without blank ones."""
        below = False
        for row in self.table.rows():
            if below:
                yield Record(self, row)
            elif row.number == self._header_number:
                below = True


def find(tables: Sequence[Table], layout: Layout) -> Found | None:
    """The first table that has every required column, None when there is none."""
    for table in tables:
        above: list[Row] = []
        for row in table.rows():
            if len(above) >= HEADER_WITHIN:
                break
            columns, doubled = _match(row, layout)
            if layout.required <= columns.keys():
                if ambiguous := doubled if layout.single else doubled & layout.required:
                    raise NotUnderstood(
                        f"The column “{clean(row.cells[columns[min(ambiguous)]])}” stands twice."
                    )
                return Found(table, row, columns, above)
            above.append(row)
    return None


def _match(row: Row, layout: Layout) -> tuple[dict[str, int], set[str]]:
    keys: dict[str, list[int]] = {}
    for column, cell in row.cells.items():
        if isinstance(cell, str) and len(cell) <= 300:
            keys.setdefault(title_key(cell), []).append(column)
    columns: dict[str, int] = {}
    doubled: set[str] = set()
    for name, titles in layout.titles.items():
        for title in titles:
            if title in keys:
                columns[name] = keys[title][0]
                if len(keys[title]) > 1:
                    doubled.add(name)
                break
    return columns, doubled
