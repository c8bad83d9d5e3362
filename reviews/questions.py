"""What an inspector asks (rulebook 4.3): twenty questions, each with its filter, its answer as a table, and where to go on.

An answer is rows of plain text, the same on the page, on paper and in a file, so that one fingerprint holds for all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

from accounts.models import User
from compliance.policy import State
from products.models import LifecycleEntry, Product

MOST = 500


@dataclass(frozen=True)
class Row:
    """One line of an answer, and the page it leads to."""

    cells: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, and the filter: product N, date D, KOL K, a person, a record."""

    by: User
    product: Product | None = None
    at: datetime | None = None
    kol: str = ""
    person: str = ""
    record: UUID | None = None

    @property
    def before(self) -> datetime:
        """The date D; without one there is no end."""
        return self.at or datetime(9999, 1, 1, tzinfo=UTC)

    @property
    def known(self) -> dict[str, str]:
        """The filter as it is printed with the answer."""
        found = {
            "product": str(self.product or ""), "date": written(self.at), "kol": self.kol, "person": self.person,
            "record": str(self.record or ""),
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, kw_only=True)
class Question:
    """One of the twenty. `fields` are what it can be filtered by; `links` lead to pages with the filter filled in."""

    number: int
    words: Any
    columns: tuple[Any, ...]
    rows: Callable[[Asked], Iterable[Row]]
    fields: tuple[str, ...] = ()
    links: Callable[[Asked], list[tuple[Any, str]]] = field(default=lambda _asked: [])


@dataclass(frozen=True)
class Answer:
    """The rows of a question, cut where they are too many for a page, with the fingerprint of what is shown."""

    question: Question
    asked: Asked
    rows: list[Row]
    more: bool

    @property
    def content(self) -> dict[str, Any]:
        """What the fingerprint is of."""
        return {
            "question": self.question.number,
            "filter": self.asked.known,
            "columns": [str(one) for one in self.question.columns],
            "rows": [list(row.cells) for row in self.rows],
            "complete": not self.more,
        }

    @property
    def sha256(self) -> str:
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()


def answer(question: Question, asked: Asked) -> Answer:
    found = list(islice(question.rows(asked), MOST + 1))
    return Answer(question, asked, found[:MOST], len(found) > MOST)


def defaults(user: User) -> dict[str, Any]:
    """A product that became authorised and the day it did, so that no question opens empty."""
    entries = LifecycleEntry.objects.filter(
        state=State.AUTHORISED, confirmed_at__isnull=False, voided_by=None
    )
    known = entries.filter(use__indication__product__in=Product.objects.visible_to(user))
    last = (
        known.select_related("use__indication__product", "use__market")
        .order_by("-effective_at", "pk")
        .first()
    )
    if last is None or last.effective_at is None:
        return {}
    return {"product": last.use.indication.product, "on": last.use.market.local_day(last.effective_at)}


def written(at: datetime | None) -> str:
    """An instant as it stands in every answer: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") if at else ""


def line(*cells: object, url: str = "") -> Row:
    """A row of anything: instants in UTC, nothing for None."""
    return Row(
        tuple(
            written(one) if isinstance(one, datetime) else "" if one is None else str(one) for one in cells
        ),
        url,
    )


def by_number() -> Mapping[int, Question]:
    """All twenty, in their order."""
    from reviews import answers_boundary, answers_conduct, answers_system, answers_things

    found = [
        *answers_boundary.QUESTIONS,
        *answers_conduct.QUESTIONS,
        *answers_things.QUESTIONS,
        *answers_system.QUESTIONS,
    ]
    return {one.number: one for one in sorted(found, key=lambda one: one.number)}
