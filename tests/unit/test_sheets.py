"""Tables as files: what a spreadsheet of the reader's country makes of them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation
from openpyxl import load_workbook

from msl_crm import sheets

ROW = ["Müller", 3, Decimal("2.5"), date(2026, 11, 24), datetime(2026, 11, 24, 13, 5, tzinfo=UTC), None, ""]
FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx"]


def read(content: bytes, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode()), delimiter=delimiter))


def test_a_german_file_has_semicolons_decimal_commas_and_days_as_they_are_written_there():
    with translation.override("de"), timezone.override("Europe/Berlin"):
        assert read(sheets.in_csv([ROW]), ";") == [
            "Müller", "3", "2,5", "24.11.2026", "24.11.2026 14:05", "", "",
        ]  # fmt: skip
        assert read(sheets.in_csv([ROW], iso=True), ";")[3:5] == ["2026-11-24", "2026-11-24 14:05"]


def test_an_english_file_has_commas_points_and_iso_days():
    with translation.override("en-gb"), timezone.override("Europe/Berlin"):
        assert read(sheets.in_csv([ROW]), ",") == [
            "Müller",
            "3",
            "2.5",
            "2026-11-24",
            "2026-11-24 14:05",
            "",
            "",
        ]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text):
    with translation.override("de"):
        assert read(sheets.in_csv([[text]]), ";") == ["'" + text]
    [[cell]] = workbook([[text.replace("\r", " ")]])
    assert (cell.data_type, cell.value) == ("s", text.replace("\r", " "))


def test_a_negative_number_stays_a_number():
    assert read(sheets.in_csv([[-5, Decimal("-2.5")]]), ",") == ["-5", "-2.5"]


def workbook(rows):
    content = sheets.workbook([sheets.in_xlsx(rows[:1]), sheets.in_xlsx(rows[1:])])
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.rows]


def test_a_workbook_holds_texts_numbers_and_days_as_what_they_are():
    with timezone.override("Europe/Berlin"):
        head, row = workbook([["a"] * len(ROW), ROW])

    assert [cell.value for cell in head] == ["a"] * len(ROW)
    assert [cell.value for cell in row] == [
        "Müller", 3, 2.5, datetime(2026, 11, 24), datetime(2026, 11, 24, 14, 5), None, None,
    ]  # fmt: skip
    assert row[3].is_date


def test_what_no_xml_may_hold_is_left_out_of_a_workbook():
    [[cell]] = workbook([["a\x00b\x0b<&>\"'\uffff 😀" + "x" * 40_000]])
    assert cell.value.startswith("ab<&>\"' 😀x")
    assert len(cell.value) == sheets.LONGEST_CELL


def test_the_same_rows_are_the_same_bytes():
    assert sheets.workbook([sheets.in_xlsx([["a"]])]) == sheets.workbook([sheets.in_xlsx([["a"]])])
