"""What it costs to decide an act: statements, processor time of the web process, and the wait in all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from statistics import median

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acting import acting_as, now, system
from accounts.models import User
from compliance import policy
from compliance.policy import Basis, Channel, Document, Intent, Kind, Role, Side, Subject
from interactions.facts import Event, Present, Spoken, gather
from kols.models import Ownership
from msl_crm.benchmark.databases import working_on
from msl_crm.benchmark.spent import spending

MOST_STATEMENTS = 3
MOST_CPU = 5.0
ACTS = 200
ACCOUNTS = 20
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO", "SELECT set_config(")

Act = Callable[[], object]


@dataclass(frozen=True)
class Deciding:
    """One kind of act. Times in ms, the middle ones."""

    name: str
    statements: int
    cpu: float
    wait: float
    database: float | None = None

    def line(self) -> str:
        many, slow = self.statements > MOST_STATEMENTS, self.cpu > MOST_CPU
        there = f", {self.database:.1f} ms in the database" if self.database is not None else ""
        return (
            f"Deciding {self.name}: {'!' if many else ''}{self.statements} statements (≤{MOST_STATEMENTS}), "
            f"{'!' if slow else ''}{self.cpu:.1f} ms of CPU (≤{MOST_CPU:g}){there}; {self.wait:.1f} ms in all"
        )


def deciding(database: str, acts: int = ACTS) -> list[Deciding]:
    """An answered request of Medical, a planned exchange of its, and a call of field service. As the web role."""
    found = []
    with working_on(database, "crm_web"):
        for name, side, kind, basis in (
            ("a visit on request", Side.MEDICAL, Kind.VISIT, Basis.UNSOLICITED_REQUEST),
            ("a visit of one's own accord", Side.MEDICAL, Kind.VISIT, Basis.PROACTIVE),
            ("a call of field service", Side.COMMERCIAL, Kind.PRODUCT_CALL, None),
        ):
            owned = _owned(side)
            if owned:
                with acting_as(owned[0].owner):
                    found.append(measured(name, islice(cycle(list(_acts(owned, kind, basis))), acts)))
    return found


def _owned(side: Side) -> list[Ownership]:
    """Accounts of the person who has most of them on this side."""
    with acting_as(system("look for what to measure")):
        current = Ownership.objects.current(now()).filter(side=side)
        first = current.filter(owner__in=_people(side)).order_by("owner", "pk").first()
        if first is None:
            return []
        related = ("owner", "relation__kol", "relation__use__market", "relation__use__indication__product")
        return list(current.filter(owner=first.owner_id).select_related(*related).order_by("pk")[:ACCOUNTS])


def _people(side: Side) -> list[User]:
    role = Role.MSL if side is Side.MEDICAL else Role.FIELD_SERVICE
    return list(User.objects.filter(role=role, is_active=True))


def _acts(owned: list[Ownership], kind: Kind, basis: Basis | None) -> Iterator[Act]:
    start = now() - timedelta(hours=1)
    request: dict[Document, dict[str, object]] = {
        Document.REQ: {"question": "Below an eGFR of 30?", "asked_at": start}
    }
    for row in owned:
        use = row.relation.use
        event = Event(kind=kind, channel=Channel.IN_PERSON, starts_at=start, ends_at=start + timedelta(minutes=30),
                      market=use.market)  # fmt: skip
        topic = Spoken(subject=Subject.USE, use=use, basis=basis,
                       documents=request if basis is Basis.UNSOLICITED_REQUEST else {})  # fmt: skip
        people = [Present(kol=row.relation.kol, main=True)]

        def act(
            by: User = row.owner, event: Event = event, topic: Spoken = topic, people: list[Present] = people
        ) -> policy.Decision:
            found = gather(
                by=by, role=Role(by.role), intent=Intent.RECORD, event=event, topics=[topic], people=people
            )
            return policy.decide(found.act)

        yield act


def measured(name: str, acts: Iterator[Act]) -> Deciding:
    """The first one warms up and counts its statements, the rest are timed."""
    first = next(acts)
    first()
    with CaptureQueriesContext(connection) as captured:
        first()
    statements = sum(not query["sql"].startswith(FRAME) for query in captured.captured_queries)
    cpu: list[float] = []
    wait: list[float] = []
    with spending() as spent:
        for act in acts:
            began, used = time.perf_counter(), time.process_time()
            act()
            cpu.append(1000 * (time.process_time() - used))
            wait.append(1000 * (time.perf_counter() - began))
    there = 1000 * spent.database / len(wait) if spent.database is not None else None
    return Deciding(name, statements, median(cpu), median(wait), there)
