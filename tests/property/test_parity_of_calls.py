"""Parity, whole: who calls, about what, around every boundary of an ownership, by every way of writing there is.

`test_parity.py` draws the line of the zone. This draws the line of whoever answers for the expert as well (I-09): random
acts and random histories, written past Python by each statement that PostgreSQL has, and judged by the policy.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.acting import acting_as, system
from accounts.models import AbsenceCover
from compliance import policy
from compliance.policy import (
    Act,
    Channel,
    Document,
    Intent,
    Kind,
    MarketZone,
    Outcome,
    Person,
    Role,
    Standing,
    State,
    Zone,
    decide,
)
from handovers.actions import enact_entry
from interactions.models import Attendee, Interaction, Topic
from kols.models import Ownership
from products.actions import propose_entry
from tests.property.size import examples
from tests.property.test_parity import inserted

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

KINDS = {
    "PRODUCT_CALL": Kind.PRODUCT_CALL, "SCIENTIFIC_LECTURE": Kind.SCIENTIFIC_LECTURE,
    "EXTERNAL_TRAINING": Kind.EXTERNAL_TRAINING, "SAMPLE": Kind.SAMPLE, "INQUIRY_REFERRAL": Kind.INQUIRY,
}  # fmt: skip
# The last five ship a row that nobody minds and turn it into the real one.
WRITERS = (
    "save",
    "bulk_create",
    "insert",
    "insert_select",
    "upsert",
    "merge",
    "update",
    "bulk_update",
    "move",
    "revive",
    "swap",
)


class _Undo(Exception):
    pass


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    who=st.sampled_from(("felix", "otto", "cover")),
    activity=st.sampled_from(sorted(KINDS)),
    starts=st.integers(-3, 6),
    lasts=st.integers(0, 3),
    ended=st.none() | st.integers(1, 4),
    covers_from=st.integers(-2, 4),
    writer=st.sampled_from(WRITERS),
    as_owner=st.booleans(),
)
def test_the_database_takes_a_call_exactly_from_whom_the_policy_lets_call(
    company,
    handed_over,
    keller,
    novastat_hf,
    who,
    activity,
    starts,
    lasts,
    ended,
    covers_from,
    writer,
    as_owner,
):
    """Seconds from the instant at which Felix took over; `ended` suspends the use so many seconds after it."""
    try:
        with transaction.atomic():
            with acting_as(system("look")):
                own = Ownership.objects.get(relation=handed_over, side="COMMERCIAL")
                took_over = own.during.lower
                if who == "cover":
                    covers = DateTimeTZRange(took_over + timedelta(seconds=covers_from), None)
                    AbsenceCover.objects.create(absent=company.felix, cover=company.otto, during=covers)
            if ended is not None:
                suspended(company, novastat_hf, took_over + timedelta(seconds=ended))
            begin = took_over + timedelta(seconds=starts)
            end = begin + timedelta(seconds=lasts)
            answers = starts >= 0 and (ended is None or starts + lasts < ended)
            answers = answers and (who == "felix" or (who == "cover" and starts >= covers_from))
            is_open = ended is None or starts + lasts < ended
            allowed = lets(activity, begin, end, is_open=is_open, answers=answers)
            author = company.felix if who == "felix" else company.otto
            with acting_as(author):
                if as_owner:
                    connection.cursor().execute("RESET ROLE")
                written = store(author, novastat_hf, keller, activity, begin, end, writer)
            raise _Undo
    except _Undo:
        assert written == allowed


def suspended(company: Any, use: Any, at: datetime) -> None:
    with acting_as(company.rita):
        entry = propose_entry(use, State.SUSPENDED, effective_at=at, evidence="Decision", by=company.rita)
    with acting_as(company.ralf):
        enact_entry(entry, by=company.ralf)


def lets(activity: str, begin: datetime, end: datetime, *, is_open: bool, answers: bool) -> bool:
    """The policy's matrix with every document at hand, so that zone and standing alone decide."""
    zone = Zone.OPEN if is_open else Zone.CLOSED
    topic = policy.Topic(
        zones=(MarketZone("DE", zone),), standing=Standing.OWNER if answers else Standing.NON_OWNER,
        documents=frozenset(Document) - {Document.PRECLEAR}, basis=policy.Basis.UNSOLICITED_REQUEST,
    )  # fmt: skip
    act = Act(
        role=Role.FIELD_SERVICE, intent=Intent.RECORD, kind=KINDS[activity], channel=Channel.PHONE, starts_at=begin,
        ends_at=end, recorded_at=end, market="DE", packs=frozenset({"DE"}), people=(Person(markets=("DE",)),),
        topics=(topic,),
    )  # fmt: skip
    [part] = decide(act).per_topic
    return part.outcome is not Outcome.NOT_ALLOWED


