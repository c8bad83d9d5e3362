"""The meaning of a file does not hang on its shape: any order of columns, blank rows, unknown columns."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from imports.readers import NotUnderstood, read_authorisations, read_people
from tests.fixtures.imports.make import FDA_FEBRUARY, FDA_HEADER, FDA_JANUARY, PEOPLE, current_rows, old_rows
from tests.unit.readers.books import text, xlsx

FDA_ROWS: list[list[object]] = [list(row) for row in (FDA_HEADER, *FDA_JANUARY, *FDA_FEBRUARY)]
TABLES: tuple[list[list[object]], ...] = (current_rows(), old_rows(), FDA_ROWS)
SPACES = st.sampled_from(["", " ", "\u00a0", "  \n"])


@st.composite
def mutated(draw: st.DrawFn, rows: list[list[object]]) -> list[list[object]]:
    """The same table with its columns in another order, strange columns, blank rows and rows above."""
    order = draw(st.permutations(range(len(rows[0]))))
    extra = draw(st.integers(0, 3))
    above = draw(st.integers(0, 12))
    table: list[list[object]] = [["Made by somebody"] if draw(st.booleans()) else [] for _ in range(above)]
    for number, row in enumerate(rows):
        cells = [row[index] for index in order]
        if number == 0:
            cells = [str(cell).upper() + draw(SPACES) if draw(st.booleans()) else cell for cell in cells]
        table.append([*cells, *(f"Unknown {index}" if number == 0 else "?" for index in range(extra))])
        if draw(st.integers(0, 5)) == 0:
            table.append([])
    return table


def meaning(data: bytes) -> dict[str, Any]:
    snapshot = read_authorisations(data, "a")
    assert snapshot.rejected == ()
    return {record.key: record.mapped() for record in snapshot.records}


@settings(max_examples=30, deadline=None)
@given(data=st.data(), which=st.integers(0, 2), as_text=st.booleans(), delimiter=st.sampled_from(",;\t"))
def test_the_shape_of_a_table_does_not_change_its_meaning(
    data: st.DataObject, which: int, as_text: bool, delimiter: str
) -> None:
    rows = TABLES[which]
    table = data.draw(mutated(rows))
    if as_text:
        assert meaning(text(table, delimiter=delimiter)) == meaning(text(rows))
    else:
        assert meaning(xlsx(table)) == meaning(xlsx(rows))


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_rows_in_another_order_say_the_same(data: st.DataObject) -> None:
    rows = TABLES[data.draw(st.integers(0, 2))]
    shuffled = [rows[0], *data.draw(st.permutations(rows[1:]))]
    assert meaning(xlsx(shuffled)) == meaning(xlsx(rows))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_authorisations, read_people):
        with contextlib.suppress(NotUnderstood):
            read(data, "x")


@settings(max_examples=60, deadline=None)
@given(cell=st.text(max_size=60), row=st.integers(1, 6), column=st.integers(0, 6))
def test_any_text_in_any_cell_touches_its_own_product_alone(cell: str, row: int, column: int) -> None:
    rows = [list(line) for line in (FDA_HEADER, *FDA_JANUARY)]
    rows[row][column] = cell
    clean = {record.key: record.mapped() for record in read_authorisations(text(TABLES[2][:7]), "a").records}
    try:
        data = text(rows)
    except UnicodeEncodeError:
        return
    try:
        snapshot = read_authorisations(data, "a")
    except NotUnderstood:
        return
    own = rows[row][1] if column != 1 else FDA_JANUARY[row - 1][1]
    number = str(own)[-6:]
    for record in snapshot.records:
        if record.key in clean and record.key != number and record.row != row + 1:
            assert record.mapped() == clean[record.key]


@settings(max_examples=60, deadline=None)
@given(cell=st.text(max_size=60), column=st.integers(0, len(PEOPLE[0]) - 1))
def test_any_text_about_one_person_leaves_the_others_alone(cell: str, column: int) -> None:
    rows = [list(line) for line in PEOPLE]
    rows[1][column] = cell
    try:
        data = text(rows)
    except UnicodeEncodeError:
        return
    try:
        people = read_people(data, "a.csv")
    except NotUnderstood:
        return
    assert "O’Reilly" in {person.family_name for person in people.rows}
