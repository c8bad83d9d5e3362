"""Files that mean harm, or are not what their name says: refused with a sentence, and nothing is run."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest

from imports.readers import NotUnderstood, read_authorisations, read_people, tabular
from imports.readers.xlsx import Workbook
from tests.fixtures.imports.make import FDA_HEADER, FDA_JANUARY, PEOPLE, current_rows
from tests.unit.readers.books import raw_xlsx, sheet_data, text, xlsx

CELL = '<c r="{ref}" t="inlineStr"><is><t>x</t></is></c>'


def refused(data: bytes, name: str = "file.xlsx") -> str:
    """The sentence both readers refuse a file with."""
    with pytest.raises(NotUnderstood) as first:
        read_authorisations(data, name)
    with pytest.raises(NotUnderstood):
        read_people(data, name)
    assert first.value.message.endswith(".")
    return first.value.message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\x00" * 4000, "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"<!DOCTYPE html><table><tr><td>Category</td></tr></table>", "web page"),
        (b"\xef\xbb\xbf  <HTML><body>", "web page"),
        ("<html>".encode("utf-16"), "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "Excel"),
        (b"%PDF-1.7 ...", "neither"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"PK\x05\x06" + b"\x00" * 18, "not a workbook"),
        (b"MZ\x90\x00" + b"\x00\x01" * 300, "zero bytes|belong|characters"),
        (b"\xff\xfe\x00\xd8\x00\xd8" + "abc".encode("utf-16-le"), "cannot be read"),
        (b"just a sentence", "belong"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, says: str) -> None:
    message = refused(data, "medicines.xlsx")
    assert any(word in message for word in says.split("|"))


def test_a_damaged_workbook_is_refused_wherever_it_was_cut() -> None:
    data = xlsx(current_rows())
    for end in range(50, len(data), max(1, len(data) // 40)):
        refused(data[:end])


def test_flipped_bytes_never_cause_anything_but_a_refusal_or_a_reading() -> None:
    data = bytearray(xlsx(current_rows()))
    for position in range(0, len(data), 97):
        spoilt = bytearray(data)
        spoilt[position] ^= 0xFF
        with contextlib.suppress(NotUnderstood):
            read_authorisations(bytes(spoilt), "a.xlsx")


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = sheet_data("<row>" + "<c/>" * 4_000_000 + "</row>")
    assert "unpacks to far more" in refused(raw_xlsx(bomb))


def test_one_text_named_by_a_million_cells_is_not_handed_out() -> None:
    strings = f"<sst><si><t>{'x' * 60_000}</t></si></sst>"
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 3_000))
    book = Workbook(raw_xlsx(sheet_data(rows), **{"xl/sharedStrings.xml": strings}))
    with pytest.raises(NotUnderstood, match="far more"):
        list(book.rows(book.sheets[0][1]))


@pytest.mark.parametrize("reference", ["ZZZZZZ1", "XFE1", "A99999999", "A1048577B", "1A", "A-1"])
def test_a_claimed_cell_that_cannot_exist_is_refused(reference: str) -> None:
    refused(raw_xlsx(sheet_data("<row>" + CELL.format(ref=reference) + "</row>")))


@pytest.mark.parametrize("row", ["1048577", "999999999", "0"])
def test_a_claimed_row_that_cannot_exist_is_refused(row: str) -> None:
    refused(raw_xlsx(sheet_data(f'<row r="{row}"><c r="A1"><v>1</v></c></row>')))


def test_gaps_cost_nothing() -> None:
    wide = "".join(f'<row r="{row * 100}">{CELL.format(ref=f"XFD{row}")}</row>' for row in range(1, 10_000))
    refused(raw_xlsx(sheet_data(wide)))


def test_entities_and_document_types_are_refused() -> None:
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        + sheet_data("<row><c t='inlineStr'><is><t>&b;</t></is></c></row>")
    )  # fmt: skip
    assert "damaged" in refused(raw_xlsx(laughs))
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + sheet_data("<row/>")
    assert "damaged" in refused(raw_xlsx(outside))


def test_macros_binary_books_and_passwords_are_refused() -> None:
    assert "macros" in refused(raw_xlsx(sheet_data(""), **{"xl/vbaProject.bin": "x"}))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.bin", "x")
    assert "xlsb" in refused(target.getvalue())


def test_many_sheets_and_no_sheets_are_refused() -> None:
    book = '<workbook xmlns:r="r"><sheets>' + '<sheet name="a" r:id="rId1"/>' * 51 + "</sheets></workbook>"
    target = io.BytesIO(raw_xlsx(sheet_data("")))
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for content in (book, "<workbook><sheets/></workbook>"):
        other = io.BytesIO()
        with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in (parts | {"xl/workbook.xml": content.encode()}).items():
                archive.writestr(name, part)
        assert "sheet" in refused(other.getvalue())


def test_numbers_too_long_for_a_number_do_no_harm() -> None:
    nines = "9" * 6_000
    cells = (
        f'<c t="s"><v>{nines}</v></c><c s="{nines}"><v>{nines}</v></c><c><v>1e999</v></c><c><v>--5</v></c>'
    )
    rows = f"<row>{cells}</row>"
    refused(raw_xlsx(sheet_data(rows)))


def test_a_huge_cell_is_refused_in_text_and_in_workbooks() -> None:
    rows = current_rows()
    rows[1][15] = "x" * 70_000
    assert "64 KB" in refused(text(rows), "a.csv")
    inline = f'<row><c t="inlineStr"><is><t>{"x" * 70_000}</t></is></c></row>'
    book = Workbook(raw_xlsx(sheet_data(inline)))
    with pytest.raises(NotUnderstood):
        list(book.rows(book.sheets[0][1]))
    assert refused(b'a,b\n"' + b"x" * 10_000_000, "a.csv")


def test_too_many_bytes_rows_and_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "50 MB" in refused(b"a," * (26 * 1024 * 1024), "a.csv")
    assert "columns" in refused(b"a" + b"," * 20_000 + b"b\n", "a.csv")
    monkeypatch.setattr(tabular, "MAX_ROWS", 5)
    assert "more than 5 rows" in refused_by_authorisations(text([FDA_HEADER, *FDA_JANUARY]))


def refused_by_authorisations(data: bytes) -> str:
    with pytest.raises(NotUnderstood) as refusal:
        read_authorisations(data, "a.csv")
    return refusal.value.message


def test_zero_bytes_and_lone_surrogates_spoil_their_row_alone() -> None:
    good = text(PEOPLE)
    for bad in (b"To\x00mas", b"To\xed\xa0\x80mas", b"To\xff\xfemas"):
        people = read_people(good.replace("Tomás".encode(), bad), "a.csv")
        assert [person.family_name for person in people.rows] == ["Vögelin-Härtl"]
        assert people.problems[0].row == 3
        assert "cannot be read" in people.problems[0].reason


def test_what_comes_out_can_be_stored() -> None:
    """No zero byte and no lone surrogate reaches a record or its payload."""
    cells = [
        f'<c t="inlineStr"><is><t>{word}</t></is></c>'
        for word in ("Given name", "Family name", "E_xD800_va", "Mu_x0000_ster")
    ]
    escaped = sheet_data(f"<row>{cells[0]}{cells[1]}</row><row>{cells[2]}{cells[3]}</row>")
    people = read_people(raw_xlsx(escaped), "a.xlsx")
    for person in people.rows:
        (person.given_name + person.family_name).encode()
        assert "\x00" not in person.family_name
    data = (
        text(current_rows()).replace(b"Output", b"Out\x00put").replace(b"L04AC99", b"L04\xed\xa0\x80C99", 1)
    )
    for record in read_authorisations(data, "a.csv").records:
        shown = "".join((record.name, record.atc, *record.payload, *record.payload.values()))
        assert "\x00" not in shown.encode().decode()


def test_formulas_and_errors_are_not_values() -> None:
    rows = current_rows()
    rows[1][rows[0].index("Marketing authorisation date")] = '=HYPERLINK("http://example.org","04/03/2019")'
    rows[2][rows[0].index("Medicine URL")] = "=1+1"
    snapshot = read_authorisations(xlsx(rows), "a.xlsx")
    assert [(problem.row, problem.column) for problem in snapshot.rejected] == [
        (2, "Marketing authorisation date")
    ]


def test_directions_and_invisible_letters_do_not_survive() -> None:
    rows = current_rows()
    rows[1][1] = "Vel\u202emora\u200b"
    assert read_authorisations(xlsx(rows), "a.xlsx").records[0].name == "Velmora"
