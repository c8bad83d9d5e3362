"""One question for all regulators: what does this file say?"""

from __future__ import annotations

from . import ema, fda
from .tabular import Source, open_tables
from .words import NotUnderstood, Snapshot


def read_authorisations(file: Source, filename: str) -> Snapshot:
    """Read a regulator's file, told apart by its columns. Raises NotUnderstood, and then nothing was read."""
    tables = open_tables(file, filename)
    for read in (ema.read, fda.read):
        snapshot = read(tables)
        if snapshot is not None:
            return snapshot
    raise NotUnderstood(
        "These columns belong neither to the European Medicines Agency's table of medicines "
        "nor to the FDA's list of approvals."
    )
