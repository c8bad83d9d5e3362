"""Who is told of a handover's step, and who no longer sees it. Notices carry directory and use, nothing medical."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.acting import now
from accounts.models import User
from accounts.notices import tell_all
from handovers.models import Handover
from kols.models import Showing


def tell_of(handover: Handover, people: Iterable[User], kind: str, *, url: str, **facts: Any) -> None:
    """Tell people of the handover as it now stands. Told again of the same version, nothing happens."""
    tell_all(
        [
            (person, kind, _key(handover, kind, handover.version), url, _words(handover, **facts))
            for person in people
        ]
    )


def withdraw(handovers: Iterable[Handover]) -> None:
    """Before a step away from field service: nothing is shown to it any more.

    Whoever was named learns "withdrawn" and no more.
    """
    going = list(handovers)
    kind = "handover_withdrawn"
    tell_all(
        [
            (
                handover.recipient,
                kind,
                _key(handover, kind, handover.version + 1),
                "/handovers/inbox/",
                _words(handover),
            )
            for handover in going
            if handover.recipient is not None
        ]
    )
    relations = [handover.relation_id for handover in going]
    Showing.objects.filter(relation__in=relations, ended_at=None).update(ended_at=now())


def _key(handover: Handover, kind: str, version: int) -> str:
    return f"{kind.replace('_', ' ')} {handover.pk} v{version}"


def _words(handover: Handover, **facts: Any) -> dict[str, Any]:
    return {"kol": handover.relation.kol.name, "use": str(handover.relation.use), **facts}
