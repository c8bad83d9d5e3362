"""One question for all lists of people: who is in this file?"""

from __future__ import annotations

from . import cms, kol_csv, nppes
from .tabular import Source, open_tables
from .words import NotUnderstood, PeopleFile


def read_people(file: Source, filename: str) -> PeopleFile:
    """Read a list of people, told apart by its columns. Raises NotUnderstood, and then nothing was read."""
    tables = open_tables(file, filename)
    for read in (nppes.read, cms.read, kol_csv.read):
        people = read(tables)
        if people is not None:
            return people
    raise NotUnderstood(
        "These columns are not understood. A list of people needs at least the columns "
        "“given name” and “family name”, or comes from the US registers NPPES or CMS."
    )
