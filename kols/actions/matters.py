"""Open medical matters of a relation, without their content: written below, read by handovers (decision 26)."""

from __future__ import annotations

from uuid import UUID

from accounts.acting import now
from accounts.models import User
from kols.models import OpenMatter, Relation


def open_matter(relation: Relation, kind: OpenMatter.Kind, *, person: User, source: UUID) -> None:
    """Note that something about a relation is open. Noted again, nothing happens."""
    OpenMatter.objects.get_or_create(
        relation=relation, kind=kind, source=source, defaults={"person": person, "opened_at": now()}
    )


def close_matter(kind: OpenMatter.Kind, *, source: UUID) -> None:
    """Note that what this record stood for is settled."""
    OpenMatter.objects.filter(kind=kind, source=source, closed_at=None).update(closed_at=now())
