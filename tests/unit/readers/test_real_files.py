"""The real public files, where they are at hand: what their documentation states is what is read.

They are not part of the product. `CRM_SHARED_DATA` names their folder; without it `../shared/data` beside the
checkout is tried.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from imports.readers import (
    NotUnderstood,
    Snapshot,
    compare,
    obstacle,
    proposals_for,
    read_authorisations,
    read_people,
)
from imports.readers.fda import take_apart
from tests.unit.readers.books import text

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("CRM_SHARED_DATA", ROOT.parent / "shared" / "data"))
EMA = DATA / "authorisations" / "eu_ema"
FDA = DATA / "authorisations" / "us_fda"
PEOPLE = DATA / "people"

pytestmark = pytest.mark.skipif(
    not EMA.is_dir(),
    reason=f"the public reference files are not at {DATA}; set CRM_SHARED_DATA to their folder",
)


@pytest.fixture(scope="module")
def current() -> Snapshot:
    (path,) = EMA.glob("medicines_output_medicines_en_*.xlsx")
    return read_authorisations(path, path.name)


@pytest.fixture(scope="module")
def until_2023() -> Snapshot:
    (path,) = EMA.glob("Medicines_output_european_*.xlsx")
    return read_authorisations(path, path.name)


def test_the_current_table_is_counted_as_documented(current: Snapshot) -> None:
    assert current.snapshot_date == date(2024, 8, 22)
    assert Counter(record.status_raw for record in current.records) == {
        "Authorised": 1422, "Withdrawn": 306, "Application withdrawn": 235, "Refused": 55, "Opinion": 29,
        "Lapsed": 23, "Expired": 15, "Revoked": 7, "Opinion under re-examination": 2,
        "Withdrawn from rolling review": 2,
    }  # fmt: skip
    assert (len(current.rejected), len(current.skipped)) == (0, 337)
    states = Counter(record.state for record in current.records)
    assert states["AUTHORISED"] + states["CONDITIONAL"] == 1422
    assert (states["WITHDRAWN"], states["APPL_WITHDRAWN"], states["REFUSED"], states["SUBMITTED"]) == (
        351,
        237,
        55,
        31,
    )
    authorised = [record for record in current.records if record.state in ("AUTHORISED", "CONDITIONAL")]
    assert sum("authorised without a date" in record.notes for record in authorised) == 3
    assert sum(any("first refused" in note for note in record.notes) for record in authorised) == 15
    # 3,504 as the file has it; one product names an area twice.
    areas = [area for record in current.records for area in record.therapeutic_areas]
    assert (len(areas), len(set(areas))) == (3503, 612)
    assert sum(not record.indication for record in current.records) == 102
    assert sum(not record.key.startswith("EMEA/") for record in current.records) == 5


def test_the_table_until_2023_is_counted_as_documented(until_2023: Snapshot) -> None:
    assert until_2023.snapshot_date == date(2021, 12, 12)
    counts = Counter(record.status_raw for record in until_2023.records)
    assert counts == {"Authorised": 629, "Withdrawn": 151, "Refused": 23, "": 1}
    assert (len(until_2023.rejected), len(until_2023.skipped)) == (0, 143)
    assert [record.name for record in until_2023.records if record.state is None] == ["Aplidin"]


def test_no_text_is_left_with_odd_spaces(current: Snapshot, until_2023: Snapshot) -> None:
    for record in (*current.records, *until_2023.records):
        for shown in (
            record.name,
            record.inn,
            record.holder,
            record.atc,
            *record.substances,
            *record.therapeutic_areas,
        ):
            assert shown == " ".join(shown.split())
            assert "&nbsp" not in shown


def test_from_the_old_table_to_the_new_only_what_happened_is_proposed(
    current: Snapshot, until_2023: Snapshot
) -> None:
    known = {record.key: record.mapped() for record in until_2023.records}
    before = {record.key: record for record in until_2023.records}
    result = compare(known, current)
    print(
        f"\nnew {len(result.new)}, changed {len(result.changed)}, "
        f"of these in status {len(result.status_changes)}, "
        f"unchanged {len(result.unchanged)}, gone {len(result.gone)}"
    )
    ended = {"Withdrawn", "Lapsed", "Expired", "Revoked"}
    moves = Counter((change.old_state, change.new_state) for change in result.status_changes)
    print(dict(moves))
    assert set(moves) <= {
        ("AUTHORISED", "WITHDRAWN"), ("CONDITIONAL", "WITHDRAWN"), ("CONDITIONAL", "AUTHORISED"),
        ("AUTHORISED", "CONDITIONAL"), (None, "REFUSED"),
    }  # fmt: skip
    for change in result.status_changes:
        old, new = before[change.record.key], change.record
        if new.state == "WITHDRAWN":
            assert (old.status_raw, new.status_raw in ended) == ("Authorised", True)
        steps = proposals_for(change.old_state, new)
        assert bool(steps) != bool(obstacle(change.old_state, new))
    changed = {change.record.key for change in result.status_changes}
    for record in current.records:
        if record.status_raw in ended and (was := before.get(record.key)) and was.status_raw == "Withdrawn":
            assert record.key not in changed
    again = compare({record.key: record.mapped() for record in current.records}, current)
    assert (again.new, again.changed, again.gone) == ((), (), ())


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-16", "\t"), ("utf-8-sig", ";")])
def test_the_table_in_another_shape_says_the_same(current: Snapshot, encoding: str, delimiter: str) -> None:
    """Saved as text, columns reversed, a strange column added: payloads are enough to build it again."""
    titles = sorted({title for record in current.records for title in record.payload}, reverse=True)
    rows: list[list[object]] = [[*titles, "Comment"]]
    rows += [[*(record.payload.get(title) for title in titles), "?"] for record in current.records]
    copy = read_authorisations(
        text(rows, delimiter=delimiter, encoding=encoding), "copy.csv", date(2024, 8, 22)
    )
    titled = {record.key: record.mapped() for record in copy.records}
    # Columns that are filled in no row of the table cannot be built again.
    expected = {record.key: record.mapped() for record in current.records}
    for key, mapped in expected.items():
        assert {name: value for name, value in mapped.items() if name in titled[key]} == titled[key]
    result = compare(expected, copy)
    assert (result.new, result.changed, result.gone) == ((), (), ())


def test_the_monthly_lists_are_counted_as_documented() -> None:
    kinds: Counter[str] = Counter()
    numbers: set[str] = set()
    for path in sorted(FDA.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                _, kind, number = take_apart(row["Drug Name"])
                kinds[kind] += 1
                numbers.add(number)
    assert kinds == {"NDA": 786, "BLA": 120, "ANDA": 1894}
    assert len(numbers) == 2097


def test_the_monthly_lists_in_turn_lead_to_one_state_per_application() -> None:
    known: dict[str, dict[str, object]] = {}
    rows = supplements = 0
    for path in sorted(FDA.glob("*.csv")):
        snapshot = read_authorisations(path, path.name)
        assert snapshot.rejected == ()
        result = compare(known, snapshot)
        rows += len(snapshot.records)
        supplements += sum(len(record.supplements) for record in snapshot.records)
        known |= {record.key: record.mapped() for record in result.new}
        known |= {change.record.key: change.mapped for change in result.changed}
        again = compare(known, snapshot)
        assert (again.new, again.changed) == ((), ())
    # The 75th efficacy submission is an original one and gives a state.
    assert supplements == 74
    assert sum(value["state"] == "AUTHORISED" for value in known.values()) == 400


def test_the_provider_register_is_counted_as_documented() -> None:
    people = read_people(PEOPLE / "us_nppes" / "nppes_sample_2025_part_a.csv", "nppes.csv")
    assert (people.layout, len(people.rows), len(people.institutions), len(people.skipped)) == (
        "NPPES",
        372,
        101,
        37,
    )
    assert people.problems == ()
    for person in people.rows:
        assert len(person.postcode) in (5, 10)
        assert person.family_name


def test_an_empty_register_and_foreign_files_are_refused() -> None:
    for path in (
        PEOPLE / "us_nppes" / "npidata_20050523-20150308_FileHeader.csv",
        PEOPLE / "us_cms" / "hospital_general_information_part_a.csv",
        PEOPLE / "us_open_payments" / "research_payments_iowa_2014.csv",
        next(FDA.glob("*.csv")),
        next(EMA.glob("*.xlsx")),
    ):
        with pytest.raises(NotUnderstood):
            read_people(path, path.name)
    for path in (*DATA.glob("authorisations/*/*.txt"), *PEOPLE.glob("us_*/*.csv"), DATA / "README.md"):
        with pytest.raises(NotUnderstood):
            read_authorisations(path, path.name)


def test_the_clinician_directory_is_read_whole() -> None:
    people = read_people(PEOPLE / "us_cms" / "clinicians_maine_part_a.csv", "c.csv")
    assert (people.layout, len(people.rows), people.problems) == ("CMS_CLINICIANS", 1760, ())
    assert sum(bool(person.notes) for person in people.rows) == 39
    assert {len(person.postcode) for person in people.rows} == {5, 10}
