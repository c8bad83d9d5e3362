"""What authorisation and suspension cost when thousands of experts are concerned: opening, and taking back.

A use of its own with so many relations is authorised, its handovers are opened and timed, brought to field
service in a few statements, and taken back by a suspension, which is timed as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from accounts.acting import acting_as, now, system
from accounts.models import Market, User
from compliance.policy import State
from handovers.actions import enact_entry, open_due_handovers
from msl_crm.benchmark.databases import working_on
from msl_crm.benchmark.spent import Spent, spending
from msl_crm.demo.people import DOMAIN
from products.actions import add_indication, add_use, propose_entry, register_product
from products.models import LifecycleEntry, TherapeuticArea, Use

RELATIONS = 3000
LEAST_OPENED = 1000
LONGEST_REVERSAL = 2.0

_RELATE = """
WITH chosen AS (
  SELECT gen_random_uuid() AS id, k.id AS kol FROM kols_kol k
   WHERE k.source = 'Bulk load' ORDER BY k.id LIMIT %(relations)s
), related AS (
  INSERT INTO kols_relation (id, kol_id, use_id, during, shown_to_field)
  SELECT id, kol, %(use)s, tstzrange(%(since)s, NULL), false FROM chosen RETURNING id
)
INSERT INTO kols_ownership (id, relation_id, side, owner_id, market_id, during, began_with)
SELECT gen_random_uuid(), id, 'MEDICAL', %(msl)s, %(market)s, tstzrange(%(since)s, NULL), NULL FROM related
"""
_STEPS = ("PREPARED", "ASSIGNED", "ACCEPTED", "APPROVED", "EFFECTIVE")
_STEP = """
UPDATE handovers_handover h
   SET state = %(state)s, version = version + 1, state_since = %(at)s, prepared_by_id = preparer_id,
       recipient_id = %(rep)s, approver_id = %(lead)s, effective_at = %(at)s
  FROM kols_relation r WHERE r.id = h.relation_id AND r.use_id = %(use)s
"""
_TAKE_EFFECT = """
INSERT INTO handovers_handoverstep (id, handover_id, transition, from_state, to_state, at, version, reason,
       facts, meaning, signed_name, signed_role, package_hash, manifest_hash)
SELECT gen_random_uuid(), h.id, 'T-06', 'APPROVED', 'EFFECTIVE', %(at)s, h.version, '',
       jsonb_build_object('instant', %(at)s::timestamptz), '', '', '', '', ''
  FROM handovers_handover h JOIN kols_relation r ON r.id = h.relation_id WHERE r.use_id = %(use)s
"""
_END_MEDICAL = """
UPDATE kols_ownership o SET during = tstzrange(lower(o.during), %(at)s)
  FROM kols_relation r WHERE r.id = o.relation_id AND r.use_id = %(use)s
"""
_BEGIN_FIELD = """
INSERT INTO kols_ownership (id, relation_id, side, owner_id, market_id, during, began_with)
SELECT gen_random_uuid(), h.relation_id, 'COMMERCIAL', %(rep)s, h.market_id, tstzrange(%(at)s, NULL), s.id
  FROM handovers_handoverstep s JOIN handovers_handover h ON h.id = s.handover_id
  JOIN kols_relation r ON r.id = h.relation_id WHERE r.use_id = %(use)s AND s.transition = 'T-06'
