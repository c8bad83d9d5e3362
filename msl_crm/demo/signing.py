"""What is signed in the demo: every week its visits, the last few still open; and what came after a signature."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.acting import acting_as
from accounts.models import User
from compliance.policy import Channel, Kind
from compliance.signing import Proof
from interactions import actions
from interactions.actions.hindsight import present_of, spoken_of
from interactions.facts import Event
from interactions.models import Interaction
from interactions.open_drafts import drafts_of, hindrances
from interactions.stated import statement_of

LEFT_OPEN = 3


def sign_the_year(authors: dict[str, User], now: datetime) -> None:
    """Each author signs on Fridays what she logged since, and has not come to the last few visits yet."""
    for author in authors.values():
        with acting_as(author, at=now - timedelta(minutes=2)):
            rows = list(drafts_of(author).order_by("recorded_at", "pk"))
            left_out = hindrances(rows, author)
            ready = [
                (row.pk, row.recorded_at, statement_of(row).sha256) for row in rows if row.pk not in left_out
            ]
        weeks: dict[datetime, dict[UUID, str]] = defaultdict(dict)
        for pk, at, digest in ready[:-LEFT_OPEN]:
            weeks[_friday_after(at)][pk] = digest
        for friday, seen in sorted(weeks.items()):
            with acting_as(author, at=min(friday, now - timedelta(minutes=2))):
                actions.sign_drafts(seen, by=author, proof=Proof(author))


def _friday_after(at: datetime) -> datetime:
    day = at + timedelta(days=(4 - at.weekday()) % 7)
    return max(day.replace(hour=16, minute=30), at + timedelta(minutes=5))


def afterwards(users: dict[str, User], now: datetime) -> None:
    """A note that was completed, a day that was wrong and waits for approval, and a visit that was entered twice."""
    lena, murat, sofia, tom = users["lena"], users["murat"], users["sofia"], users["tom"]
    _amended(lena, now - timedelta(hours=30), code="LEFT_OUT", reason="She also asked for the poster.",
             note="Asks for the poster of the registry as well.")  # fmt: skip
    _amended(murat, now - timedelta(hours=5), code="WRONG_DATE", reason="It was an hour earlier, by my calendar.",
             earlier=timedelta(hours=1))  # fmt: skip
    with acting_as(sofia, at=now - timedelta(hours=7)):
        twice = _signed(sofia)[1]
        voiding = actions.ask_to_void(
            twice, by=sofia, code="DUPLICATE", reason="The same visit stands there twice.", proof=Proof(sofia)
        )
    with acting_as(tom, at=now - timedelta(hours=6)):
        actions.answer_voiding(voiding.pk, agree=True, by=tom, proof=Proof(tom))


def _signed(author: User) -> list[Interaction]:
    rows = Interaction.objects.visible_to(author).filter(
        author=author, status=Interaction.Status.SIGNED, kind="VISIT"
    )
    return list(rows.select_related("market", "author").order_by("-starts_at", "pk")[:5])


def _amended(
    author: User, at: datetime, *, code: str, reason: str, earlier: timedelta = timedelta(0), note: str = ""
) -> None:
    with acting_as(author, at=at):
        row = _signed(author)[2]
        event = Event(
            kind=Kind(row.kind), channel=Channel(row.channel), starts_at=row.starts_at - earlier, ends_at=row.ends_at - earlier,
            market=row.market, late_reason=row.late_reason,
        )  # fmt: skip
        topics = [
            replace(spoken, themes=tuple(topic.themes.all()), heard=topic.heard, shared=topic.shared)
            for spoken, topic in zip(spoken_of(row), row.topics.order_by("position", "pk"), strict=True)
        ]
        actions.amend_signed(
            row, by=author, event=event, topics=topics, people=present_of(row), code=code, reason=reason,
            proof=Proof(author), note=note or row.note,
        )  # fmt: skip
