"""Readers of regulator and register files: bytes in, frozen records out.

No Django, no database, no network.
"""

from __future__ import annotations

from .authorisations import read_authorisations
from .compare import compare, obstacle, proposals_for
from .people import read_people
from .words import (
    AuthorisationRecord,
    Change,
    Comparison,
    InstitutionRow,
    NotUnderstood,
    PeopleFile,
    PersonRow,
    Proposal,
    RowProblem,
    Snapshot,
)

__all__ = [
    "AuthorisationRecord",
    "Change",
    "Comparison",
    "InstitutionRow",
    "NotUnderstood",
    "PeopleFile",
    "PersonRow",
    "Proposal",
    "RowProblem",
    "Snapshot",
    "compare",
    "obstacle",
    "proposals_for",
    "read_authorisations",
    "read_people",
]