"""


@dataclass(frozen=True)
class Transfers:
    """How many handovers were opened at what cost, and what taking them all back cost."""

    relations: int
    opening: Spent
    reversal: Spent

    def lines(self) -> list[str]:
        rate = self.relations / self.opening.wait
        slow, late = rate < LEAST_OPENED, self.reversal.wait > LONGEST_REVERSAL
        return [
            f"Handovers of {self.relations:,} KOLs opened: "
            f"{'!' if slow else ''}{rate:,.0f} a second (≥{LEAST_OPENED:,}); {self.opening}",
            f"{self.relations:,} ownerships taken back by a suspension: "
            f"{'!' if late else ''}{self.reversal.wait:.2f} s (≤{LONGEST_REVERSAL:g}); {self.reversal}",
        ]


def transfers(database: str, owner: str, relations: int = RELATIONS) -> Transfers:
    """Open and take back so many handovers. Set up by the owner role, timed as the web role."""
    with working_on(database, owner):
        people = _people()
        use, made = _authorised_use(people, relations)
    with working_on(database, "crm_web"), spending() as opening, acting_as(system("open due handovers")):
        opened = open_due_handovers()
    if opened < made:
        raise RuntimeError(f"{opened} of {made} handovers were opened")
    with working_on(database, owner):
        _hand_over(use, people)
    with working_on(database, "crm_web"):
        with acting_as(people["rita"]):
            entry = _propose(use, State.SUSPENDED, people)
        with spending() as reversal, acting_as(people["ralf"]):
            done = enact_entry(entry, by=people["ralf"])
    if done.enacted.reversed != made:  # type: ignore[attr-defined]
        raise RuntimeError(f"{done.enacted.reversed} of {made} ownerships came back")  # type: ignore[attr-defined]
    return Transfers(made, opening, reversal)


def _people() -> dict[str, User]:
    names = {
        "rita": "rita.sommer",
        "ralf": "ralf.winter",
        "lena": "lena.hoffmann",
        "tom": "tom.krause",
        "jonas": "jonas.weber",
    }
    with acting_as(system("look for the people")):
        found = {user.email: user for user in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    return {key: found[f"{name}@{DOMAIN}"] for key, name in names.items()}


def _authorised_use(people: dict[str, User], relations: int) -> tuple[Use, int]:
    """A new use in Germany with so many relations of one MSL, authorised a week ago, nothing opened yet."""
    today = datetime.now(UTC)
    since = today - timedelta(days=200)
    with acting_as(people["rita"], at=since):
        germany = Market.objects.get(code="DE")
        product = register_product(
            brand=f"Benchmark {uuid4().hex[:8]}",
            inn="benchmarkin",
            code_names=[],
            atc="",
            holder="",
            by=people["rita"],
        )
        area, _ = TherapeuticArea.objects.get_or_create(name="Heart failure")
        indication = add_indication(
            product, name="Heart failure", label="Measured.", area=area, by=people["rita"]
        )
        use = add_use(indication, germany, by=people["rita"])
    for state, days in ((State.SUBMITTED, 190), (State.AUTHORISED, 7)):
        at = today - timedelta(days=days)
        with acting_as(people["rita"], at=at):
            entry = _propose(use, state, people)
        with acting_as(people["ralf"], at=at):
            enact_entry(entry, by=people["ralf"])
    with acting_as(system("relate"), at=since), connection.cursor() as cursor:
        cursor.execute(
            _RELATE,
            {
                "relations": relations,
                "use": use.pk,
                "since": since,
                "msl": people["lena"].pk,
                "market": germany.pk,
            },
        )
        made = cursor.rowcount
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return use, made


def _propose(use: Use, state: State, people: dict[str, User]) -> LifecycleEntry:
    return propose_entry(
        use, state, effective_at=now(), evidence="Decision of the authority", by=people["rita"]
    )


def _hand_over(use: Use, people: dict[str, User]) -> None:
    """All handovers of the use to one rep at this instant, as the constraints demand it of every handover."""
    with (
        acting_as(system("hand over for the benchmark")) as acting,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        facts: dict[str, Any] = {
            "use": use.pk,
            "at": acting.now,
            "rep": people["jonas"].pk,
            "lead": people["tom"].pk,
        }
        for state in _STEPS:
            cursor.execute(_STEP, {**facts, "state": state})
        for statement in (_TAKE_EFFECT, _END_MEDICAL, _BEGIN_FIELD):
            cursor.execute(statement, facts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
