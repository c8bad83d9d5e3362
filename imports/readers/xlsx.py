"""Workbooks out of strangers' hands: the cells that are filled, and nothing is executed or trusted.

The usual library fills every gap up to the cell a row claims to reach, so one cell in column ZZZZZZ or one
row numbered two thousand million stops the machine. Here a row is only its filled cells, and every claim
has a limit.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, TypeVar
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from .words import NotUnderstood

H = TypeVar("H", bound=ContentHandler)
Cell = str | int | float | bool | date | datetime

MAX_UNPACKED = 150 * 1024 * 1024
MAX_RATIO = 120
MAX_MEMBERS = 2_000
MAX_SHEETS = 50
# One long text may be named by a million cells: what is handed out is limited, not only what is stored.
MAX_TEXT = 100_000_000
MAX_CELL = 64 * 1024
MAX_COLUMN = 16_384
MAX_ROW = 1_048_576
_CHUNK = 256 * 1024
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DAMAGED = "This workbook is damaged and cannot be read. Open it and save it again as .xlsx."


class Spoilt(str):
    """A cell that holds a formula or an error instead of a value."""

    __slots__ = ()


class Workbook:
    """The sheets of a workbook, in order, without hidden ones."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise NotUnderstood(_DAMAGED) from error
        self._check_members()
        book = _read(self._zip, "xl/workbook.xml", _Book(), required=True)
        links = _read(self._zip, "xl/_rels/workbook.xml.rels", _Links(), required=True)
        self._epoch = CALENDAR_MAC_1904 if book.since_1904 else CALENDAR_WINDOWS_1900
        self._dates = _read(self._zip, links.styles, _Styles()).dates
        self._strings = _read(self._zip, links.strings, _Strings()).texts
        self.sheets = [
            (name, links.sheets[link]) for name, link, shown in book.sheets if shown and link in links.sheets
        ]
        if len(self.sheets) > MAX_SHEETS:
            raise NotUnderstood(f"This workbook has more than {MAX_SHEETS} sheets. Keep the one that counts.")
        if not self.sheets:
            raise NotUnderstood("This workbook has no visible sheet.")

    def _check_members(self) -> None:
        members = self._zip.infolist()
        names = {member.filename.lower() for member in members}
        if any(name.endswith("vbaproject.bin") for name in names):
            raise NotUnderstood("This workbook contains macros. Save it as .xlsx without macros.")
        if "xl/workbook.bin" in names:
            raise NotUnderstood("Binary workbooks (.xlsb) are not read. Save the file as .xlsx.")
        if "xl/workbook.xml" not in names:
            raise NotUnderstood(
                "This is a ZIP archive, not a workbook. Unpack it and choose the .xlsx or .csv inside."
            )
        unpacked = sum(member.file_size for member in members)
        packed = sum(member.compress_size for member in members) or 1
        if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
            raise NotUnderstood("This workbook unpacks to far more than it should and is not opened.")
        if any(member.flag_bits & 1 for member in members):
            raise NotUnderstood("This workbook is protected by a password. Save it without one.")

    def rows(self, path: str) -> Iterator[tuple[int, dict[int, Cell]]]:
        """Row number and filled cells by column (from 0), in the order of the file."""
        handler = _Rows(self._strings, self._dates, self._epoch)
        for _ in _feed(self._zip, path, handler):
            ready, handler.ready = handler.ready, []
            yield from ready


def _read(archive: zipfile.ZipFile, path: str, handler: H, *, required: bool = False) -> H:
    if path not in archive.namelist():
        if required:
            raise NotUnderstood(_DAMAGED)
        return handler
    for _ in _feed(archive, path, handler):
        pass
    return handler


