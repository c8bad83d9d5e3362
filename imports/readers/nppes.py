"""The US provider register (NPPES), also after a spreadsheet has bent its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypedDict

from . import identifiers
from .registers import find_people
from .tabular import Found, Layout, Record, Table
from .text import clean, digits_of, parse_day
from .words import InstitutionRow, NotUnderstood, PeopleFile, PersonRow, RowProblem

NAME = "NPPES"
_PLACE = "provider business practice location address"
_TAXONOMIES = range(1, 16)
_LAYOUT = Layout(
    titles={
        "npi": ("npi",),
        "entity": ("entity type code",),
        "organisation": ("provider organization name legal business name", "provider organization name"),
        "other_organisation": ("provider other organization name",),
        "family_name": ("provider last name legal name", "provider last name"),
        "given_name": ("provider first name",),
        "middle_name": ("provider middle name",),
        "prefix": ("provider name prefix text",),
        "suffix": ("provider name suffix text",),
        "credential": ("provider credential text",),
        "former_name": ("provider other last name",),
        "street": ("provider first line business practice location address",),
        "street_2": ("provider second line business practice location address",),
        "city": (f"{_PLACE} city name",),
        "region": (f"{_PLACE} state name",),
        "postcode": (f"{_PLACE} postal code",),
        "country": (f"{_PLACE} country code if outside u s", f"{_PLACE} country code"),
        "phone": (f"{_PLACE} telephone number",),
        "deactivated": ("npi deactivation date",),
        "reactivated": ("npi reactivation date",),
        **{f"taxonomy_{index}": (f"healthcare provider taxonomy code {index}",) for index in _TAXONOMIES},
        **{
            f"primary_{index}": (f"healthcare provider primary taxonomy switch {index}",)
            for index in _TAXONOMIES
        },
    },
    required=frozenset({"npi", "entity", "family_name", "given_name"}),
)


def read(tables: Sequence[Table]) -> PeopleFile | None:
    """People and organisations, or None when these tables are not the register's."""
    found = find_people(tables, _LAYOUT)
    if found is None:
        return None
    people: list[PersonRow] = []
    places: list[InstitutionRow] = []
    skipped: list[RowProblem] = []
    problems: list[RowProblem] = []
    seen: dict[str, int] = {}
    for record in found.records():
        if reason := _left_out(record):
            skipped.append(RowProblem(record.number, reason))
            continue
        try:
            taken = _take(record, found, seen)
        except ValueError as problem:
            reason, column = problem.args
            problems.append(RowProblem(record.number, reason, found.title(column) if column else ""))
            continue
        if isinstance(taken, PersonRow):
            people.append(taken)
        else:
            places.append(taken)
        seen[taken.npi] = record.number
    if not (people or places or skipped or problems):
        raise NotUnderstood("This table has a header and no rows.")
    return PeopleFile(NAME, tuple(people), tuple(problems), tuple(places), tuple(skipped))


def _left_out(record: Record) -> str:
    """Why a row is passed over without being wrong, or an empty text."""
    if record.is_header_again():
        return "the header again"
    off, unclear = parse_day(record.raw("deactivated"), month_first=True)
    on, _ = parse_day(record.raw("reactivated"), month_first=True)
    if (off or unclear) and not (on and (off is None or on >= off)):
        return f"deactivated on {off.isoformat()}" if isinstance(off, date) else "deactivated"
    return ""


def _take(record: Record, found: Found, seen: dict[str, int]) -> PersonRow | InstitutionRow:
    if flaw := record.flaw():
        raise ValueError(flaw[1], "")
    number, wrong = identifiers.npi(record.raw("npi"))
    if wrong or not number:
        raise ValueError(wrong or "no NPI", "npi")
    if number in seen:
        raise ValueError(f"NPI {number} stands in row {seen[number]} already", "npi")
    entity = digits_of(record.raw("entity"))
    if entity == "1":
        return _person(record, number)
    if entity == "2":
        return _institution(record, number)
    raise ValueError("neither a person (1) nor an organisation (2)", "entity")


def _value(record: Record, name: str) -> str:
    """A cell; the register writes <UNAVAIL> where it withholds one."""
    text = record.text(name)
    return "" if text.strip("<>").casefold() in ("unavail", "unavailable") else text


def _person(record: Record, number: str) -> PersonRow:
    family, given = _value(record, "family_name"), _value(record, "given_name")
    if not family or not given:
        raise ValueError("a person without a full name", "given_name" if family else "family_name")
    place, notes = _address(record)
    degrees = identifiers.credentials(_value(record, "credential"))
    return PersonRow(
        row=record.number,
        title=identifiers.title(_value(record, "prefix"), degrees),
        given_name=identifiers.name_case(clean(f"{given} {_value(record, 'middle_name')}")),
        family_name=identifiers.name_case(family),
        former_name=identifiers.name_case(_value(record, "former_name")),
        suffix=_value(record, "suffix"),
        credentials=degrees,
        taxonomy=_taxonomy(record),
        npi=number,
        notes=notes,
        **place,
    )


def _institution(record: Record, number: str) -> InstitutionRow:
    name = _value(record, "organisation")
    if not name:
        raise ValueError("an organisation without a name", "organisation")
    place, _ = _address(record)
    return InstitutionRow(
        row=record.number,
        name=name,
        other_name=_value(record, "other_organisation"),
        npi=number,
        taxonomy=_taxonomy(record),
        **place,
    )


class _Place(TypedDict):
    street: str
    city: str
    region: str
    postcode: str
    country: str
    phone: str


def _address(record: Record) -> tuple[_Place, tuple[str, ...]]:
    """The practice address, and notes on what could not be read and was left blank."""
    country, wrong_country = identifiers.country(_value(record, "country") or "US")
    postcode, wrong_postcode = identifiers.postcode(_value(record, "postcode"), country)
    phone, wrong_phone = identifiers.telephone(_value(record, "phone"), country)
    notes = tuple(wrong for wrong in (wrong_country, wrong_postcode, wrong_phone) if wrong)
    lines = (_value(record, "street"), _value(record, "street_2"))
    place = _Place(
        street=", ".join(identifiers.name_case(line) for line in lines if line),
        city=identifiers.name_case(_value(record, "city")),
        region=_value(record, "region"),
        postcode=postcode,
        country=country,
        phone=phone,
    )
    return place, notes


def _taxonomy(record: Record) -> str:
    """The code marked as primary, else the first."""
    codes = [(record.text(f"taxonomy_{index}"), record.text(f"primary_{index}")) for index in _TAXONOMIES]
    filled = [(code, switch) for code, switch in codes if code]
    return next((code for code, switch in filled if switch.upper() == "Y"), filled[0][0] if filled else "")
