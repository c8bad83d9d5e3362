"""Sealing the trail, anchoring its head outside of the database, and checking it (decision 31)."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection

from accounts.acting import acting_as, now, system
from compliance.models import Anchor, Seal, Unsealed
from compliance.verifier.verify_trail import Trail, mac_of

log = logging.getLogger(__name__)
BATCH = 2000
CHUNK = 5000
# An anchor is due after so many seals, or so much time with any (rulebook 4.1).
ANCHOR_EVERY, ANCHOR_AFTER = 100, timedelta(seconds=60)
MAIL_AFTER = timedelta(hours=1)
# From here on something is wrong with the sealer.
LATE = timedelta(seconds=60)
COLUMNS = ("sequence", "kind", "key", "at", "sealed_at", "actor", "action", "object", "previous", "commitment",
           "hash", "salt", "payload")  # fmt: skip


def seal_some(most: int = BATCH) -> int:
    """Seal at most so many rows in one transaction; 0 where nothing waits, or another sealer is at it."""
    with acting_as(system("seal the trail")), connection.cursor() as cursor:
        cursor.execute("SELECT crm_seal(%s)", [most])
        return int(cursor.fetchone()[0])


def seal(most: int = BATCH, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Batch after batch until nothing waits, with an anchor after each one that is due."""
    count = 0
    while go_on():
        done = seal_some(most)
        count += done
        anchor()
        if done < most:
            break
    return count


# Anchors -------------------------------------------------------------------------------------------


def anchor() -> str:
    """Write the head of the chain outside of the database, if it is time to; where to, in words.

    Written first and noted then: killed in between it is written twice, which does no harm, and never not at all.
    """
    with acting_as(system("anchor the trail")), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('compliance_anchor'))")
        if not cursor.fetchone()[0] or (head := _due()) is None:
            return ""
        line = anchor_line(head.sequence, bytes(head.hash).hex(), now())
        places = ", ".join(name for name, put in _sinks() if _put(name, put, line))
        if places:
            cursor.execute("SELECT crm_note_anchor(%s, %s)", [head.sequence, places])
        return places


def _due() -> Seal | None:
    head, last = Seal.objects.order_by("-sequence").first(), Anchor.objects.first()
    if head is None or last is None:
        return head
    since = head.sequence - last.sequence
    return head if since >= ANCHOR_EVERY or (since > 0 and now() - last.at >= ANCHOR_AFTER) else None


def anchor_line(sequence: int, digest: str, at: datetime) -> str:
    """One anchor as it lies outside; signed if there is a key."""
    found: dict[str, Any] = {"sequence": sequence, "hash": digest, "at": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"}
    key = settings.AUDIT_ANCHOR_KEY.encode()
    return json.dumps({**found, "mac": mac_of(found, key) if key else ""})


def _sinks() -> list[tuple[str, Callable[[str], None]]]:
    sinks: list[tuple[str, Callable[[str], None]]] = []
    if settings.AUDIT_ANCHOR_FILE:
        sinks.append(("file", lambda line: _append(Path(settings.AUDIT_ANCHOR_FILE), line)))
    if folder := settings.AUDIT_ANCHOR_FOLDER:
        sinks.append(("folder", lambda line: _append(Path(folder) / f"anchors-{now():%Y-%m-%d}.jsonl", line)))
    if (
        settings.AUDIT_ANCHOR_MAIL
        and not Anchor.objects.filter(places__contains="mail", at__gt=now() - MAIL_AFTER).exists()
    ):
        sinks.append(("mail", _mail))
    return sinks


def _put(name: str, put: Callable[[str], None], line: str) -> bool:
    """Whether it stands there. A place that fails keeps no other from being written."""
    try:
        put(line)
    except Exception:
        log.exception("the anchor of the trail was not written to the %s", name)
        return False
    return True


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(file, f"{line}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def _mail(line: str) -> None:
    EmailMessage("Anchor of the trail", line, to=[settings.AUDIT_ANCHOR_MAIL]).send()


# Health --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Health:
    """How old the oldest row is that waits for its seal, and how far chain and anchors are."""

    unsealed: timedelta
    sealed: int
    anchored: int
    anchored_at: datetime | None

    @property
    def late(self) -> bool:
        return self.unsealed > LATE

    @property
    def unsealed_seconds(self) -> int:
        return int(self.unsealed.total_seconds())


def health() -> Health:
    """For oversight and the product: a commercial session would learn from it that somebody wrote."""
    oldest = Unsealed.objects.order_by("id").values_list("at", flat=True).first()
    head, last = Seal.objects.order_by("-sequence").first(), Anchor.objects.first()
    waits = max(now() - oldest, timedelta()) if oldest is not None else timedelta()
    return Health(
        waits, head.sequence if head else 0, last.sequence if last else 0, last.at if last else None
    )


# Export and check ----------------------------------------------------------------------------------


def head() -> int:
    return Seal.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def seals(since: int, until: int) -> Iterator[dict[str, Any]]:
    """The seals of these numbers, as the export and the verifier know them."""
    for first in range(since, until + 1, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM crm_sealed(%s, %s)", [first, min(first + CHUNK - 1, until)])
            for row in cursor.fetchall():
                yield dict(zip(COLUMNS, row, strict=True))


def strays(kind: str, since: int, until: int) -> int:
    """How many rows of these keys are neither sealed nor wait for it: somebody put them there past the product."""
    table = {"E": "compliance_auditentry", "R": "compliance_rowchange"}[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table} x WHERE x.sequence BETWEEN %s AND %s "  # noqa: S608 a name of ours
            "AND NOT EXISTS (SELECT 1 FROM compliance_seal s WHERE s.kind = %s AND s.key = x.sequence) "
            "AND NOT EXISTS (SELECT 1 FROM compliance_unsealed u WHERE u.kind = %s AND u.key = x.sequence)",
            [since, until, kind, kind],
        )
        return int(cursor.fetchone()[0])


def last_keys() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT max(sequence) FROM compliance_auditentry), (SELECT max(sequence) FROM compliance_rowchange)"
        )
        events, changes = cursor.fetchone()
    return {"E": events or 0, "R": changes or 0}


def check(trail: Trail, *, told: Callable[[int, int], None] = lambda done, total: None) -> Trail:
    """Read the whole chain in the database through the verifier, and look for rows it does not hold."""
    total = head()
    for one in seals(1, total):
        trail.seal(one)
        if trail.count % CHUNK == 0:
            told(trail.count, total)
    for kind, last in last_keys().items():
        if found := strays(kind, 1, last):
            trail.problems.append((trail.count, f"{found} rows of kind {kind} were never sealed"))
    trail.close()
    return trail
