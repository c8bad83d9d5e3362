"""A regulator's table: looked at, then landed. It authorises nothing; it proposes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from imports import readers
from imports.actions.proposing import propose_for
from imports.models import Adoption, RegulatorRecord, Snapshot
from imports.readers import AuthorisationRecord, Comparison, NotUnderstood, RowProblem
from imports.readers.text import folded


@dataclass(frozen=True)
class Preview:
    """What a file would do, before it does anything. Rows carry their number in the file."""

    file: readers.Snapshot
    comparison: Comparison
    ours: frozenset[str]
    known: bool
    obstacles: tuple[RowProblem, ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """How many rows fell into each pile. Every row of the file is in exactly one of the first five."""
        found = self.comparison
        return {
            "new": len(found.new),
            "changed": len(found.changed),
            "unchanged": len(found.unchanged),
            "skipped": len(self.file.skipped),
            "rejected": len(self.file.rejected),
            "status_changes": len(found.status_changes),
            "ours_changed": len(
                [change for change in found.status_changes if change.record.key in self.ours]
            ),
            "gone": len(found.gone),
        }


def preview_authorisations(content: bytes, filename: str, *, taken_on: date | None = None) -> Preview:
    """Read a file whole and compare it with what landed before. Raises NotUnderstood; writes nothing."""
    file = readers.read_authorisations(io.BytesIO(content), filename, taken_on)
    if file.snapshot_date is None:
        raise NotUnderstood("The file does not say of which day it is. Give the day of the snapshot.")
    latest = RegulatorRecord.objects.filter(source=file.source, latest=True)
    old: dict[str, Any] = dict(latest.values_list("key", "mapped"))
    comparison = readers.compare(old, file)
    adopted = frozenset(Adoption.objects.filter(source=file.source).values_list("key", flat=True))
    known = Snapshot.objects.filter(source=file.source, sha256=hashlib.sha256(content).hexdigest()).exists()
    obstacles = tuple(
        RowProblem(change.record.row, f"{change.record.name}: {why}")
        for change in comparison.status_changes
        if change.record.key in adopted and (why := readers.obstacle(change.old_state, change.record))
    )
    return Preview(file, comparison, adopted, known, obstacles)


@audit.action
def import_authorisations(
    content: bytes, filename: str, *, by: User, taken_on: date | None = None
) -> tuple[Snapshot, Preview]:
    """Land a regulator's file and propose, for adopted products, exactly the changes of status it brings.

    The same file twice lands once and proposes nothing more. A full table older than the newest one is refused,
    because it would take news back. Raises NotUnderstood, and then nothing was written.
    """
    audit.permit(Deed.IMPORT_AUTHORISATIONS, on=None, by=by, words=filename)
    _one_at_a_time()
    preview = preview_authorisations(content, filename, taken_on=taken_on)
    file, digest = preview.file, hashlib.sha256(content).hexdigest()
    assert file.snapshot_date is not None  # noqa: S101 - preview has asked for it
    if preview.known:
        return Snapshot.objects.get(source=file.source, sha256=digest), preview
    newest = Snapshot.objects.filter(source=file.source).order_by("-taken_on").first()
    if file.complete and newest is not None and file.snapshot_date < newest.taken_on:
        audit.refuse("R-008", "older_snapshot", verb="was refused to import", on=newest, by=by,
                     newest=newest.taken_on.isoformat())  # fmt: skip
    snapshot = Snapshot.objects.create(
        source=file.source,
        layout=file.layout,
        taken_on=file.snapshot_date,
        filename=filename[-200:],
        sha256=digest,
        imported_by=by,
        imported_at=now(),
    )
    _land(snapshot, preview.comparison)
    proposed = _propose(snapshot, preview, by)
    snapshot.counts = {**preview.counts, "proposed": proposed}
    snapshot.save(update_fields=["counts"])
    audit.record("imported", snapshot, by=by, file=filename, sha256=digest, **snapshot.counts)
    return snapshot, preview


def _one_at_a_time() -> None:
    """Two imports at one instant would compare with the same past; the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import of authorisations'))")


def _land(snapshot: Snapshot, comparison: Comparison) -> None:
    changed = {change.record.key: change.mapped for change in comparison.changed}
    RegulatorRecord.objects.filter(source=snapshot.source, latest=True, key__in=changed).update(latest=False)
    RegulatorRecord.objects.bulk_create(
        [
            *(_row(snapshot, record, record.mapped()) for record in comparison.new),
            *(_row(snapshot, change.record, changed[change.record.key]) for change in comparison.changed),
        ],
        batch_size=500,
    )


def _row(snapshot: Snapshot, record: AuthorisationRecord, mapped: dict[str, Any]) -> RegulatorRecord:
    words = (record.name, record.inn, record.holder, record.key, *record.previous_names, *record.other_names)
    return RegulatorRecord(
        source=snapshot.source,
        key=record.key,
        snapshot=snapshot,
        row=record.row,
        name=record.name[:300],
        inn=record.inn[:500],
        holder=record.holder[:300],
        state=mapped.get("state") or "",
        state_words=record.status_raw[:80],
        effective_on=record.effective_on,
        mapped=mapped,
        payload=record.payload,
        search=folded(" ".join(words))[:2000],
    )


def _propose(snapshot: Snapshot, preview: Preview, by: User) -> int:
    changed = {change.record.key: change.record for change in preview.comparison.status_changes}
    adoptions = Adoption.objects.filter(source=snapshot.source, key__in=changed).select_related("product")
    return sum(
        len(
            propose_for(
                adoption.product,
                changed[adoption.key],
                source=snapshot.source,
                taken_on=snapshot.taken_on,
                by=by,
            )
        )
        for adoption in adoptions.order_by("key")
    )
