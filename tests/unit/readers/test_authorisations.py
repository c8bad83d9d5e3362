"""What the regulators' files say, and what they do not."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from imports.readers import AuthorisationRecord, NotUnderstood, Snapshot, read_authorisations
from imports.readers.ema import names_in
from imports.readers.fda import take_apart
from tests.fixtures.imports.make import FDA_HEADER, FDA_JANUARY, current_rows, old_rows
from tests.unit.readers.books import FIXTURES, text, xlsx


def read(name: str) -> Snapshot:
    return read_authorisations(FIXTURES / name, name)


def by_name(snapshot: Snapshot) -> dict[str, AuthorisationRecord]:
    return {record.name: record for record in snapshot.records}


def test_every_status_of_the_current_layout_has_its_state_and_its_own_day() -> None:
    snapshot = read("ema_current.xlsx")
    assert (snapshot.source, snapshot.layout, snapshot.snapshot_date) == ("EMA", "current", date(2024, 6, 14))
    assert {name: (record.state, record.effective_on) for name, record in by_name(snapshot).items()} == {
        "Velmora": ("AUTHORISED", date(2019, 3, 4)),
        "Ardentis": ("CONDITIONAL", date(2021, 11, 12)),
        "Nurolan": ("SUBMITTED", None),
        "Casperin": ("SUBMITTED", None),
        "Dolvexa": ("REFUSED", date(2020, 2, 18)),
        "Ferrostat": ("APPL_WITHDRAWN", date(2021, 5, 7)),
        "Gentrava": ("WITHDRAWN", date(2023, 3, 18)),
        "Hexavil": ("WITHDRAWN", None),
        "Ibralix": ("AUTHORISED", None),
        "Jontara": ("AUTHORISED", date(2018, 6, 30)),
        "Kelvanta": ("SUBMITTED", None),
        "Lumetrol": ("APPL_WITHDRAWN", date(2021, 11, 2)),
        "Mirasept": ("SUSPENDED", None),
        "Noxaprim": ("AUTHORISED", date(2015, 5, 21)),
    }


def test_lists_names_and_spaces_are_cleaned_and_the_row_is_kept_as_it_is() -> None:
    record = by_name(read("ema_current.xlsx"))["Jontara"]
    assert record.previous_names == ("Jontara Nord",)
    assert record.therapeutic_areas == ("Multiple Sclerosis", "Psoriasis")
    assert record.substances == ("jontamab", "trehalose")
    assert record.holder == "Nordwind Pharma GmbH"
    assert record.payload["Marketing authorisation developer / applicant / holder"] == "Nordwind Pharma GmbH "
    assert record.notes == ("first refused on 2017-03-01",)


def test_the_layout_used_until_2023_gives_calendar_days_and_skips_animals() -> None:
    snapshot = read("ema_until_2023.xlsx")
    assert (snapshot.layout, snapshot.snapshot_date) == ("until 2023", date(2022, 6, 12))
    assert by_name(snapshot)["Velmora"].effective_on == date(2019, 3, 4)
    assert read("ema_current.xlsx").skipped[0].reason == "a veterinary medicine"


def test_a_row_number_is_the_one_the_spreadsheet_shows() -> None:
    assert by_name(read("ema_current.xlsx"))["Velmora"].row == 10


def test_a_table_saved_as_text_says_the_same() -> None:
    expected = {record.key: record.mapped() for record in read("ema_current.xlsx").records}
    for delimiter in ",;\t":
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
            data = text(current_rows(), delimiter=delimiter, encoding=encoding)
            snapshot = read_authorisations(data, "table.csv", date(2024, 6, 14))
            assert {record.key: record.mapped() for record in snapshot.records} == expected


def test_an_unknown_status_is_left_to_a_person() -> None:
    rows = current_rows()
    rows[1][3] = "Paused for the summer"
    record = read_authorisations(xlsx(rows), "a.xlsx").records[0]
    assert record.state is None
    assert record.notes == ("unknown status “Paused for the summer”",)


def test_a_table_of_unknown_statuses_is_refused_whole() -> None:
    rows = [[*row[:3], "Fine", *row[4:]] if number else row for number, row in enumerate(current_rows())]
    with pytest.raises(NotUnderstood, match="no known status"):
        read_authorisations(xlsx(rows), "a.xlsx")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("EMA product number", None, "no product number"),
        ("EMA product number", "to be told", "not a product number"),
        ("Name of medicine", None, "no name"),
        ("Name of medicine", "x" * 501, "longer than"),
        ("Category", "Mineral", "unknown category"),
        ("Medicine status", "=A1", "formula"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_with_row_and_column(
    column: str, value: object, reason: str
) -> None:
    rows = current_rows()
    rows[2][rows[0].index(column)] = value
    snapshot = read_authorisations(xlsx(rows), "a.xlsx")
    (problem,) = snapshot.rejected
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason
    assert len(snapshot.records) == 13


def test_two_rows_that_disagree_about_a_product_are_both_rejected_in_either_order() -> None:
    rows = current_rows()
    other = list(rows[1])
    other[3] = "Withdrawn"
    for table in ([*rows, other], [rows[0], other, *rows[1:]]):
        snapshot = read_authorisations(xlsx(table), "a.xlsx")
        assert "Velmora" not in by_name(snapshot)
        assert snapshot.unread_keys == {"EMEA/H/C/900001"}
        assert len(snapshot.rejected) == 2


def test_a_row_that_stands_twice_is_read_once() -> None:
    rows = current_rows()
    snapshot = read_authorisations(xlsx([*rows, rows[1]]), "a.xlsx")
    assert snapshot.rejected == ()
    assert snapshot.skipped[-1].reason == "the same as row 2"


@pytest.mark.parametrize("day", ["31/02/2020", "01/01/9999", "00/00/0000", "soon", "12/13/2014", 44197])
def test_an_absurd_day_is_asked_for_and_never_replaced(day: object) -> None:
    rows = current_rows()
    rows[1][rows[0].index("Marketing authorisation date")] = day
    rows[1][rows[0].index("European Commission decision date")] = "04/03/2019"
    record = read_authorisations(xlsx(rows), "a.xlsx").records[0]
    assert (record.state, record.effective_on) == ("AUTHORISED", None)
    assert "authorised without a date" in record.notes


def test_a_day_after_the_snapshot_is_asked_for() -> None:
    rows = current_rows()
    rows[1][rows[0].index("Marketing authorisation date")] = "01/01/2031"
    record = read_authorisations(xlsx(rows), "a.xlsx", date(2024, 6, 14)).records[0]
    assert record.effective_on is None
    assert "2031-01-01 lies after the snapshot: ask for the day" in record.notes


def test_a_copy_with_real_days_or_iso_days_says_the_same() -> None:
    expected = {record.key: record.effective_on for record in read("ema_current.xlsx").records}
    for turn in (lambda day: day, lambda day: day.date(), lambda day: day.strftime("%Y-%m-%d")):
        rows = current_rows()
        for row in rows[1:]:
            for index, title in enumerate(rows[0]):
                if "date" in str(title).lower() and row[index]:
                    row[index] = turn(datetime.strptime(str(row[index]), "%d/%m/%Y"))
        snapshot = read_authorisations(xlsx(rows), "a.xlsx")
        assert {record.key: record.effective_on for record in snapshot.records} == expected


def test_a_copy_with_the_month_first_is_told_apart_and_a_mixture_is_refused() -> None:
    def turned(row: list[object]) -> list[object]:
        return [
            "/".join((cell[3:5], cell[:2], cell[6:])) if isinstance(cell, str) and cell[2:3] == "/" else cell
            for cell in row
        ]

    rows = current_rows()
    column = rows[0].index("Opinion adopted date")
    for number, row in enumerate(rows[1:]):
        row[column] = f"{13 + number % 15}/04/2018"
    snapshot = read_authorisations(xlsx([rows[0], *map(turned, rows[1:])]), "a.xlsx")
    assert by_name(snapshot)["Velmora"].effective_on == date(2019, 3, 4)
    assert "month first" in " ".join(snapshot.notes)
    with pytest.raises(NotUnderstood, match="some month first"):
        read_authorisations(xlsx([*rows[:8], *map(turned, rows[8:])]), "a.xlsx")


def test_a_file_without_its_own_day_takes_the_one_given() -> None:
    assert read_authorisations(xlsx(old_rows()), "a.xlsx").snapshot_date is None
    assert read_authorisations(xlsx(old_rows()), "a.xlsx", date(2022, 1, 1)).snapshot_date == date(2022, 1, 1)
    assert read("ema_current.xlsx").snapshot_date == date(2024, 6, 14)


@pytest.mark.parametrize(
    ("text_", "name", "previous"),
    [
        ("Alpha (previously Beta)", "Alpha", ("Beta",)),
        ("Alpha (previously known as Beta, MSD)", "Alpha", ("Beta, MSD",)),
        ("Alpha (in Italy: Gamma)", "Alpha (in Italy: Gamma)", ()),
        ("(previously Beta)", "(previously Beta)", ()),
    ],
)
def test_former_names_stand_in_brackets(text_: str, name: str, previous: tuple[str, ...]) -> None:
    assert names_in(text_) == (name, previous)


@pytest.mark.parametrize(
    ("glued", "expected"),
    [
        ("FARXIGANDA   #202293", ("FARXIGA", "NDA", "202293")),
        ("DOCEFREZNDA   #022534", ("DOCEFREZ", "NDA", "022534")),
        ("OLANZAPINEANDA  #077528", ("OLANZAPINE", "ANDA", "077528")),
        ("KEYTRUDABLA   #125514", ("KEYTRUDA", "BLA", "125514")),
        ("TWO LINES,\nONE DRUGANDA\u00a0\u00a0#040422", ("TWO LINES, ONE DRUG", "ANDA", "040422")),
        ("KEYTRUDABLA #125514", ("KEYTRUDA", "BLA", "125514")),
        ("DOCEFREZNDA #22534", ("DOCEFREZ", "NDA", "022534")),
        ("OLANZAPINE ANDA #077528", ("OLANZAPINE", "ANDA", "077528")),
    ],
)
def test_name_type_and_number_are_taken_apart(glued: str, expected: tuple[str, str, str]) -> None:
    assert take_apart(glued) == expected


def test_a_squeezed_name_ending_in_a_is_told_by_its_ingredients_or_rejected() -> None:
    assert take_apart("OLANZAPINEANDA #077528", ["OLANZAPINE"]) == ("OLANZAPINE", "ANDA", "077528")
    with pytest.raises(ValueError, match="cannot be told apart"):
        take_apart("FARXIGANDA #202293", ["DAPAGLIFLOZIN"])


def test_the_monthly_list_gives_one_record_per_application() -> None:
    snapshot = read("fda_2026-01.csv")
    assert (snapshot.source, snapshot.complete, snapshot.snapshot_date) == ("FDA", False, None)
    assert [
        (record.key, record.kind, record.name, record.state, record.effective_on)
        for record in snapshot.records
    ] == [
        ("900101", "NDA", "VELMORA", "AUTHORISED", date(2026, 1, 5)),
        ("900102", "ANDA", "VELMOMAB", "AUTHORISED", date(2026, 1, 6)),
        ("900103", "BLA", "ARDENTIS", "SUBMITTED", None),
        ("900104", "NDA", "CASPERA", None, None),
    ]
    assert [problem.row for problem in snapshot.skipped] == [6, 7]
    assert snapshot.records[3].supplements == ("SUPPL-12 of 2026-01-08 (Efficacy)",)


def test_the_original_wins_over_supplements_in_any_order() -> None:
    for rows in (FDA_JANUARY, tuple(reversed(FDA_JANUARY))):
        snapshot = read_authorisations(text([FDA_HEADER, *rows]), "fda.csv")
        record = next(record for record in snapshot.records if record.key == "900101")
        assert (record.state, record.effective_on, record.name) == ("AUTHORISED", date(2026, 1, 5), "VELMORA")


def test_an_original_with_two_days_is_left_to_a_person() -> None:
    twice = (*FDA_JANUARY, ("02/05/2026", *FDA_JANUARY[0][1:]))
    snapshot = read_authorisations(text([FDA_HEADER, *twice]), "fda.csv")
    assert snapshot.records[0].effective_on is None
    assert "several days are given for the same submission" in snapshot.records[0].notes
