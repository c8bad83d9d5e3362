"""The properties of rulebook 3.8 that need the records: P-11 and P-15. The others are named in the docstrings.

P-01 and P-07 are the state machine of handovers, P-08 the two worlds, P-09 and P-10 the tests of reversal and of what
was recorded late.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import actions as accounts
from accounts.acting import acting_as, now, system
from accounts.models import User
from compliance.policy import Refused, Role, Side
from safety.actions import report_side_effect
from safety.models import SafetyReport
from tests.property.size import examples

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
ASK = settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
PEOPLE = ("mara", "lena", "felix", "otto", "frieda", "petra", "clara", "rita", "sofia", "anton")


class _Undo(Exception):
    pass


@ASK
@given(
    who=st.sampled_from(PEOPLE),
    active=st.booleans(),
    about=st.sampled_from(("nobody", "keller")),
    ours=st.booleans(),
    state=st.sampled_from((None, "AUTHORISED", "SUSPENDED")),
    words=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60),
    learned=st.none() | st.integers(-400, 400),
    market=st.booleans(),
    reference=st.none() | st.uuids(),
)
def test_p11_a_side_effect_is_taken_from_anybody_whatever_else_is_wrong(
    request, company, relation, novastat_hf, enter, who, active, about, ours, state, words, learned, market, reference
):  # fmt: skip
    """Every person, with a role or none, of every state of the product, however late, with whatever words."""
    person = getattr(company, who)
    try:
        with transaction.atomic():
            if state is not None:
                enter(novastat_hf, "AUTHORISED", at=datetime.now(UTC) - timedelta(days=9))
            if state == "SUSPENDED":
                enter(novastat_hf, "SUSPENDED", at=datetime.now(UTC) - timedelta(days=1))
            if not active:
                with acting_as(system("end a role"), at=None):
                    person.role = ""
            with acting_as(person):
                report = report_side_effect(
                    by=person,
                    what_happened=words,
                    product=novastat_hf.indication.product if ours else None,
                    kol=relation.kol if about == "keller" else None,
                    market=company.germany if market else None,
                    learned_at=None if learned is None else now() + timedelta(hours=learned),
                    client_ref=reference,
                )
                assert SafetyReport.objects.filter(pk=report.pk).exists()
                assert report.due_at - report.learned_at == timedelta(hours=24)
                assert report.learned_at <= report.recorded_at
            raise _Undo
    except _Undo:
        pass


# What an administrator may do, each with what it needs; whatever is refused is refused.
DEEDS = {
    "invite": lambda c, by, n: accounts.invite(f"new{uuid4()}@example.org", given_name="N", family_name="N", by=by),
    "appoint": lambda c, by, n: accounts.appoint(
        getattr(c, PEOPLE[n % len(PEOPLE)]), [*Role][n % len(Role)], [c.germany], from_=now(), by=by
    ),
    "close": lambda c, by, n: accounts.close_account(getattr(c, PEOPLE[n % len(PEOPLE)]), by=by),
    "custodian": lambda c, by, n: accounts.appoint_custodian(getattr(c, PEOPLE[n % len(PEOPLE)]), c.germany, by=by),
    "territory": lambda c, by, n: accounts.add_territory(f"T{uuid4()}", side=[*Side][n % 2], market=c.germany, by=by),
    "region": lambda c, by, n: accounts.assign_region(c.north, f"DE-{n % 90 + 10}", by=by),
    "market": lambda c, by, n: accounts.edit_market(c.germany, by=by, active=bool(n % 2)),
}  # fmt: skip
KEPT = (
    *("kols_ownership", "kols_relation", "products_lifecycleentry", "interactions_interaction"),
    *("interactions_topic", "handovers_handover", "safety_safetyreport"),
)


def kept() -> dict[str, list[tuple[str, ...]]]:
    """Every regulated row as text, and the trail as far as it was written."""
    with acting_as(system("look")), connection.cursor() as cursor:
        found = {}
        for table in KEPT:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = cursor.fetchall()
        cursor.execute("SELECT t::text FROM compliance_auditentry t ORDER BY sequence")
        found["compliance_auditentry"] = cursor.fetchall()
    return found


@ASK
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 99)), min_size=1, max_size=6))
def test_p15_nothing_an_administrator_does_changes_a_record(company, relation, handed_over, steps):
    """Ownerships, lifecycle, interactions, handovers, reports stay; the trail only grows."""
    anton: User = company.anton
    before = kept()
    trail = before.pop("compliance_auditentry")
    try:
        with transaction.atomic():
            for name, number in steps:
                try:
                    with acting_as(anton), transaction.atomic():
                        DEEDS[name](company, anton, number)
                except (Refused, IntegrityError):
                    pass
            after = kept()
            assert after.pop("compliance_auditentry")[: len(trail)] == trail
            assert after == before
            raise _Undo
    except _Undo:
        pass