def _feed(archive: zipfile.ZipFile, path: str, handler: ContentHandler) -> Iterator[None]:
    """Push a part of the archive through a parser that knows no document types and no entities."""
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(handler)
    total = 0
    try:
        with archive.open(path) as part:
            while chunk := part.read(_CHUNK):
                total += len(chunk)
                if total > MAX_UNPACKED:
                    raise NotUnderstood("This workbook unpacks to far more than it should and is not opened.")
                parser.feed(chunk)
                yield
        parser.close()
        yield
    except (
        SAXException, DefusedXmlException, zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError,
        NotImplementedError, RuntimeError, UnicodeError,
    ) as error:  # fmt: skip
        raise NotUnderstood(_DAMAGED) from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Book(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.since_1904 = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        if _local(name) == "sheet":
            link = next((value for key, value in attrs.items() if key.endswith(":id")), "")
            self.sheets.append((attrs.get("name", ""), link, attrs.get("state", "visible") == "visible"))
        elif _local(name) == "workbookPr":
            self.since_1904 = attrs.get("date1904", "") in ("1", "true")


class _Links(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, str] = {}
        self.styles = "xl/styles.xml"
        self.strings = "xl/sharedStrings.xml"

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        if _local(name) != "Relationship":
            return
        target = attrs.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        match attrs.get("Type", "").rpartition("/")[2]:
            case "worksheet":
                self.sheets[attrs.get("Id", "")] = path
            case "styles":
                self.styles = path
            case "sharedStrings":
                self.strings = path


class _Styles(ContentHandler):
    """Which cell styles show a number as a day."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: dict[str, str] = {}
        self._inside = False
        self.dates: list[bool] = []

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        local = _local(name)
        if local == "numFmt":
            self._formats[attrs.get("numFmtId", "")] = attrs.get("formatCode", "")[:255]
        elif local == "cellXfs":
            self._inside = True
        elif local == "xf" and self._inside:
            number = attrs.get("numFmtId", "0")
            pattern = self._formats.get(number)
            if pattern is None:
                known = number.isdecimal() and len(number) < 6
                pattern = BUILTIN_FORMATS.get(int(number), "General") if known else "General"
            self.dates.append(bool(is_date_format(pattern)))

    def endElement(self, name: str) -> None:  # noqa: N802
        if _local(name) == "cellXfs":
            self._inside = False


class _Strings(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._reading = self._phonetic = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        local = _local(name)
        if local == "si":
            self._parts = []
        elif local == "rPh":
            self._phonetic = True
        elif local == "t":
            self._reading = not self._phonetic

    def characters(self, content: str) -> None:
        if self._reading:
            self._parts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        local = _local(name)
        if local == "t":
            self._reading = False
        elif local == "rPh":
            self._phonetic = False
        elif local == "si":
            self.texts.append(_unescape("".join(self._parts)))


class _Rows(ContentHandler):
    def __init__(self, strings: list[str], dates: list[bool], epoch: datetime) -> None:
        super().__init__()
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self.ready: list[tuple[int, dict[int, Cell]]] = []
        self._row = self._handed_out = 0
        self._column = -1
        self._cells: dict[int, Cell] = {}
        self._attrs: Any = {}
        self._parts: list[str] = []
        self._reading = self._formula = self._phonetic = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        local = _local(name)
        if local == "row":
            self._start_row(attrs.get("r", ""))
        elif local == "c":
            self._start_cell(attrs)
        elif local == "f":
            self._formula = True
        elif local == "rPh":
            self._phonetic = True
        elif local in ("v", "t"):
            self._reading = not self._phonetic

    def _start_row(self, number: str) -> None:
        self._row = int(number) if number.isdecimal() and len(number) < 10 else self._row + 1
        if not 0 < self._row <= MAX_ROW:
            raise NotUnderstood("This workbook claims a row number that no workbook can have.")
        self._cells, self._column = {}, -1

    def _start_cell(self, attrs: Any) -> None:
        self._attrs, self._parts, self._formula = attrs, [], False
        reference = attrs.get("r", "")
        match = _REFERENCE.fullmatch(reference)
        if match:
            self._column = _column(match[1])
        elif reference:
            raise NotUnderstood(f"This workbook claims a cell “{reference[:20]}” that no workbook can have.")
        else:
            self._column += 1
        if self._column >= MAX_COLUMN:
            raise NotUnderstood("This workbook claims more columns than a workbook can have.")

    def characters(self, content: str) -> None:
        if self._reading:
            self._parts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        local = _local(name)
        if local in ("v", "t"):
            self._reading = False
        elif local == "rPh":
            self._phonetic = False
        elif local == "c":
            value = self._value()
            if value is not None and value != "":
                self._cells[self._column] = value
        elif local == "row" and self._cells:
            self.ready.append((self._row, self._cells))

    def _value(self) -> Cell | None:
        raw = "".join(self._parts)
        kind = self._attrs.get("t", "n")
        if self._formula:
            return Spoilt("formula")
        if kind == "s":
            return self._shared(raw.strip())
        if kind in ("inlineStr", "str", "d"):
            return _limited(_unescape(raw))
        if kind == "e":
            return Spoilt(raw[:20] or "error")
        if kind == "b":
            return raw.strip() in ("1", "true")
        return self._number(raw.strip())

    def _shared(self, raw: str) -> Cell | None:
        if not raw:
            return None
        if not raw.isdecimal() or len(raw) > 9 or int(raw) >= len(self._strings):
            return Spoilt("missing text")
        text = _limited(self._strings[int(raw)])
        self._handed_out += len(text)
        if self._handed_out > MAX_TEXT:
            raise NotUnderstood("This workbook unpacks to far more than it should and is not opened.")
        return text

    def _number(self, raw: str) -> Cell | None:
        if not raw or len(raw) > 40:
            return _limited(raw)
        try:
            number = int(raw) if raw.lstrip("-").isdecimal() else float(raw)
        except ValueError:
            return raw
        style = self._attrs.get("s", "0")
        index = int(style) if style.isdecimal() and len(style) < 7 else 0
        if index < len(self._dates) and self._dates[index]:
            try:
                moment = from_excel(number, self._epoch)
            except (ValueError, OverflowError, TypeError):
                return raw
            return moment if isinstance(moment, date) else raw
        return number


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _limited(text: str) -> str:
    if len(text) > MAX_CELL:
        raise NotUnderstood("A cell of this workbook holds more than 64 KB of text.")
    return text
