"""A handover from the authorisation to the day field service answers for the expert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.models import AuditEntry
from compliance.policy import DeclineReason, Refused, Side
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    decline_handover,
    make_effective,
    open_due_handovers,
    prepare_handover,
    release_campaign,
    send_back_handover,
)
from handovers.models import Campaign, Handover, HandoverStep
from kols.actions import open_matter
from kols.models import OpenMatter, Ownership, ScientificContact

pytestmark = pytest.mark.django_db


def sign(person):
    return Signature(person, "password")


@pytest.fixture
def due(relation, novastat_hf, authorise):
    """Keller's handover, due since Novastat was authorised an hour ago."""
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        return Handover.objects.get(relation=relation)


@pytest.fixture
def prepared(due, mara):
    with acting_as(mara):
        return prepare_handover(due, by=mara, signature=sign(mara), previewed=True)


@pytest.fixture
def assigned(prepared, frieda, felix):
    with acting_as(frieda):
        return assign_handover(prepared, recipient=felix, by=frieda)


@pytest.fixture
def accepted(assigned, felix):
    with acting_as(felix):
        return accept_handover(assigned, by=felix)


@pytest.fixture
def approved(accepted, lena):
    with acting_as(lena):
        return approve_handover(accepted, by=lena, signature=sign(lena), effective_at=now())


def look(handover):
    with acting_as(system("look")):
        return Handover.objects.get(pk=handover.pk)


def owners(relation):
    with acting_as(system("look")):
        rows = Ownership.objects.filter(relation=relation).order_by("during")
        return [(row.side, row.owner.given_name) for row in rows]


def test_authorisation_makes_a_handover_due_and_asking_again_opens_nothing(due, mara):
    assert (due.state, due.preparer, due.version) == ("DUE", mara, 1)
    assert open_due_handovers() == 0
    with acting_as(system("look")):
        assert Campaign.objects.count() == Handover.objects.count() == HandoverStep.objects.count() == 1


def test_nothing_is_due_before_the_product_may_be_promoted(relation, novastat_hf, authorise):
    authorise(novastat_hf, promotable_from=datetime.now(UTC) + timedelta(days=30))

    assert open_due_handovers() == 0


def test_the_msl_is_told_once_that_a_handover_is_due(due, mara):
    open_due_handovers()
    with acting_as(system("look")):
        assert list(Notice.objects.filter(person=mara).values_list("kind", flat=True)) == ["handovers_due"]


def test_the_whole_way_moves_the_ownership_at_one_instant(approved, relation, mara, felix):
    assert make_effective() == 1
    assert look(approved).state == "EFFECTIVE"
    with acting_as(system("look")):
        before, after = Ownership.objects.filter(relation=relation).order_by("during")
        assert (before.side, before.owner) == (Side.MEDICAL, mara)
        assert (after.side, after.owner) == (Side.COMMERCIAL, felix)
        assert before.during.upper == after.during.lower
        assert after.began_with is not None
        step = HandoverStep.objects.get(pk=after.began_with)
        assert (step.transition, datetime.fromisoformat(step.facts["instant"])) == (
            "T-06",
            after.during.lower,
        )
        assert ScientificContact.objects.get(relation=relation).msl == mara
    assert make_effective() == 0


def test_the_trail_tells_the_way_as_sentences(approved, relation):
    make_effective()
    with acting_as(system("look")):
        told = AuditEntry.objects.filter(subject_id=approved.pk).order_by("sequence")
        assert [(entry.actor_name, entry.verb) for entry in told] == [
            ("system: open due handovers", "opened handover of"),
            ("Mara Lindqvist", "prepared handover of"),
            ("Frieda Kern", "assigned handover of"),
            ("Felix Brandt", "accepted handover of"),
            ("Lena Hoffmann", "approved handover of"),
            ("system: the clock", "made effective handover of"),
        ]


def test_steps_bear_the_names_of_those_who_signed_and_the_hash_of_the_package(approved, mara, felix, lena):
    with acting_as(system("look")):
        signed = HandoverStep.objects.filter(handover=approved).exclude(signed_name="").order_by("version")
        assert [(s.transition, s.signed_name, s.package_hash == approved.package_hash) for s in signed] == [
            ("T-02", mara.name, True),
            ("T-04", felix.name, True),
            ("T-05", lena.name, True),
        ]


@pytest.mark.parametrize("kind", ["DRAFT", "SAFETY"])
def test_preparing_waits_for_what_is_open(due, relation, mara, kind):
    with acting_as(mara):
        open_matter(relation, OpenMatter.Kind(kind), person=mara, source=due.pk)
        with pytest.raises(Refused):
            prepare_handover(due, by=mara, signature=sign(mara), previewed=True)

    assert look(due).state == "DUE"


