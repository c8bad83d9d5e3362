"""The CMS clinician directory, as published and in the shortened form with one column for the whole name."""

from __future__ import annotations

from collections.abc import Sequence

from . import identifiers
from .registers import find_people
from .tabular import Found, Layout, Record, Table
from .text import clean
from .words import NotUnderstood, PeopleFile, PersonRow, RowProblem

NAME = "CMS_CLINICIANS"
_COMMON = {
    "npi": ("npi",),
    "specialty": ("primary specialty", "pri spec"),
    "institution": ("facility name", "organization legal name", "org nm"),
    "credential": ("cred", "credential"),
    "suffix": ("suff", "suffix"),
    "street": ("address", "adr ln 1", "line 1 street address"),
    "street_2": ("adr ln 2", "line 2 street address"),
    "city": ("city town", "city", "cty"),
    "region": ("state", "st"),
    "postcode": ("zip code", "zip"),
    "phone": ("telephone number", "phn numbr", "phone number"),
}
_WHOLE = Layout(
    titles={**_COMMON, "name": ("provider name", "clinician name")},
    required=frozenset({"npi", "name", "specialty"}),
)
_PARTS = Layout(
    titles={
        **_COMMON,
        "family_name": ("provider last name", "lst nm", "last name"),
        "given_name": ("provider first name", "frst nm", "first name"),
        "middle_name": ("provider middle name", "mid nm", "middle name"),
    },
    required=frozenset({"npi", "family_name", "given_name", "specialty", "region"}),
)
_PARTICLE_WORDS = "al bin ben da de del della den der di dos du el la le mac st st. ten ter van von zu"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())


def read(tables: Sequence[Table]) -> PeopleFile | None:
    """The clinicians, or None when these tables are not the directory."""
    found = find_people(tables, _PARTS) or find_people(tables, _WHOLE)
    if found is None:
        return None
    people: list[PersonRow] = []
    problems: list[RowProblem] = []
    skipped: list[RowProblem] = []
    seen: dict[str, int] = {}
    for record in found.records():
        if record.is_header_again():
            skipped.append(RowProblem(record.number, "the header again"))
            continue
        try:
            person = _person(record, found)
        except ValueError as problem:
            reason, column = problem.args
            problems.append(RowProblem(record.number, reason, found.title(column) if column else ""))
            continue
        if person.npi in seen:
            skipped.append(
                RowProblem(record.number, f"another place of the clinician in row {seen[person.npi]}")
            )
            continue
        seen[person.npi] = record.number
        people.append(person)
    if not (people or skipped or problems):
        raise NotUnderstood("This table has a header and no rows.")
    return PeopleFile(NAME, tuple(people), tuple(problems), (), tuple(skipped))


def _person(record: Record, found: Found) -> PersonRow:
    if flaw := record.flaw():
        raise ValueError(flaw[1], "")
    number, wrong = identifiers.npi(record.raw("npi"))
    if wrong or not number:
        raise ValueError(wrong or "no NPI", "npi")
    notes: list[str] = []
    if "name" in found.columns:
        given, family, note = name_parts(record.text("name"))
        notes += [note] if note else []
        column = "name"
    else:
        given, family = (
            clean(f"{record.text('given_name')} {record.text('middle_name')}"),
            record.text("family_name"),
        )
        column = "given_name" if family else "family_name"
    if not given or not family:
        raise ValueError("a person without a full name", column)
    degrees = identifiers.credentials(record.raw("credential"))
    postcode, wrong_postcode = identifiers.postcode(record.raw("postcode"), "US")
    phone, wrong_phone = identifiers.telephone(record.raw("phone"), "US")
    notes += [wrong for wrong in (wrong_postcode, wrong_phone) if wrong]
    return PersonRow(
        row=record.number,
        given_name=identifiers.name_case(given),
        family_name=identifiers.name_case(family),
        title=identifiers.title("", degrees),
        suffix=record.text("suffix"),
        credentials=degrees,
        specialty=record.text("specialty").capitalize(),
        institution=identifiers.name_case(record.text("institution")),
        street=", ".join(
            identifiers.name_case(record.text(part)) for part in ("street", "street_2") if record.text(part)
        ),
        city=identifiers.name_case(record.text("city")),
        region=record.text("region"),
        postcode=postcode,
        country="US",
        phone=phone,
        npi=number,
        notes=tuple(notes),
    )


def name_parts(text: str) -> tuple[str, str, str]:
    """Given name, family name and a note where the split is a guess.

    “LAST, FIRST” is told by its comma; two words are given and family name; of more words the last belongs to
    the family name with the particles before it.
    """
    text = clean(text)
    if "," in text:
        family, _, given = text.partition(",")
        return given.strip(" ,"), family.strip(), ""
    words = text.split()
    if len(words) < 2:
        return "", text, ""
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    note = (
        "" if len(words) == 2 else "the register gives the name in one piece: check what is the family name"
    )
    return " ".join(words[:start]), " ".join(words[start:]), note
