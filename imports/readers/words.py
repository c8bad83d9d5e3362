"""The words of the readers: what a file said, row by row, and why a row was left out.

Nothing here knows Django or the database. All values are frozen, so a preview and the import that follows
it cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple


class NotUnderstood(Exception):
    """The file is refused whole; the message says why, in a sentence a person can act on."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RowProblem(NamedTuple):
    """A row that was left out, by its number in the file (the first line is 1), and the reason."""

    row: int
    reason: str
    column: str = ""


class Proposal(NamedTuple):
    """An entry a regulatory person is asked to confirm. No `effective_on` means: ask for the day."""

    state: str
    effective_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class AuthorisationRecord:
    """One product as a regulator lists it.

    `state` is a lifecycle state by name, or None where a person has to decide. `effective_on` is the day that
    state began according to the file, or None; it is never borrowed from another date. `carried` names the
    fields the file has a column for: what a layout cannot say is not compared with a layout that can.
    """

    key: str
    row: int
    name: str
    status_raw: str
    state: str | None
    effective_on: date | None
    kind: str = ""
    previous_names: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    inn: str = ""
    substances: tuple[str, ...] = ()
    atc: str = ""
    holder: str = ""
    therapeutic_areas: tuple[str, ...] = ()
    indication: str = ""
    opinion: str = ""
    flags: frozenset[str] = frozenset()
    dates: dict[str, date] = field(default_factory=dict)
    supplements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    carried: frozenset[str] = frozenset()
    payload: dict[str, str] = field(default_factory=dict)

    def mapped(self) -> dict[str, Any]:
        """What is compared between snapshots, ready for JSON (days as YYYY-MM-DD).

        Only meanings, never the file's own wording of them, and only what this layout carries.
        """
        values: dict[str, Any] = {"state": self.state}
        if self.state is None:
            values["status"] = self.status_raw
        for name in ("name", "inn", "atc", "holder", "indication", "opinion"):
            if name in self.carried:
                values[name] = getattr(self, name)
        for name in ("substances", "therapeutic_areas", "other_names", "supplements"):
            if name in self.carried:
                values[name] = list(getattr(self, name))
        for name in sorted(self.carried):
            if name.startswith("flag:"):
                values[name] = name.removeprefix("flag:") in self.flags
            elif name.startswith("date:"):
                day = self.dates.get(name.removeprefix("date:"))
                values[name] = day.isoformat() if day else None
        return values


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A regulator's file, read whole. `snapshot_date` is None when the file does not say when it was made.

    `complete` tells a full table (what is missing has gone) from a monthly list (what is missing is no news).
    `unread_keys` stand in rejected rows: of those nothing is known, not even that they have gone.
    """

    source: str
    layout: str
    snapshot_date: date | None
    records: tuple[AuthorisationRecord, ...]
    rejected: tuple[RowProblem, ...] = ()
    skipped: tuple[RowProblem, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True
    unread_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A record that says something else than before. `fields` maps a field to (before, now).

    `mapped` is what to keep as the new comparison basis.
    """

    record: AuthorisationRecord
    fields: dict[str, tuple[Any, Any]]
    old_state: str | None
    new_state: str | None
    mapped: dict[str, Any]

    @property
    def state_changed(self) -> bool:
        """Whether the lifecycle moved, not only a name or a text."""
        return self.old_state != self.new_state


@dataclass(frozen=True, slots=True)
class Comparison:
    """A snapshot beside the one before it, by key. `gone` is always empty for a monthly list."""

    new: tuple[AuthorisationRecord, ...]
    changed: tuple[Change, ...]
    unchanged: tuple[AuthorisationRecord, ...]
    gone: tuple[str, ...]

    @property
    def status_changes(self) -> tuple[Change, ...]:
        """The changes that can lead to a proposal."""
        return tuple(change for change in self.changed if change.state_changed)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as a register or a list names them. `notes` say what a human should look at."""

    row: int
    given_name: str
    family_name: str
    title: str = ""
    former_name: str = ""
    suffix: str = ""
    credentials: tuple[str, ...] = ()
    specialty: str = ""
    taxonomy: str = ""
    institution: str = ""
    department: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    npi: str = ""
    orcid: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """An organisation out of the same register."""

    row: int
    name: str
    npi: str = ""
    other_name: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """People out of one file. A row is in exactly one of `rows`, `institutions`, `skipped`, `problems`."""

    layout: str
    rows: tuple[PersonRow, ...]
    problems: tuple[RowProblem, ...] = ()
    institutions: tuple[InstitutionRow, ...] = ()
    skipped: tuple[RowProblem, ...] = ()
    notes: tuple[str, ...] = ()
