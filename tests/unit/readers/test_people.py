"""Who is in a file, and which rows a person has to look at."""

from __future__ import annotations

import pytest

from imports.readers import NotUnderstood, read_people
from imports.readers.cms import name_parts
from imports.readers.identifiers import (
    country,
    credentials,
    email,
    languages,
    name_case,
    npi,
    orcid,
    postcode,
    telephone,
    title,
)
from tests.fixtures.imports.make import PEOPLE
from tests.unit.readers.books import FIXTURES, text, xlsx


def test_our_own_header_is_read_and_rows_with_mistakes_are_listed_with_their_column() -> None:
    people = read_people(FIXTURES / "people.csv", "people.csv")
    assert people.layout == "GENERIC"
    first, second = people.rows
    assert (first.title, first.family_name, first.country, first.postcode) == (
        "Prof. Dr.", "Vögelin-Härtl", "DE", "07743",
    )  # fmt: skip
    assert (first.languages, first.orcid) == (("de", "en"), "0000-0002-1825-0097")
    assert (second.npi, second.postcode, second.phone) == ("1234567893", "02108", "+1 617 555 0100")
    assert [(problem.row, problem.column) for problem in people.problems] == [
        (4, "NPI"),
        (5, "Family name"),
        (5, "Country"),
        (5, "E-mail"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_told_apart(encoding: str, delimiter: str) -> None:
    people = read_people(text(PEOPLE, delimiter=delimiter, encoding=encoding), "list.csv")
    assert [person.family_name for person in people.rows] == ["Vögelin-Härtl", "O’Reilly"]


def test_a_german_header_in_a_workbook_is_understood() -> None:
    rows = [("Titel", "Nachname", "Vorname", "Fachrichtung", "PLZ", "Ort", "Land"),
            ("Dr.", "Muster", "Eva", "Neurologie", 1067, "Dresden", "Deutschland")]  # fmt: skip
    (person,) = read_people(xlsx(rows), "liste.xlsx").rows
    assert (person.given_name, person.family_name, person.postcode, person.country) == (
        "Eva",
        "Muster",
        "01067",
        "DE",
    )


@pytest.mark.parametrize(
    "column",
    ["TRx", "NRx 2024", "Decile", "Sales potential", "SalesPotential", "Prescribing volume", "Market Share",
     "Umsatz 2023", "Verordnungen", "Potenzial", "RX_VOLUME", "prescriber_decile", "Revenue"],
)  # fmt: skip
@pytest.mark.parametrize("above", [[], [("Export of the week",)]])
def test_a_file_with_prescriptions_or_sales_is_refused_whole(column: str, above: list[tuple[str]]) -> None:
    rows = [*above, ("Given name", "Family name", column), ("Eva", "Muster", 3)]
    with pytest.raises(NotUnderstood, match="R-074, R-075") as refusal:
        read_people(xlsx(rows), "targets.xlsx")
    assert column in refusal.value.message


@pytest.mark.parametrize(
    "column", ["Salesforce ID", "Provider License Number", "Notes", "Larynx clinic", "Marx"]
)
def test_other_columns_are_named_and_left_unread(column: str) -> None:
    people = read_people(xlsx([("Given name", "Family name", column), ("Eva", "Muster", "x")]), "a.xlsx")
    assert column in people.notes[0]


def test_the_register_after_a_spreadsheet_is_read() -> None:
    people = read_people(FIXTURES / "nppes.csv", "nppes.csv")
    assert people.layout == "NPPES"
    (person,) = people.rows
    assert (person.title, person.given_name, person.family_name) == ("Dr.", "Anna B", "McExample")
    assert (person.credentials, person.taxonomy, person.former_name) == (
        ("MD", "FACP"),
        "207R00000X",
        "Oldname",
    )
    assert (person.postcode, person.phone) == ("04101", "+1 207 555 0100")
    (place,) = people.institutions
    assert (place.name, place.postcode, place.phone) == (
        "EXAMPLE CLINIC, INC",
        "04401-3374",
        "+1 207 555 0100",
    )
    assert [(problem.row, problem.reason) for problem in people.skipped] == [(4, "deactivated on 2021-03-03")]
    assert [(problem.row, problem.column) for problem in people.problems] == [(5, "NPI")]


def test_a_reactivated_provider_is_read() -> None:
    data = (
        (FIXTURES / "nppes.csv")
        .read_text("utf-8-sig")
        .replace("2075550100.0,,", "2075550100.0,05/01/2010,06/01/2010")
    )
    assert len(read_people(data.encode(), "nppes.csv").rows) == 1
    data = data.replace("06/01/2010", "")
    assert read_people(data.encode(), "nppes.csv").rows == ()


def test_clinicians_have_their_zeros_back_and_doubtful_names_are_noted() -> None:
    first, second = read_people(FIXTURES / "cms_clinicians.csv", "c.csv").rows
    assert (first.family_name, first.postcode, first.notes) == ("McExample", "04101", ())
    assert (second.given_name, second.family_name) == ("Ida", "Van Der Beispiel")
    assert second.notes


def test_the_same_identifier_twice_is_a_problem_of_the_second_row() -> None:
    rows = [
        ("Given name", "Family name", "NPI"),
        ("Eva", "Muster", "1234567893"),
        ("Ewa", "Muster", "1234567893"),
    ]
    people = read_people(xlsx(rows), "a.xlsx")
    assert len(people.rows) == 1
    assert people.problems[0].reason == "1234567893 stands in row 2 already"


@pytest.mark.parametrize(
    "rows",
    [
        [("Name",), ("Eva Muster",)],
        [("Approval Date", "Drug Name"), ("1", "2")],
        [("Given name", "Family name")],
        [("Given name", "Family name", "Given name"), ("a", "b", "c")],
    ],
)
def test_what_is_no_list_of_people_is_refused(rows: list[tuple[str, ...]]) -> None:
    with pytest.raises(NotUnderstood):
        read_people(xlsx(rows), "a.xlsx")


def test_a_separator_inside_a_text_does_not_shift_a_row_silently() -> None:
    data = b"Given name,Family name,City\nEva,Muster,Jena\nEva,Muster,MD,Jena\n"
    people = read_people(data, "a.csv")
    assert len(people.rows) == 1
    assert "more cells than the header" in people.problems[0].reason


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("M.D.", ("MD",)), ("M. D.", ("MD",)), ("M.D.1208", ("MD",)), ("PHARM D", ("PharmD",)),
        ("MD, FACP, FACR", ("MD", "FACP", "FACR")), ("DNP FNP-BC", ("DNP", "FNP-BC")), ("P.A.-C.", ("PA-C",)),
        ("RN,C,MSN,CRNP", ("RN", "MSN", "CRNP")), ("O. D.", ("OD",)), ("", ()),
        ("M.D., PH.D.", ("MD", "PhD")),
    ],
)  # fmt: skip
def test_degrees_have_one_spelling(written: str, shown: tuple[str, ...]) -> None:
    assert credentials(written) == shown


