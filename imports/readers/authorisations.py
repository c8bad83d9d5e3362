"""One question for all regulators: what does this file say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from . import ema, fda
from .tabular import Source, open_tables
from .words import AuthorisationRecord, NotUnderstood, Snapshot


def read_authorisations(file: Source, filename: str, made_on: date | None = None) -> Snapshot:
    """Read a regulator's file, told apart by its columns. Raises NotUnderstood, and then nothing was read.

    `made_on` is the day the user gives where the file does not say when it was made; what the file says wins.
    """
    tables = open_tables(file, filename)
    for read in (ema.read, fda.read):
        snapshot = read(tables)
        if snapshot is not None:
            return _dated(snapshot, snapshot.snapshot_date or made_on)
    raise NotUnderstood(
        "These columns belong neither to the European Medicines Agency's table of medicines "
        "nor to the FDA's list of approvals."
    )


def _dated(snapshot: Snapshot, made_on: date | None) -> Snapshot:
    """The snapshot with its day. A day after it cannot be a fact of that file and is asked for."""
    if made_on is None:
        return snapshot
    records = tuple(_without_future(record, made_on) for record in snapshot.records)
    return replace(snapshot, snapshot_date=made_on, records=records)


def _without_future(record: AuthorisationRecord, made_on: date) -> AuthorisationRecord:
    if record.effective_on is None or record.effective_on <= made_on:
        return record
    note = f"{record.effective_on.isoformat()} lies after the snapshot: ask for the day"
    return replace(record, effective_on=None, notes=(*record.notes, note))
