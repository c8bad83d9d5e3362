"""Cleaning of cells: spaces, control characters, lists, days and numbers that a spreadsheet bent."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

# Characters that Windows-1252 keeps where Unicode has controls: a file decoded wrongly once still shows them.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
_SPACES = dict.fromkeys((0x00A0, 0x2007, 0x202F, 0x2009, 0x200A, 0x3000), " ")
_INVISIBLE = dict.fromkeys(
    (
        0x00AD,
        0x200B,
        0x200C,
        0x200D,
        0x200E,
        0x200F,
        0x2060,
        0xFEFF,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
)
_CONTROLS = dict.fromkeys(code for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n\r")
_TABLE = {**_C1, **_SPACES, **_INVISIBLE, **_CONTROLS}
_SURROGATE = re.compile("[\ud800-\udfff]")
EARLIEST, LATEST = date(1930, 1, 1), date(2100, 1, 1)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_NUMERIC = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ ,T-].*)?$")
_NAMED = re.compile(r"^(\d{1,2})[ -]([A-Za-z]{3,9})\.?[ -](\d{4})$")


def storable(value: str) -> str:
    """The text as it is, but for what a database cannot hold: zero bytes and lone surrogates."""
    return _SURROGATE.sub("\ufffd", value).replace("\x00", "")


def clean_lines(value: object) -> str:
    """Text with its line breaks, one kind of space and nothing invisible."""
    if value is None:
        return ""
    text = _SURROGATE.sub("\ufffd", plain(value))
    if "&" in text:
        text = html.unescape(text)
    text = unicodedata.normalize("NFC", text.translate(_TABLE).replace("\r\n", "\n").replace("\r", "\n"))
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def clean(value: object) -> str:
    """Text on one line."""
    return " ".join(clean_lines(value).split())


def plain(value: object) -> str:
    """A cell as text: days as YYYY-MM-DD, whole numbers without a decimal point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def folded(value: str) -> str:
    """Letters and digits only, without case or accents: for comparing, never for showing."""
    text = unicodedata.normalize("NFKD", value).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def title_key(value: object) -> str:
    """A column title without line breaks, punctuation and case."""
    text = unicodedata.normalize("NFKC", clean(value)).casefold()
    return " ".join(re.sub(r"[^\w]|_", " ", text).split())


def split_list(value: object, separators: str = ";") -> tuple[str, ...]:
    """A list out of one cell, in order, without blanks and repeats."""
    parts = (part.strip(" ,;\n\t") for part in re.split(f"[{re.escape(separators)}]", clean(value)))
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_day(value: object, *, month_first: bool = False) -> tuple[date | None, str]:
    """The calendar day in a cell and, if there is none although the cell is filled, what is wrong with it."""
    if value is None or (isinstance(value, str) and not clean(value)):
        return None, ""
    day: date | None = None
    if isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return None, f"“{plain(value)[:40]}” is a bare number, not a day"
    else:
        day = _day_in_text(clean(value), month_first)
    if day is None:
        return None, f"“{clean(value)[:40]}” is not a day"
    if not EARLIEST <= day < LATEST:
        return None, f"{day.isoformat()} is not a plausible day"
    return day, ""


def _day_in_text(text: str, month_first: bool) -> date | None:
    try:
        if match := _ISO.match(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _NUMERIC.match(text):
            first, second = int(match[1]), int(match[2])
            month, day = (first, second) if month_first else (second, first)
            return date(int(match[3]), month, day)
        if (match := _NAMED.match(text)) and match[2][:3].lower() in _MONTHS:
            return date(int(match[3]), _MONTHS[match[2][:3].lower()], int(match[1]))
    except ValueError:
        return None
    return None


def order_of_days(values: list[object], *, month_first: bool) -> tuple[int, int]:
    """How many days fit only the expected order of day and month, and how many fit only the other one."""
    agree = against = 0
    for value in values:
        match = _NUMERIC.match(clean(value)) if isinstance(value, str) else None
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        month, day = (first, second) if month_first else (second, first)
        if month <= 12 < day:
            agree += 1
        elif day <= 12 < month:
            against += 1
    return agree, against


def digits_of(value: object) -> str:
    """A whole number that a spreadsheet may have turned into 1.0 or 9.1E+09, as digits; else the text."""
    text = clean(value)
    if re.fullmatch(r"\d+\.0*", text):
        return text.split(".")[0]
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}", text):
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:
            return text
        if number == number.to_integral_value():
            return str(int(number))
    return text
