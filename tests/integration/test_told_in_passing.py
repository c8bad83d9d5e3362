"""A side effect that stands in a text and in no answer: rebutted with a reason, or reported before anything is saved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance.policy import Refused
from interactions.models import FollowUp, Interaction
from safety.cues import Cue
from safety.detection import TOLD_IN_PASSING, listen, rebut
from safety.models import SafetyReport
from tests.integration.test_api import send, visit_of
from tests.integration.test_log_visit import filled

pytestmark = pytest.mark.django_db
RASH = "A patient of hers got a rash under Novastat."
AUSSCHLAG = "Eine Patientin bekam einen Ausschlag."


def kept():
    with acting_as(system("look")):
        return (
            list(SafetyReport.objects.select_related("clinical", "kol")),
            list(Cue.objects.all()),
            list(Interaction.objects.all()),
        )


@pytest.mark.parametrize("note", [RASH, AUSSCHLAG])
def test_what_the_note_tells_is_reported_though_the_answer_was_no(
    relation, keller, novastat_hf, mara, client_of, note
):
    answer = client_of(mara).post(
        reverse("interactions:new"), filled(keller, novastat_hf, note=note), follow=True
    )
    [report], [cue], [record] = kept()

    assert report.what_happened == f"{TOLD_IN_PASSING}\n{note}"
    assert (report.kol, report.learned_at, report.reporter) == (keller, record.starts_at, mara)
    assert (cue.report_id, cue.rebuttal, cue.reason) == (report.pk, "", "event")
    assert (record.side_effect, record.safety_report_id) == (False, report.pk)
    assert report.number in answer.content.decode()


def test_a_rebuttal_with_a_reason_goes_to_the_sample_and_reports_nothing(
    relation, keller, novastat_hf, mara, sofia, client_of
):
    data = filled(keller, novastat_hf, note=RASH, no_side_effect_because="From a paper he cited")
    client_of(mara).post(reverse("interactions:new"), data)
    reports, [cue], [record] = kept()

    assert (reports, cue.report, cue.rebuttal) == ([], None, "From a paper he cited")
    assert record.safety_report is None
    for person in (sofia,):
        page = client_of(person).get(reverse("safety:cues"), {"view": "rebutted"}).content.decode()
        assert "From a paper he cited" in page


@pytest.mark.parametrize("trouble", [{"basis": ""}, {"on": "nonsense"}, {"at": "99:99"}])
def test_it_is_reported_before_and_whatever_becomes_of_the_entry(
    relation, keller, novastat_hf, mara, client_of, trouble
):
    data = {**filled(keller, novastat_hf, note=RASH, client_ref=uuid4()), **trouble}
    if "basis" in trouble:
        del data[f"use-{novastat_hf.pk}-basis"]
    client_of(mara).post(reverse("interactions:new"), data)
    client_of(mara).post(reverse("interactions:new"), data)

    reports, cues, _records = kept()
    assert (len(reports), len(cues)) == (1, 1)


def test_what_denies_or_talks_of_data_reports_nothing(relation, keller, novastat_hf, mara, client_of):
    note = "No side effects. He asked about the rate of nausea in the trial."
    client_of(mara).post(reverse("interactions:new"), filled(keller, novastat_hf, note=note))
    assert [len(rows) for rows in kept()] == [0, 0, 1]


def test_the_page_suggests_it_before_the_press(relation, keller, novastat_hf, mara, client_of):
    address = reverse("interactions:words")
    page = client_of(mara).post(address, filled(keller, novastat_hf, note=RASH)).content.decode()

    assert "Was a side effect told of here?" in page
    assert 'name="no_side_effect_because"' in page
    quiet = client_of(mara).post(address, filled(keller, novastat_hf, note="No rash.")).content.decode()
    assert "side effect" not in quiet
    assert [len(rows) for rows in kept()] == [0, 0, 0]


def test_every_other_text_is_read_too(relation, keller, novastat_hf, mara, felix, client_of, authorise):
    day = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    client_of(mara).post(reverse("interactions:follow_ups"), {"what": f"Call: {AUSSCHLAG}", "due_on": day})
    client_of(mara).post(
        reverse("interactions:plan"),
        {
            "kol": keller.pk,
            "on": day,
            "at": "10:00",
            "minutes": "30",
            "channel": "IN_PERSON",
            "place": "A man fainted.",
        },
    )
    client_of(mara).post(
        reverse("interactions:new"),
        filled(keller, novastat_hf, deviation="1", deviation_words="Two women vomited.", side_effect="no"),
    )
    with acting_as(system("look")):
        assert list(Cue.objects.order_by("at").values_list("source", flat=True)) == [
            "follow-up",
            "plan",
            "visit",
        ]
        assert FollowUp.objects.count() == 1
        assert {report.kol for report in SafetyReport.objects.all()} == {None, keller}


def test_the_api_reports_it_and_takes_a_rebuttal(relation, keller, novastat_hf, mara, client_of):
    answer = send(client_of(mara), visit_of(keller, novastat_hf, note=RASH))
    assert answer.status_code == 201
    [report], [_cue], [record] = kept()
    assert (str(report.pk), record.safety_report_id) == (answer.json()["safety_report"], report.pk)

    body = visit_of(keller, novastat_hf, note=f"{RASH} Twice.", no_side_effect_because="Read in a paper")
    assert send(client_of(mara), body).status_code == 201
    assert [len(rows) for rows in kept()] == [1, 2, 2]


def test_it_may_be_rebutted_afterwards_and_safety_decides(company, mara, lena, sofia, client_of):
    with acting_as(mara):
        report = listen(by=mara, texts=[RASH], source="visit", base=uuid4())
    address = reverse("safety:rebuttal", args=[report.pk])
    assert client_of(lena).post(address, {"reason": "x"}).status_code == 404
    client_of(mara).post(address, {"reason": "A quotation"})
    client_of(mara).post(address, {"reason": "Something else"})

    page = client_of(sofia).get(reverse("safety:detail", args=[report.pk])).content.decode()
    assert ("A quotation" in page, "Something else" in page) == (True, False)
    with acting_as(system("look")):
        assert SafetyReport.objects.waiting().count() == 1
    with acting_as(lena), pytest.raises(Refused):
        rebut(report, reason="x", by=lena)


@pytest.mark.parametrize("statement", ["UPDATE safety_cue SET rebuttal = 'x'", "DELETE FROM safety_cue"])
def test_an_answer_is_kept(company, mara, statement):
    with acting_as(mara):
        listen(by=mara, texts=[RASH], source="visit", base=uuid4(), rebuttal="A quotation")
    with (
        acting_as(system("try")),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_what_one_side_wrote_is_not_read_by_the_other(company, mara, felix):
    with acting_as(mara):
        listen(by=mara, texts=[RASH], source="visit", base=uuid4())
    with acting_as(felix):
        assert Cue.objects.count() == 0
        listen(by=felix, texts=[RASH], source="visit", base=uuid4())
        assert Cue.objects.count() == 1
