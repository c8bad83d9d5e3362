"""Two people press at the same moment: one is done, the other is told; nobody sees an error page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.acting import acting_as, system
from compliance.policy import Refused, State
from handovers.actions import (
    Conflict,
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    enact_entry,
    make_effective,
    open_due_handovers,
    prepare_handover,
    release_campaign,
)
from handovers.models import Campaign, Handover, HandoverStep
from kols.models import Ownership
from products.actions import propose_entry
from tests.invariants import broken
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def assigned(relation, novastat_hf, authorise, mara, frieda, felix):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        handover = Handover.objects.select_related("campaign").get()
    with acting_as(mara):
        prepare_handover(handover, by=mara, signature=Signature(mara, "password"), previewed=True)
    with acting_as(frieda):
        return assign_handover(handover, recipient=felix, by=frieda)


@pytest.fixture
def suspension(novastat_hf, rita):
    with acting_as(rita):
        return propose_entry(
            novastat_hf,
            State.SUSPENDED,
            effective_at=datetime.now(UTC) - timedelta(minutes=1),
            evidence="Letter",
            by=rita,
        )


def as_(person, doing):
    def run():
        with acting_as(person):
            return doing()

    return run


def look(handover):
    with acting_as(system("look")):
        assert broken() == {}
        return Handover.objects.get(pk=handover.pk)


def test_accepted_twice_is_accepted_once(assigned, felix):
    answers = at_once(*[as_(felix, lambda: accept_handover(assigned, by=felix))] * 2)

    assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
    assert look(assigned).state == "ACCEPTED"


def test_accepted_while_suspended_ends_frozen(assigned, suspension, felix, ralf):
    _, suspended = at_once(
        as_(felix, lambda: accept_handover(assigned, by=felix)),
        as_(ralf, lambda: enact_entry(suspension, by=ralf)),
    )

    assert not isinstance(suspended, Refused)
    assert look(assigned).state == "FROZEN"


def test_made_effective_while_suspended_leaves_no_owner_in_field_service(
    assigned, suspension, felix, lena, ralf
):
    with acting_as(felix):
        accept_handover(assigned, by=felix)
    with acting_as(lena) as acting:
        approve_handover(assigned, by=lena, signature=Signature(lena, "password"), effective_at=acting.now)
    answers = at_once(make_effective, as_(ralf, lambda: enact_entry(suspension, by=ralf)))

    assert not any(isinstance(answer, Refused) for answer in answers)
    assert look(assigned).state in ("FROZEN", "REVERSED")
    with acting_as(system("look")):
        assert not Ownership.objects.filter(side="COMMERCIAL", during__endswith=None).exists()


def test_released_twice_is_signed_once(assigned, lena):
    sign = as_(
        lena, lambda: release_campaign(assigned.campaign, by=lena, signature=Signature(lena, "password"))
    )
    first, second = at_once(sign, sign)

    assert first.release_hash == second.release_hash
    with acting_as(system("look")):
        assert Campaign.objects.get().released_by == lena


def test_two_workers_open_each_handover_once(relation, novastat_hf, authorise):
    authorise(novastat_hf)

    assert sorted(at_once(open_due_handovers, open_due_handovers)) == [0, 1]
    with acting_as(system("look")):
        assert (Handover.objects.count(), HandoverStep.objects.count()) == (1, 1)


def test_an_entry_is_confirmed_by_one_of_two(novastat_hf, suspension, authorise, ralf):
    authorise(novastat_hf)
    confirm = as_(ralf, lambda: enact_entry(suspension, by=ralf))

    assert sorted(isinstance(answer, Refused) for answer in at_once(confirm, confirm)) == [False, True]
