"""Policy and database draw the same line: field service speaks of a use exactly while it is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.acting import acting_as, system
from compliance import policy
from compliance.policy import (
    Act,
    Channel,
    Document,
    Intent,
    Kind,
    Person,
    Role,
    Standing,
    State,
    Subject,
    decide,
)
from interactions.facts import Event, Spoken
from interactions.lifecycle import Lifecycle
from interactions.models import Compartment, Interaction, Topic
from products.models import LifecycleEntry

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 1, tzinfo=UTC)
# Close to one another, so that events touch the instants of change and run across them.
instants = st.integers(min_value=0, max_value=12).map(lambda n: DAY + timedelta(seconds=n))


class _Undo(Exception):
    pass


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    authorised=instants,
    embargo=st.none() | st.integers(min_value=0, max_value=5),
    suspended=st.none() | st.integers(min_value=1, max_value=8),
    starts=instants,
    lasts=st.integers(min_value=0, max_value=6),
)
def test_the_database_accepts_a_call_exactly_when_the_policy_allows_it(
    company, keller, novastat_hf, authorised, embargo, suspended, starts, lasts
):
    felix, germany = company.felix, company.germany
    event = Event(kind=Kind.PRODUCT_CALL, channel=Channel.PHONE, starts_at=starts,
                  ends_at=starts + timedelta(seconds=lasts), market=germany)  # fmt: skip
    try:
        with transaction.atomic():
            with acting_as(system("set the stage")):
                enter(company, novastat_hf, State.AUTHORISED, authorised, embargo)
                if suspended is not None:
                    enter(
                        company, novastat_hf, State.SUSPENDED, authorised + timedelta(seconds=suspended), None
                    )
            with acting_as(felix):
                allowed = ask(event, novastat_hf)
                stored = store(event, novastat_hf, felix)
            raise _Undo
    except _Undo:
        assert stored == allowed


def enter(company, use, state, at, embargo):
    LifecycleEntry.objects.create(
        use=use, state=state, effective_at=at, evidence="Decision", recorded_at=at, confirmed_at=at,
        promotable_from=at + timedelta(seconds=embargo) if embargo is not None else None,
        proposed_by=company.rita, confirmed_by=company.ralf,
    )  # fmt: skip


def ask(event, use):
    spoken = Spoken(subject=Subject.USE, use=use)
    zones = tuple(Lifecycle([spoken], [event.market.pk], event).zones(spoken, [event.market]))
    act = Act(
        role=Role.FIELD_SERVICE, intent=Intent.RECORD, kind=event.kind, channel=event.channel,
        starts_at=event.starts_at, ends_at=event.ends_at, recorded_at=event.ends_at, market="DE",
        packs=frozenset({"DE"}), people=(Person(markets=("DE",)),),
        topics=(policy.Topic(zones=zones, standing=Standing.OWNER, documents=frozenset({Document.SMPC, Document.MAT})),),
    )  # fmt: skip
    return decide(replace(act, late_reason=True)).allowed


def store(event, use, felix):
    try:
        with transaction.atomic():
            record = Interaction.objects.create(
                author=felix, author_role="FIELD_SERVICE", author_side="COMMERCIAL", compartment=Compartment.FIELD,
                client_ref=uuid4(), kind=event.kind, channel=event.channel, status="DRAFT", market=event.market,
                starts_at=event.starts_at, ends_at=event.ends_at, zone="Europe/Berlin", side_effect=False,
                recorded_at=event.ends_at, updated_at=event.ends_at,
            )  # fmt: skip
            Topic.objects.create(
                interaction=record, author=felix, subject="USE", use=use, activity="PRODUCT_CALL"
            )
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError:
        return False
    return True