def store(
    author: Any, use: Any, kol: Any, activity: str, begin: datetime, end: datetime, writer: str
) -> bool:
    record = Interaction(
        author=author, author_role="FIELD_SERVICE", author_side="COMMERCIAL", compartment="FIELD", client_ref=uuid4(),
        kind="PRODUCT_CALL", channel="PHONE", status="DRAFT", market=use.market, starts_at=begin, ends_at=end,
        zone="Europe/Berlin", side_effect=False, recorded_at=end, updated_at=end,
    )  # fmt: skip
    topic = Topic(
        interaction=record, author=author, compartment="FIELD", subject="USE", use=use, activity=activity
    )
    attendee = Attendee(interaction=record, author=author, compartment="FIELD", kol=kol, main=True, at=begin)
    try:
        with transaction.atomic():
            WAYS.get(writer, plainly)(record, topic, attendee, writer)
            settle()
    except DatabaseError as error:
        # Only the two sentences of the boundary may stand in the way.
        if "R-021" not in str(error):
            raise
        return False
    return True


def settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def plainly(record: Interaction, topic: Topic, attendee: Attendee, writer: str) -> None:
    write = {
        "save": lambda row: row.save(force_insert=True),
        "bulk_create": lambda row: type(row).objects.bulk_create([row]),
        "insert": inserted,
        "insert_select": lambda row: by_statement(row, "INSERT INTO {t} ({c}) SELECT {v}"),
        "upsert": lambda row: by_statement(
            row, "INSERT INTO {t} ({c}) VALUES ({v}) ON CONFLICT (id) DO UPDATE SET id = excluded.id"
        ),
        "merge": lambda row: by_statement(
            row, "MERGE INTO {t} USING (SELECT 1) s ON {t}.id IS NULL WHEN NOT MATCHED THEN INSERT ({c}) VALUES ({v})"
        ),
    }[writer]  # fmt: skip
    for row in (record, topic, attendee):
        write(row)


def by_statement(row: Any, sql: str) -> None:
    fields = row._meta.concrete_fields
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    kinds = [f"%s::{field.db_type(connection)}" for field in fields]
    text = sql.format(t=row._meta.db_table, c=", ".join(f.column for f in fields), v=", ".join(kinds))
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def harmless(topic: Topic) -> Topic:
    return Topic(
        pk=topic.pk, interaction=topic.interaction, author=topic.author, compartment="FIELD", subject="ADMIN",
        activity="ADMIN_CONTACT",
    )  # fmt: skip


def update(record: Interaction, topic: Topic, attendee: Attendee, writer: str) -> None:
    for row in (record, harmless(topic), attendee):
        row.save(force_insert=True)
    settle()
    if writer == "bulk_update":
        assert Topic.objects.bulk_update([topic], ["subject", "use", "activity"]) == 1
    else:
        about = {"subject": "USE", "use": topic.use, "activity": topic.activity}
        assert Topic.objects.filter(pk=topic.pk).update(**about) == 1


def revive(record: Interaction, topic: Topic, attendee: Attendee, writer: str) -> None:
    """It was cancelled; now it took place."""
    record.status = "CANCELLED"
    for row in (record, topic, attendee):
        row.save(force_insert=True)
    settle()
    assert Interaction.objects.filter(pk=record.pk).update(status="DRAFT") == 1


def move(record: Interaction, topic: Topic, attendee: Attendee, writer: str) -> None:
    """It was about nothing; topic and expert come along, then the day is another."""
    begin, end = record.starts_at, record.ends_at
    for row in (record, topic):
        row.save(force_insert=True)
    attendee.save(force_insert=True)
    assert (
        Interaction.objects.filter(pk=record.pk).update(
            starts_at=begin - timedelta(days=900), ends_at=begin - timedelta(days=900)
        )
        == 1
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE interactions_interaction SET starts_at = %s, ends_at = %s WHERE id = %s",
            [begin, end, record.pk],
        )


def swap(record: Interaction, topic: Topic, attendee: Attendee, writer: str) -> None:
    """A colleague without a record was there; then it was the professor."""
    kol, attendee.kol, attendee.name = attendee.kol, None, "Somebody"
    for row in (record, topic, attendee):
        row.save(force_insert=True)
    assert Attendee.objects.filter(pk=attendee.pk).update(kol=kol, name="") == 1


WAYS = {"update": update, "bulk_update": update, "revive": revive, "move": move, "swap": swap}


def test_every_way_of_writing_is_taken_and_refused_at_least_once(company, handed_over, keller, novastat_hf):
    """Whatever the dice say: each way stores what is allowed and not what is not."""
    with acting_as(system("look")):
        begin = Ownership.objects.get(relation=handed_over, side="COMMERCIAL").during.lower
    found = {}
    for writer in WRITERS:
        for name in ("felix", "otto"):
            author = getattr(company, name)
            try:
                with transaction.atomic(), acting_as(author):
                    found[writer, name] = store(
                        author, novastat_hf, keller, "PRODUCT_CALL", begin, begin, writer
                    )
                    raise _Undo
            except _Undo:
                pass
    assert found == {(writer, name): name == "felix" for writer in WRITERS for name in ("felix", "otto")}
