"""Pre-approval by Compliance: asked for beforehand, answered once, and what it allows (R-004, R-049, R-061)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.policy import Basis, Kind, Refused, Subject
from interactions.actions import (
    amend_interaction,
    answer_preclearance,
    ask_about_date,
    ask_preclearance,
    log_interaction,
)
from interactions.facts import Present, Spoken
from interactions.models import Interaction, Preclearance
from kols.actions import register_kol
from kols.models import OpenMatter
from products.models import TherapeuticArea
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

LAST_WEEK = timedelta(days=7)


def granted(by, clara, market, *, kol, use, kind=Kind.VISIT, at=LAST_WEEK, allow=True, decided=LAST_WEEK):
    """Asked for and answered in time, for two weeks."""
    began = datetime.now(UTC) - at
    with acting_as(by, at=began):
        row = ask_preclearance(
            by=by, kind=kind, market=market, start=now(), end=now() + timedelta(days=14), why="Only I can go",
            kol=kol, use=use,
        )  # fmt: skip
    with acting_as(clara, at=datetime.now(UTC) - decided):
        return answer_preclearance(row.pk, granted=allow, answer="With a colleague", by=clara)


def missing(by, kol, use, market):
    with acting_as(by):
        return log(by, kol, visit(market), asked(use)).missing


def test_who_was_cleared_beforehand_meets_somebody_elses_expert(
    relation, keller, novastat_hf, moritz, clara, germany
):
    assert missing(moritz, keller, novastat_hf, germany) == ["PRECLEAR"]
    granted(moritz, clara, germany, kol=keller, use=novastat_hf)

    assert missing(moritz, keller, novastat_hf, germany) == []


def test_it_holds_for_that_person_kind_expert_product_and_time_alone_and_only_if_granted_before(
    relation, keller, novastat_hf, mara, moritz, clara, germany
):
    with acting_as(mara):
        other = register_kol(by=mara, family_name="Otto", main_market=germany)
    granted(moritz, clara, germany, kol=other, use=novastat_hf)
    granted(moritz, clara, germany, kol=keller, use=None)
    granted(moritz, clara, germany, kol=keller, use=novastat_hf, kind=Kind.CONGRESS_CONTACT)
    granted(
        moritz, clara, germany, kol=keller, use=novastat_hf, at=timedelta(days=90), decided=timedelta(days=89)
    )
    granted(moritz, clara, germany, kol=keller, use=novastat_hf, allow=False)
    granted(moritz, clara, germany, kol=keller, use=novastat_hf, decided=timedelta(0))
    granted(mara, clara, germany, kol=keller, use=novastat_hf)

    assert missing(moritz, keller, novastat_hf, germany) == ["PRECLEAR"]
    granted(moritz, clara, germany, kol=None, use=novastat_hf)
    assert missing(moritz, keller, novastat_hf, germany) == []


def test_a_rep_speaks_of_the_disease_before_authorisation_only_if_compliance_allowed_it(
    relation, keller, novastat_hf, heart_failure, felix, clara, germany, owned_by_field
):
    """Nothing of ours is open in that field: not allowed to a rep but after pre-approval (R-022)."""
    with acting_as(system("set the stage")):
        gout = TherapeuticArea.objects.create(name="Gout")
    about = Spoken(subject=Subject.DISEASE, area=gout, basis=Basis.PROACTIVE)

    def call():
        with acting_as(felix):
            return log_interaction(
                by=felix, event=visit(germany), topics=[about], people=[Present(kol=keller, main=True)],
                side_effect=False,
            )  # fmt: skip

    with pytest.raises(Refused) as refusal:
        call()
    assert "needs_preclear" in {reason.code for reason in refusal.value.decision.reasons}
    granted(felix, clara, germany, kol=keller, use=None)
    assert call().missing == []


def test_she_asks_on_the_page_compliance_answers_on_the_page_and_she_is_told(
    relation, keller, novastat_hf, mara, clara, felix, moritz, client_of
):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    told = {
        "kol": str(keller.pk),
        "kind": "ADVISORY_BOARD",
        "on": f"{tomorrow:%Y-%m-%d}",
        "use": str(novastat_hf.pk),
    }
    client, address = client_of(mara), reverse("interactions:preclearances")
    new = reverse("interactions:preclearance_new")
    assert client.post(new, {**told, "why": ""}).status_code == 200
    assert client.post(new, {**told, "why": "We need her view"}).url == address

    page = client_of(clara).get(address).content.decode()
    assert "We need her view" in page
    with acting_as(system("look")):
        [row] = Preclearance.objects.all()
        assert Notice.objects.get(person=clara).kind == "preclear_asked"
    answer = reverse("interactions:preclearance_answer", args=[row.pk])
    client_of(clara).post(answer, {"granted": "yes", "answer": "With a contract first"})

    assert "With a contract first" in client.get(address).content.decode()
    with acting_as(system("look")):
        row.refresh_from_db()
        assert (row.granted, row.decided_by, row.author) == (True, clara, mara)
        assert Notice.objects.get(person=mara, kind="preclear_answered")
    assert [
        client_of(who).post(answer, {"granted": "no", "answer": "x"}).status_code for who in (mara, felix)
    ] == [404, 404]
    for who in (felix, moritz):
        assert "We need her view" not in client_of(who).get(address).content.decode()


def test_what_has_begun_is_not_pre_approved_and_an_answer_is_given_once_by_somebody_else(
    relation, keller, novastat_hf, mara, clara, germany
):
    ask = {"kind": Kind.VISIT, "market": germany, "kol": keller, "use": novastat_hf, "why": "x"}
    with acting_as(mara), pytest.raises(Refused, match="before the act"):
        ask_preclearance(by=mara, start=now() - timedelta(hours=1), end=now() + timedelta(hours=1), **ask)
    row = granted(mara, clara, germany, kol=keller, use=novastat_hf)
    with acting_as(clara), pytest.raises(Refused):
        answer_preclearance(row.pk, granted=False, answer="No after all", by=clara)
    with acting_as(mara), pytest.raises(Refused):
        answer_preclearance(row.pk, granted=True, answer="Yes", by=mara)
    with acting_as(system("look")):
        row.refresh_from_db()
    assert (row.granted, row.answer) == (True, "With a colleague")


def test_the_database_lets_nobody_clear_herself_and_nobody_change_an_answer(
    relation, keller, novastat_hf, mara, clara, germany
):
    row = granted(mara, clara, germany, kol=keller, use=novastat_hf)
    facts = {
        "author": mara, "author_side": "MEDICAL", "kind": "VISIT", "market": germany, "why": "x", "asked_at": row.asked_at,
        "during": row.during,
    }  # fmt: skip
    with acting_as(mara):
        Preclearance.objects.create(**facts)
        with pytest.raises(DatabaseError), transaction.atomic():
            Preclearance.objects.create(**facts, granted=True, decided_by=clara, decided_at=now(), answer="x")
    with acting_as(clara):
        row.granted = False
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
    with acting_as(system("look")):
        assert Preclearance.objects.filter(granted=True).count() == 1


# A date moved across a boundary after the first save (R-069) ------------------------------------------------------


def amended(record, by, kol, use, market, at, **more):
    with acting_as(by):
        return amend_interaction(
            record, by=by, event=visit(market, starts_at=at), topics=[asked(use)],
            people=[Present(kol=kol, main=True)], **more,
        )  # fmt: skip


@pytest.fixture
def across(relation, keller, novastat_hf, germany, authorise):
    """Of whoever wrote it: first saved after the authorisation, then moved to before it."""
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(days=2))

    def move(by):
        with acting_as(by):
            record = log(by, keller, visit(germany), asked(novastat_hf))
        at = record.starts_at - timedelta(days=3)
        return amended(record, by, keller, novastat_hf, germany, at, change_reason="The diary says so")

    return move


def as_it_stands(record):
    with acting_as(system("look")):
        return Interaction.objects.get(pk=record.pk)


def asked_and_answered(record, clara, *, granted=True):
    with acting_as(record.author):
        row = ask_about_date(record, by=record.author)
    with acting_as(clara):
        return answer_preclearance(row.pk, granted=granted, answer="Diary seen", by=clara)


def test_a_date_moved_across_a_boundary_is_complete_once_compliance_allowed_it(
    across, mara, clara, felix, moritz, client_of
):
    record = across(mara)
    assert record.missing == ["PRECLEAR"]
    page, ask = (reverse(f"interactions:{name}", args=[record.pk]) for name in ("detail", "date_approval"))
    client = client_of(mara)
    assert ask in client.get(page).text
    assert [client_of(who).post(ask).status_code for who in (felix, moritz, clara)] == [404, 404, 404]
    assert [client.post(ask).url, client.post(ask).url] == [page, page]

    with acting_as(system("look")):
        [row] = Preclearance.objects.all()
    assert (row.record_id, row.why) == (record.pk, "The diary says so")
    officer, rows = client_of(clara), reverse("interactions:preclearances")
    assert page in officer.get(rows).text
    assert str(record.pk) not in client_of(felix).get(rows).text
    officer.post(
        reverse("interactions:preclearance_answer", args=[row.pk]), {"granted": "yes", "answer": "Diary seen"}
    )

    found = as_it_stands(record)
    assert (found.missing, found.version, found.status) == ([], record.version, "DRAFT")
    assert {"COMPLIANCE_APPROVAL", "SAMPLED"} <= set(found.decision["duties"])
    assert ask not in client.get(page).text
    with acting_as(system("look")):
        assert OpenMatter.objects.get(source=record.pk).closed_at is not None


def test_what_was_allowed_holds_for_that_date_and_talk_alone(
    across, mara, clara, keller, novastat_hf, germany
):
    record = across(mara)
    asked_and_answered(record, clara)
    same = (mara, keller, novastat_hf, germany)
    assert amended(record, *same, record.starts_at, note="More").missing == []
    further = record.starts_at - timedelta(days=1)
    assert amended(record, *same, further, change_reason="Or so").missing == ["PRECLEAR"]
    assert amended(record, *same, record.starts_at, change_reason="Back").missing == ["PRECLEAR"]


def test_a_question_about_a_date_lapses_when_the_record_is_moved_again_and_a_no_leaves_it_open(
    across, mara, clara, keller, novastat_hf, germany
):
    record = across(mara)
    asked_and_answered(record, clara, granted=False)
    assert as_it_stands(record).missing == ["PRECLEAR"]
    with acting_as(mara):
        row = ask_about_date(record, by=mara)
    further = record.starts_at - timedelta(days=1)
    amended(record, mara, keller, novastat_hf, germany, further, change_reason="Or so")
    with acting_as(clara), pytest.raises(Refused, match="not the one that waits"):
        answer_preclearance(row.pk, granted=True, answer="Diary seen", by=clara)
    assert as_it_stands(record).missing == ["PRECLEAR"]


def test_the_date_allowed_afterwards_is_no_pre_approval_of_somebody_elses_expert(across, moritz, clara):
    """Who was not cleared beforehand stays uncleared, whatever Compliance says of the date (R-049)."""
    record = across(moritz)
    asked_and_answered(record, clara)
    found = as_it_stands(record)
    assert (found.missing, found.act["date_approved"]) == (["PRECLEAR"], True)


def test_there_is_nothing_to_ask_where_no_boundary_was_crossed(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
        with pytest.raises(Refused, match="not the one that waits"):
            ask_about_date(record, by=mara)
