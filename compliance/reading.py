"""That oversight looked at something is itself part of the record (R-107)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.models import AuditEntry
from compliance.policy import Side

# Turning a page back and forth is one reading.
ONE_READING = timedelta(minutes=15)


def note(user: User, subject: models.Model, words: str = "") -> None:
    """Record that oversight read this record: once per person, record and quarter of an hour.

    Call it from every page that shows oversight what Medical or Safety has written. For everybody else it
    does nothing: reading one's own work is no event.
    """
    if user.side is not Side.OVERSIGHT:
        return
    lately = AuditEntry.objects.filter(
        actor=str(user.pk), verb="read", subject_id=subject.pk, at__gt=now() - ONE_READING
    )
    if not lately.exists():
        audit.record("read", subject, by=user, words=words)


def told(subjects: Iterable[UUID]) -> list[tuple[datetime, str]]:
    """What the trail tells about some records, in its order: each instant with its sentence."""
    entries = AuditEntry.objects.filter(subject_id__in=list(subjects)).order_by("sequence")
    return [(entry.at, str(entry)) for entry in entries]
