"""What took place, judged as of then: the one action behind every door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.acting import acting_as, system
from compliance.models import AuditEntry
from compliance.policy import Basis, Channel, Document, Kind, Refused, Subject
from interactions.actions import (
    amend_interaction,
    log_interaction,
    plan_interaction,
    restore_interaction,
    withdraw_interaction,
)
from interactions.facts import Event, Present, Spoken
from interactions.models import Interaction, LastContact
from kols.models import OpenMatter

pytestmark = pytest.mark.django_db


def visit(market, *, starts_at=None, minutes=30, kind=Kind.VISIT, channel=Channel.IN_PERSON, late_reason=""):
    start = starts_at or datetime.now(UTC) - timedelta(hours=2)
    return Event(
        kind=kind,
        channel=channel,
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        market=market,
        late_reason=late_reason,
    )


ASKED = {
    Document.REQ: {"question": "Does it help below an eGFR of 30?"},
    Document.STATUS: {"said": True},
}


def asked(use, **more):
    return Spoken(
        subject=Subject.USE, use=use, basis=Basis.UNSOLICITED_REQUEST, **{"documents": ASKED, **more}
    )


def log(by, keller, event, *topics, **more):
    return log_interaction(
        by=by, event=event, topics=topics, people=[Present(kol=keller, main=True)], side_effect=False, **more
    )


def trail(verb):
    with acting_as(system("read the trail")):
        return list(AuditEntry.objects.filter(verb=verb))


def test_a_question_about_an_unauthorised_use_is_answered_and_kept_with_its_receipt(
    relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))

        topic = record.topics.get()
        assert (record.status, record.missing, record.compartment) == ("DRAFT", [], "MEDICAL")
        assert (topic.activity, topic.zone, topic.standing) == ("SCIENTIFIC_EXCHANGE", "PRE", "OWNER")
        assert record.decision["rules"] == ["R-020"]
        assert LastContact.objects.get(kol=keller).at == record.starts_at
    assert [entry.decision["kind"] for entry in trail("logged")] == ["allowed"]


def test_nobody_says_how_it_came_up_and_nothing_is_kept(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        with pytest.raises(Refused) as refusal:
            log(mara, keller, visit(germany), Spoken(subject=Subject.USE, use=novastat_hf))

        assert refusal.value.decision.rules == ("R-020",)
        assert not Interaction.objects.exists()
    assert [entry.refused for entry in trail("logged")] == [True]


def test_missing_documents_leave_a_draft_that_lists_them_and_an_open_matter(
    relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf, documents={}))

        assert record.missing == ["REQ", "STATUS"]
        assert OpenMatter.objects.get().source == record.pk

        amended = amend_interaction(
            record,
            by=mara,
            event=visit(germany),
            topics=[asked(novastat_hf)],
            people=[Present(kol=keller, main=True)],
            version=1,
        )
        assert (amended.missing, amended.version, OpenMatter.objects.get().closed_at is None) == (
            [],
            2,
            False,
        )


def test_the_same_device_sends_a_visit_once(relation, keller, novastat_hf, mara, germany):
    ref = uuid4()
    with acting_as(mara):
        first = log(mara, keller, visit(germany), asked(novastat_hf), client_ref=ref)
        second = log(mara, keller, visit(germany), asked(novastat_hf), client_ref=ref)

    assert first.pk == second.pk


def test_a_colleague_needs_cover_for_what_somebody_else_answered_to(
    relation, keller, novastat_hf, moritz, germany
):
    with acting_as(moritz):
        record = log(moritz, keller, visit(germany), asked(novastat_hf))

    assert record.missing == ["PRECLEAR"]


def test_what_lies_ahead_is_planned_and_not_logged(relation, keller, mara, germany):
    tomorrow = visit(germany, starts_at=datetime.now(UTC) + timedelta(days=1))
    with acting_as(mara):
        with pytest.raises(Refused, match="Plan it instead"):
            log(mara, keller, tomorrow, Spoken(subject=Subject.ADMIN))
        plan = plan_interaction(by=mara, event=tomorrow, people=[Present(kol=keller, main=True)])

    assert plan.status == "PLANNED"


def test_a_plan_without_its_documents_is_refused(relation, keller, novastat_hf, mara, germany):
    tomorrow = visit(germany, starts_at=datetime.now(UTC) + timedelta(days=1))
    with acting_as(mara), pytest.raises(Refused) as refusal:
        plan_interaction(
            by=mara,
            event=tomorrow,
            people=[Present(kol=keller, main=True)],
            topics=[Spoken(subject=Subject.USE, use=novastat_hf, basis=Basis.PROACTIVE)],
        )

    assert refusal.value.decision.missing == {Document.PURPOSE, Document.PLAN, Document.STATUS}


def test_a_late_entry_asks_for_its_reason_and_is_judged_as_of_then(
    relation, keller, novastat_hf, mara, germany, authorise
):
    long_ago = visit(germany, starts_at=datetime.now(UTC) - timedelta(days=20))
    authorise(novastat_hf)
    with acting_as(mara):
        late = log(mara, keller, long_ago, asked(novastat_hf))
        told = log(
            mara,
            keller,
            visit(germany, starts_at=long_ago.starts_at, late_reason="On leave"),
            asked(novastat_hf),
        )

        assert (late.missing, told.missing) == (["LATE"], [])
        assert late.topics.get().zone == "PRE"


@pytest.mark.parametrize(("offset", "asks"), [(-1, True), (0, False)])
def test_the_boundary_lies_at_the_second_of_authorisation(
    relation, keller, novastat_hf, mara, germany, authorise, offset, asks
):
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    authorise(novastat_hf, at=at)
    event = visit(germany, starts_at=at + timedelta(seconds=offset), minutes=10)
    plain = Spoken(subject=Subject.USE, use=novastat_hf)
    with acting_as(mara):
        if asks:
            with pytest.raises(Refused):
                log(mara, keller, event, plain)
        else:
            assert log(mara, keller, event, plain).missing == []


def test_a_visit_taken_back_no_longer_counts_until_it_is_restored(
    relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
        withdraw_interaction(record, by=mara)
        assert (Interaction.objects.logged().count(), LastContact.objects.count()) == (0, 0)
        restore_interaction(record, by=mara)
        assert (Interaction.objects.logged().count(), LastContact.objects.count()) == (1, 1)


def test_field_service_finds_none_of_it(relation, keller, novastat_hf, mara, felix, germany):
    with acting_as(mara):
        log(mara, keller, visit(germany), asked(novastat_hf))
        assert Interaction.objects.visible_to(mara).count() == 1
    with acting_as(felix):
        assert (Interaction.objects.count(), LastContact.objects.count()) == (0, 0)


def test_a_visit_is_logged_in_at_most_25_statements(relation, keller, novastat_hf, mara, germany, statements):
    with acting_as(mara), statements() as run:
        log(
            mara,
            keller,
            visit(germany),
            asked(novastat_hf, themes=tuple(novastat_hf.indication.themes.all())),
        )

    assert len(run) <= 25