def test_drafts_may_be_listed_instead(due, relation, mara):
    with acting_as(mara):
        open_matter(relation, OpenMatter.Kind.DRAFT, person=mara, source=due.pk)
        prepare_handover(due, by=mara, signature=sign(mara), previewed=True, drafts_listed=True)

    assert look(due).state == "PREPARED"


def test_preparing_needs_a_signature_and_the_preview(due, mara):
    with acting_as(mara):
        for signature, previewed in ((None, True), (sign(mara), False)):
            with pytest.raises(Refused):
                prepare_handover(due, by=mara, signature=signature, previewed=previewed)


def test_another_msl_does_not_prepare_what_is_not_hers(due, moritz):
    with acting_as(moritz), pytest.raises(Refused, match="not yours"):
        prepare_handover(due, by=moritz, signature=sign(moritz), previewed=True)


def test_medical_never_names_the_recipient(prepared, lena, felix):
    with acting_as(lena), pytest.raises(Refused):
        assign_handover(prepared, recipient=felix, by=lena)


def test_a_recipient_of_another_territory_is_refused(prepared, frieda, otto):
    with acting_as(frieda), pytest.raises(Refused, match="territory"):
        assign_handover(prepared, recipient=otto, by=frieda)


def test_only_the_recipient_accepts(assigned, otto, frieda):
    for person in (otto, frieda):
        with acting_as(person), pytest.raises(Refused):
            accept_handover(assigned, by=person)


def test_declining_takes_a_code_and_goes_back_to_the_field_lead(assigned, felix, frieda):
    with acting_as(felix):
        decline_handover(assigned, reason=DeclineReason.CAPACITY, by=felix)

    handover = look(assigned)
    assert (handover.state, handover.decline_reason, handover.declines) == ("PREPARED", "CAPACITY", 1)
    with acting_as(frieda):
        assert Notice.objects.filter(kind="handover_declined").count() == 1


def test_a_release_signed_once_approves_what_is_accepted(assigned, lena, felix):
    with acting_as(lena):
        release_campaign(assigned.campaign, by=lena, signature=sign(lena))
    with acting_as(felix):
        accept_handover(assigned, by=felix)

    handover = look(assigned)
    market = assigned.relation.use.market
    assert (handover.state, handover.approver) == ("APPROVED", lena)
    assert market.is_business_day(market.local_day(handover.effective_at))
    assert handover.effective_at.astimezone(market.tz).hour == 0


def test_a_release_signed_later_approves_what_waits(accepted, lena):
    with acting_as(lena):
        release_campaign(accepted.campaign, by=lena, signature=sign(lena))

    assert look(accepted).state == "APPROVED"


def test_a_flag_waits_for_compliance(due, keller, mara, frieda, felix, lena, clara):
    from handovers.actions import clear_flags

    with acting_as(system("edit")):
        keller.formulary_member = True
        keller.save(update_fields=["formulary_member"])
    with acting_as(mara):
        prepare_handover(due, by=mara, signature=sign(mara), previewed=True)
    with acting_as(frieda):
        assign_handover(due, recipient=felix, by=frieda)
    with acting_as(lena):
        release_campaign(due.campaign, by=lena, signature=sign(lena))
    with acting_as(felix):
        accept_handover(due, by=felix)
    assert look(due).state == "ACCEPTED"
    with acting_as(clara):
        clear_flags(due, by=clara, signature=sign(clara))

    assert look(due).state == "APPROVED"


def test_whoever_prepared_does_not_approve(due, lena, frieda, felix):
    with acting_as(lena):
        prepare_handover(due, by=lena, signature=sign(lena), previewed=True)
    with acting_as(frieda):
        assign_handover(due, recipient=felix, by=frieda)
    with acting_as(felix):
        accept_handover(due, by=felix)
    with acting_as(lena), pytest.raises(Refused, match="three people"):
        approve_handover(due, by=lena, signature=sign(lena))


def test_an_approval_can_be_taken_back_until_it_takes_effect(approved, lena, relation):
    with acting_as(lena):
        send_back_handover(approved, reason="Wrong territory", by=lena)

    assert (look(approved).state, look(approved).recipient) == ("PREPARED", None)
    assert make_effective() == 0
    assert owners(relation) == [("MEDICAL", "Mara")]


def test_what_no_longer_holds_at_its_instant_goes_back(approved, relation, felix):
    with acting_as(system("let go")):
        felix.is_active = False
        felix.save(update_fields=["is_active"])

    assert make_effective() == 0
    assert look(approved).state == "PREPARED"
    assert owners(relation) == [("MEDICAL", "Mara")]


def test_a_stale_version_is_a_conflict_and_changes_nothing(assigned, felix):
    from handovers.actions import Conflict

    with acting_as(felix), pytest.raises(Conflict):
        accept_handover(assigned, by=felix, version=assigned.version - 1)

    assert look(assigned).state == "ASSIGNED"