def test_identifiers_are_checked_by_their_digits() -> None:
    assert npi("1234567893.0") == ("1234567893", "")
    assert npi("1.234567893E+09") == ("1234567893", "")
    assert npi("1234567890")[1]
    assert npi("12345")[1]
    assert orcid("https://orcid.org/0000-0002-1694-233X") == ("0000-0002-1694-233X", "")
    assert orcid("0000000216942339")[1]
    assert orcid("0000-0002-1694-2330")[1]
    assert email("Eva.Muster@Example.org") == ("eva.muster@example.org", "")
    assert email("eva@localhost")[1]
    assert telephone("3.09E+09", "US") == ("+1 309 000 0000", "")
    assert telephone("3.0886525124444E+9", "US")[1]
    assert postcode("283044552.0", "US") == ("28304-4552", "")
    assert postcode("601", "US") == ("00601", "")
    assert postcode("SW1A 1AA", "GB") == ("SW1A 1AA", "")
    assert country("Schweiz") == ("CH", "")
    assert country("usa") == ("US", "")
    assert languages("Français; german/EN") == (("fr", "de", "en"), "")
    assert languages("Klingonisch, de")[1]
    assert title("MRS.", ("RN",)) == ""
    assert title("", ("MD",)) == "Dr."
    assert name_case("O'BRIEN-MCDONALD III") == "O'Brien-McDonald III"
    assert name_case("van Dam") == "van Dam"
    assert name_parts("MUSTER, EVA B") == ("EVA B", "MUSTER", "")


def test_a_text_that_begins_like_a_formula_is_a_problem() -> None:
    people = read_people(b"Given name,Family name\n=cmd|' /C calc'!A0,Muster\nEva,Muster\n", "a.csv")
    assert [(problem.row, problem.column) for problem in people.problems] == [(2, "Given name")]
    assert len(people.rows) == 1
