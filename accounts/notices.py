"""Telling people, once per key, in the transaction of the cause (architecture.md, section 8)."""

from __future__ import annotations

from accounts.acting import now
from accounts.models import Notice, User


def tell(person: User, kind: str, key: str, *, url: str = "", urgent: bool = False, **facts: object) -> None:
    """Leave a notice for a person. Told again under the same key, nothing happens.

    `kind` names its sentence; `facts` fill it. What is mailed says only that something waits.
    """
    tell_all([(person, kind, key, url, facts)], urgent=urgent)


def tell_all(notices: list[tuple[User, str, str, str, dict[str, object]]], *, urgent: bool = False) -> None:
    """Many notices in one statement: (person, kind, key, url, facts)."""
    Notice.objects.bulk_create(
        [
            Notice(
                person=person,
                kind=kind,
                key=key[:200],
                url=url,
                facts=_plain(facts),
                urgent=urgent,
                created_at=now(),
            )
            for person, kind, key, url, facts in notices
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def _plain(facts: dict[str, object]) -> dict[str, object]:
    return {
        name: value if isinstance(value, int | bool | None) else str(value) for name, value in facts.items()
    }
