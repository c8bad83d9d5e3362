"""Policy and database draw the same line: field service speaks of a use exactly while it is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.errors import FeatureNotSupported

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
from tests.property.size import examples

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 1, tzinfo=UTC)
# Close to one another, so that events touch the instants of change and run across them.
instants = st.integers(min_value=0, max_value=12).map(lambda n: DAY + timedelta(seconds=n))


class _Undo(Exception):
    pass


# Every way to write a row past the actions. The last one ships a harmless row and changes it afterwards.
WRITERS = ("save", "bulk_create", "insert", "update")


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    authorised=instants,
    embargo=st.none() | st.integers(min_value=0, max_value=5),
    suspended=st.none() | st.integers(min_value=1, max_value=8),
    starts=instants,
    lasts=st.integers(min_value=0, max_value=6),
    writer=st.sampled_from(WRITERS),
    as_owner=st.booleans(),
)
def test_the_database_accepts_a_call_exactly_when_the_policy_allows_it(
    company, keller, novastat_hf, authorised, embargo, suspended, starts, lasts, writer, as_owner
):
    """Whoever writes, in whatever way: the web role, or the owner of the tables with statements of its own."""
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
                if as_owner:
                    connection.cursor().execute("RESET ROLE")
                stored = store(event, novastat_hf, felix, writer)
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
    zones = tuple(Lifecycle.of([spoken], [event.market.pk], event).zones(spoken, [event.market]))
    act = Act(
        role=Role.FIELD_SERVICE, intent=Intent.RECORD, kind=event.kind, channel=event.channel,
        starts_at=event.starts_at, ends_at=event.ends_at, recorded_at=event.ends_at, market="DE",
        packs=frozenset({"DE"}), people=(Person(markets=("DE",)),),
        topics=(policy.Topic(zones=zones, standing=Standing.OWNER, documents=frozenset({Document.SMPC, Document.MAT})),),
    )  # fmt: skip
    return decide(replace(act, late_reason=True)).allowed


def store(event, use, felix, writer):
    write = {"save": saved, "bulk_create": created_in_bulk, "insert": inserted, "update": saved}[writer]
    try:
        with transaction.atomic():
            record = write(Interaction(
                author=felix, author_role="FIELD_SERVICE", author_side="COMMERCIAL", compartment=Compartment.FIELD,
                client_ref=uuid4(), kind=event.kind, channel=event.channel, status="DRAFT", market=event.market,
                starts_at=event.starts_at, ends_at=event.ends_at, zone="Europe/Berlin", side_effect=False,
                recorded_at=event.ends_at, updated_at=event.ends_at,
            ))  # fmt: skip
            about = {"subject": "USE", "use": use, "activity": "PRODUCT_CALL"}
            harmless = {"subject": "ADMIN", "activity": "ADMIN_CONTACT"}
            topic = write(
                Topic(
                    interaction=record,
                    author=felix,
                    compartment="FIELD",
                    **(harmless if writer == "update" else about),
                )
            )
            if writer == "update":
                assert Topic.objects.filter(pk=topic.pk).update(**about) == 1
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError:
        return False
    return True


def saved(row):
    row.save(force_insert=True)
    return row


def created_in_bulk(row):
    return type(row).objects.bulk_create([row])[0]


def inserted(row):
    """A statement of one's own, past the models."""
    fields = row._meta.concrete_fields
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({', '.join(f.column for f in fields)}) "
            f"VALUES ({', '.join(['%s'] * len(fields))})",
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields],
        )
    return row


@pytest.mark.parametrize("table", ["interactions_interaction", "interactions_topic"])
@pytest.mark.parametrize("as_owner", [False, True])
def test_nobody_copies_rows_in_past_row_security(company, table, as_owner):
    """COPY does not know row security, so that the database refuses it to everybody who is under it."""
    with acting_as(company.felix), transaction.atomic(), connection.cursor() as cursor:
        if as_owner:
            cursor.execute("RESET ROLE")
        with pytest.raises(FeatureNotSupported, match="row-level security"), transaction.atomic():
            cursor.cursor.copy_expert(f"COPY {table} FROM STDIN", StringIO(""))
