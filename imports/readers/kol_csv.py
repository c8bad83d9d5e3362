"""A list of people made by hand or exported from another system: our own header, in English or German.

Columns, in any order, only the names being required: title, given name, family name (or one column “name”),
specialty, institution, department, street, city, region, postcode, country, languages, e-mail, phone, NPI,
ORCID. A row with a mistake is listed with its column and left out; the others are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import identifiers
from .cms import name_parts
from .registers import find_people
from .tabular import Found, Layout, Record, Table
from .words import NotUnderstood, PeopleFile, PersonRow, RowProblem

NAME = "GENERIC"
HEADER = (
    "title",
    "given name",
    "family name",
    "specialty",
    "institution",
    "department",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "languages",
    "e-mail",
    "phone",
    "NPI",
    "ORCID",
)
_COMMON = {
    "title": ("title", "academic title", "titel", "akademischer titel", "salutation", "prefix", "anrede"),
    "credentials": ("credentials", "degrees", "degree"),
    "specialty": (
        "specialty",
        "speciality",
        "primary specialty",
        "fachgebiet",
        "fachrichtung",
        "specialisation",
    ),
    "institution": (
        "institution",
        "organisation",
        "organization",
        "affiliation",
        "hospital",
        "primary institution",
        "account",
        "klinik",
        "einrichtung",
        "krankenhaus",
        "workplace",
    ),
    "department": ("department", "abteilung", "unit", "clinic"),
    "street": (
        "street",
        "address",
        "address line 1",
        "street address",
        "strasse",
        "straße",
        "adresse",
        "anschrift",
    ),
    "city": ("city", "town", "city town", "ort", "stadt"),
    "region": ("region", "state", "province", "bundesland", "county", "kanton"),
    "postcode": ("postcode", "postal code", "post code", "zip", "zip code", "plz", "postleitzahl"),
    "country": ("country", "country code", "market", "country market", "land"),
    "languages": ("languages", "language", "sprachen", "sprache"),
    "email": ("e mail", "email", "e mail address", "email address", "mail"),
    "phone": ("phone", "telephone", "phone number", "telephone number", "telefon", "tel", "telefonnummer"),
    "npi": ("npi", "npi number"),
    "orcid": ("orcid", "orcid id", "orcid identifier"),
}
_PARTS = Layout(
    titles={
        **_COMMON,
        "given_name": ("given name", "given names", "first name", "firstname", "forename", "vorname"),
        "family_name": ("family name", "last name", "lastname", "surname", "nachname", "familienname"),
    },
    required=frozenset({"given_name", "family_name"}),
)
_WHOLE = Layout(
    titles={**_COMMON, "name": ("name", "full name", "kol name", "hcp name", "person")},
    required=frozenset({"name"}),
)
_SHORT_TEXTS = (
    "given_name",
    "family_name",
    "name",
    "title",
    "specialty",
    "institution",
    "street",
    "city",
    "region",
)
_MAX_LENGTH = 300
# Harmless here, but run by the spreadsheet of whoever exports the list again.
_FORMULA_SIGNS = ("=", "@", "+", "-")


def read(tables: Sequence[Table]) -> PeopleFile | None:
    """The people, or None when no table has the columns for names.

    One column “name” alone could be a list of anything, so it needs two more columns we know.
    """
    found = find_people(tables, _PARTS)
    if found is None:
        found = find_people(tables, _WHOLE)
        if found is None or len(found.columns) < 3:
            return None
    people: list[PersonRow] = []
    problems: list[RowProblem] = []
    skipped: list[RowProblem] = []
    seen: dict[tuple[str, str], int] = {}
    for record in found.records():
        if record.is_header_again():
            skipped.append(RowProblem(record.number, "the header again"))
            continue
        person, wrong = _person(record, found)
        numbers = [(kind, number) for kind in ("npi", "orcid") if (number := getattr(person, kind))]
        wrong += [
            RowProblem(
                record.number, f"{known[1]} stands in row {seen[known]} already", found.title(known[0])
            )
            for known in numbers
            if known in seen
        ]
        if wrong:
            problems.extend(wrong)
            continue
        seen.update(dict.fromkeys(numbers, record.number))
        people.append(person)
    if not (people or problems or skipped):
        raise NotUnderstood("This table has a header and no rows.")
    unknown = [
        title
        for index, title in enumerate(found.every_title)
        if title and index not in found.columns.values()
    ]
    notes = (f"Columns that were not read: {', '.join(unknown[:20])[:500]}",) if unknown else ()
    return PeopleFile(NAME, tuple(people), tuple(problems), (), tuple(skipped), notes)


def _person(record: Record, found: Found) -> tuple[PersonRow, list[RowProblem]]:
    wrong: list[RowProblem] = []

    def mistake(reason: str, column: str) -> None:
        if reason:
            wrong.append(RowProblem(record.number, reason, found.title(column) if column else ""))

    if flaw := record.flaw():
        wrong.append(RowProblem(record.number, flaw[1], flaw[0]))
    given, family, notes = _names(record, found)
    if not given or not family:
        mistake("no given name" if family else "no family name",
                "name" if "name" in found.columns else "given_name" if family else "family_name")  # fmt: skip
    for column, reason in _long_or_formula(record):
        mistake(reason, column)
    country, reason = identifiers.country(record.raw("country"))
    mistake(reason, "country")
    postcode, reason = identifiers.postcode(record.raw("postcode"), country)
    mistake(reason, "postcode")
    email, reason = identifiers.email(record.raw("email"))
    mistake(reason, "email")
    phone, reason = identifiers.telephone(record.raw("phone"), country)
    mistake(reason, "phone")
    npi, reason = identifiers.npi(record.raw("npi"))
    mistake(reason, "npi")
    orcid, reason = identifiers.orcid(record.raw("orcid"))
    mistake(reason, "orcid")
    languages, reason = identifiers.languages(record.raw("languages"))
    mistake(reason, "languages")
    degrees = identifiers.credentials(record.raw("credentials"))
    person = PersonRow(
        row=record.number,
        given_name=given,
        family_name=family,
        title=identifiers.title(record.raw("title"), degrees),
        credentials=degrees,
        specialty=record.text("specialty"),
        institution=record.text("institution"),
        department=record.text("department"),
        street=record.text("street"),
        city=record.text("city"),
        region=record.text("region"),
        postcode=postcode,
        country=country,
        languages=languages,
        email=email,
        phone=phone,
        npi=npi,
        orcid=orcid,
        notes=notes,
    )
    return person, wrong


def _names(record: Record, found: Found) -> tuple[str, str, tuple[str, ...]]:
    """Given name, family name, and a note where one column held both."""
    if "name" not in found.columns:
        return record.text("given_name"), record.text("family_name"), ()
    given, family, note = name_parts(record.text("name"))
    return given, family, (note,) if note else ()


def _long_or_formula(record: Record) -> Iterator[tuple[str, str]]:
    for column in _SHORT_TEXTS:
        text = record.text(column)
        if len(text) > 1 and text.startswith(_FORMULA_SIGNS):
            yield column, "the text begins like a formula"
        if len(text) > _MAX_LENGTH:
            yield column, f"longer than {_MAX_LENGTH} characters"
