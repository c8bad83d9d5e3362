"""The stage of the expert pages: what Medical knows of Professor Keller, and Felix who took her over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from compliance.models import PackActivation
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import Handover
from interactions.models import Attendee, Interaction, LastContact, Topic
from kols.actions import set_science
from kols.models import Committee, Seat
from tests.integration.kol_words import HEARD, SECRET


@pytest.fixture
def science(keller, mara):
    with acting_as(mara):
        panel = Committee.objects.create(name="Wallaby panel", kind="Guideline")
        Seat.objects.create(committee=panel, kol=keller, role="Chair", during=DateTimeTZRange(now(), None))
        return set_science(
            keller, tier=1, rationale=SECRET, interests=["Numbat phenotypes"], goals="Bilby teaching", by=mara
        )


@pytest.fixture
def visit(relation, keller, mara, germany, novastat_hf):
    """Mara's visit three days ago, as it was logged."""
    with acting_as(mara):
        at = now() - timedelta(days=3)
        one = Interaction.objects.create(
            author=mara, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
            channel="IN_PERSON", status="DRAFT", market=germany, starts_at=at,
            ends_at=at + timedelta(minutes=30), zone="Europe/Berlin", note=HEARD, side_effect=False,
            recorded_at=at, updated_at=at,
        )  # fmt: skip
        Attendee.objects.create(interaction=one, kol=keller, main=True)
        Topic.objects.create(
            interaction=one, subject="USE", use=novastat_hf, basis="UNSOLICITED_REQUEST", zone="PRE"
        )
        LastContact.objects.create(kol=keller, at=at, interaction=one)
    return one


@pytest.fixture
def handed_over(relation, novastat_hf, authorise, mara, frieda, felix, lena):
    """Novastat is authorised, and Felix has taken Professor Keller over."""
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        due = Handover.objects.get(relation=relation)
    with acting_as(mara):
        due = prepare_handover(due, by=mara, signature=Signature(mara, "password"), previewed=True)
    with acting_as(frieda):
        due = assign_handover(due, recipient=felix, by=frieda)
    with acting_as(felix):
        due = accept_handover(due, by=felix)
    with acting_as(lena):
        approve_handover(due, by=lena, signature=Signature(lena, "password"), effective_at=now())
    make_effective()
    return relation


@pytest.fixture
def rules(company):
    """Bring a version of Germany's rules into force, long ago unless told when."""

    def rules(version, since=None):
        at = since or datetime.now(UTC) - timedelta(days=300)
        with acting_as(system("set the stage")):
            return PackActivation.objects.create(
                market=company.germany, version=version, status="CONFIRMED", proposed_by=company.clara,
                proposed_at=at, settled_by=company.rita, settled_at=at, effective_at=at,
            )  # fmt: skip

    return rules


@pytest.fixture
def owned_by_field(relation, authorise, novastat_hf, mara, frieda, felix, lena):
    """Novastat is authorised since forty days, and Felix answers for Keller since thirty."""
    at = datetime.now(UTC) - timedelta(days=40)
    authorise(novastat_hf, at=at, recorded_at=at)
    with acting_as(system("open what is due"), at=at):
        open_due_handovers()
        due = Handover.objects.get(relation=relation)
    with acting_as(mara, at=at):
        due = prepare_handover(due, by=mara, signature=Signature(mara, "password"), previewed=True)
    with acting_as(frieda, at=at):
        due = assign_handover(due, recipient=felix, by=frieda)
    with acting_as(felix, at=at):
        due = accept_handover(due, by=felix)
    later = at + timedelta(days=10)
    with acting_as(lena, at=later):
        approve_handover(due, by=lena, signature=Signature(lena, "password"), effective_at=later)
    with acting_as(system("the day has come"), at=later):
        make_effective()
    return relation
