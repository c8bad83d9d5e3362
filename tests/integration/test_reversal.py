"""A suspension or withdrawal takes ownership back, also late and also ahead of its instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.acting import acting_as, system
from compliance.policy import Refused, State
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    countersign_and_enact,
    enact_entry,
    follow_facts,
    make_effective,
    open_due_handovers,
    order_reversal,
    prepare_handover,
)
from handovers.models import Handover, HandoverStep
from kols.models import Ownership, Showing
from products.actions import void_entry

pytestmark = pytest.mark.django_db


def hand_over(relation, mara, frieda, felix, lena, *, at=None):
    """Take Keller from due to effective, as the five would do it, at that instant."""
    with acting_as(system("a day in the past"), at=at) as day:
        open_due_handovers()
        handover = Handover.objects.get(relation=relation, state="DUE")
        with acting_as(mara):
            prepare_handover(handover, by=mara, signature=Signature(mara, "password"), previewed=True)
        with acting_as(frieda):
            assign_handover(handover, recipient=felix, by=frieda)
        with acting_as(felix):
            accept_handover(handover, by=felix)
        with acting_as(lena):
            approve_handover(handover, by=lena, signature=Signature(lena, "password"), effective_at=day.now)
        assert make_effective() == 1
    return look(handover)


@pytest.fixture
def effective(relation, novastat_hf, authorise, mara, frieda, felix, lena):
    """Authorised thirty days ago, with Felix for twenty."""
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(days=30))
    return hand_over(relation, mara, frieda, felix, lena, at=datetime.now(UTC) - timedelta(days=20))


def look(handover):
    with acting_as(system("look")):
        return Handover.objects.select_related("campaign").get(pk=handover.pk)


def rows(relation):
    with acting_as(system("look")):
        return [
            (row.side, row.owner.given_name, row.during.lower, row.during.upper)
            for row in Ownership.objects.filter(relation=relation).order_by("during")
        ]


def sides(relation):
    return [(side, name) for side, name, _, _ in rows(relation)]


def test_a_suspension_gives_the_expert_back_in_the_same_transaction(
    effective, relation, novastat_hf, suspend, mara
):
    entry = suspend(novastat_hf)

    assert sides(relation) == [("MEDICAL", "Mara"), ("COMMERCIAL", "Felix"), ("MEDICAL", "Mara")]
    assert rows(relation)[1][3] == rows(relation)[2][2] == entry.effective_at
    assert look(effective).state == "REVERSED"
    assert entry.enacted.reversed == 1
    with acting_as(system("look")):
        step = HandoverStep.objects.get(transition="T-16")
        assert datetime.fromisoformat(step.facts["instant"]) == entry.effective_at
        assert not Showing.objects.filter(relation=relation, ended_at=None).exists()


def test_a_withdrawal_before_the_takeover_makes_it_never_have_been(effective, relation, novastat_hf, enter):
    enter(novastat_hf, State.WITHDRAWN, at=datetime.now(UTC) - timedelta(days=25))

    assert sides(relation) == [("MEDICAL", "Mara")]
    assert rows(relation)[0][3] is None
    assert look(effective).state == "REVERSED"


def test_a_suspension_recorded_late_cuts_in_the_past(effective, relation, novastat_hf, suspend):
    entry = suspend(novastat_hf, at=datetime.now(UTC) - timedelta(days=10))

    assert sides(relation) == [("MEDICAL", "Mara"), ("COMMERCIAL", "Felix"), ("MEDICAL", "Mara")]
    assert rows(relation)[2][2] == entry.effective_at


def test_a_suspension_ahead_cuts_field_service_at_its_instant(effective, relation, novastat_hf, suspend):
    ahead = datetime.now(UTC) + timedelta(days=20)
    suspend(novastat_hf, at=ahead)

    assert sides(relation) == [("MEDICAL", "Mara"), ("COMMERCIAL", "Felix"), ("MEDICAL", "Mara")]
    assert rows(relation)[1][3] == rows(relation)[2][2] == ahead


def test_who_left_is_replaced_by_the_custodian(effective, relation, novastat_hf, suspend, mara):
    with acting_as(system("let go")):
        mara.is_active = False
        mara.save(update_fields=["is_active"])
    suspend(novastat_hf)

    assert sides(relation)[-1] == ("MEDICAL", "Lena")


def test_open_again_means_a_new_handover_and_nothing_revives(
    effective, relation, novastat_hf, suspend, authorise, mara, frieda, felix, lena
):
    suspend(novastat_hf, at=datetime.now(UTC) - timedelta(minutes=5))
    assert open_due_handovers() == 0
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(minutes=1))
    assert make_effective() == 0
    assert open_due_handovers() == 1
    with acting_as(system("look")):
        old, new = Handover.objects.filter(relation=relation).order_by("due_since")
        assert (old.state, new.state, new.package_hash) == ("REVERSED", "DUE", "")
        assert new.steps.get().transition == "T-17"


def test_what_is_under_way_freezes_and_thaws_as_due(relation, novastat_hf, authorise, suspend, mara):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        handover = Handover.objects.get()
    with acting_as(mara):
        prepare_handover(handover, by=mara, signature=Signature(mara, "password"), previewed=True)
    suspend(novastat_hf, at=datetime.now(UTC) - timedelta(minutes=2))
    assert look(handover).state == "FROZEN"
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(minutes=1))
    assert follow_facts()["resumed"] == 1
    assert look(handover).state == "DUE"
    assert follow_facts()["resumed"] == 0


def test_a_voided_authorisation_cancels_and_reverses(effective, relation, novastat_hf, rita, ralf, clara):
    with acting_as(system("look")):
        entry = novastat_hf.entries.get(state=State.AUTHORISED)
    with acting_as(rita):
        voiding = void_entry(entry, evidence="Wrong row", by=rita)
    with acting_as(ralf):
        enact_entry(voiding, by=ralf)
    assert look(effective).state == "EFFECTIVE"
    with acting_as(clara):
        countersign_and_enact(voiding, by=clara)

    assert look(effective).state == "REVERSED"
    assert sides(relation) == [("MEDICAL", "Mara")]


def test_compliance_takes_one_expert_back(effective, relation, clara, lena):
    with acting_as(lena), pytest.raises(Refused):
        order_reversal(effective, cause="objection", by=lena, signature=Signature(lena, "password"))
    with acting_as(clara):
        order_reversal(effective, cause="objection", by=clara, signature=Signature(clara, "password"))

    assert sides(relation) == [("MEDICAL", "Mara"), ("COMMERCIAL", "Felix"), ("MEDICAL", "Mara")]
    assert look(effective).state == "REVERSED"


def test_a_reversed_expert_is_handed_over_again_by_a_new_handover(
    effective, relation, novastat_hf, suspend, authorise, mara, frieda, felix, lena
):
    with acting_as(system("read the clock of the transaction")) as day:
        moment = day.now
    suspend(novastat_hf, at=moment - timedelta(seconds=2))
    authorise(novastat_hf, at=moment - timedelta(seconds=1))
    hand_over(relation, mara, frieda, felix, lena)

    assert sides(relation)[-1] == ("COMMERCIAL", "Felix")
