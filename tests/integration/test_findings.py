"""A finding moves step by step, each by whoever may; it is never deleted, and those concerned see what is theirs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.finding_actions import answer_hearing, complete_measure, hear, set_measure
from compliance.finding_clock import escalate_findings
from compliance.finding_steps import STEPS, Status
from compliance.findings import Finding, FindingStep, Hearing, Measure
from compliance.models import Deviation
from compliance.policy import Refused
from tests.integration.review_words import confirmed, step

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.review_stage"]
DUE = date(2030, 1, 7)


def measure_for(finding, owner, by):
    with acting_as(by):
        return set_measure(finding.pk, "Train again", owner=owner, due_on=DUE, by=by)


def test_a_deviation_opens_a_finding_by_itself(finding, deviation, mara, clara):
    assert (finding.source, finding.subject, finding.subject_side, finding.status) == (
        "DEVIATION",
        mara,
        "MEDICAL",
        "OPEN",
    )
    assert (finding.rules, finding.market.code) == (deviation.decision["rules"], "DE")
    with acting_as(mara):
        assert Finding.objects.count() == 0


def test_a_finding_goes_all_the_way_and_each_step_is_somebody_elses(
    finding, deviation, chris, clara, lena, mara, as_owner
):
    with acting_as(clara):
        hearing = hear(finding.pk, "That you named a product too early.", by=clara)
    confirmed(finding, chris, clara)
    measure = measure_for(finding, lena, clara)
    step(finding, "PLAN", clara)
    with acting_as(lena):
        complete_measure(measure.pk, "Trained on Monday", by=lena)
    done = step(finding, "DONE", clara)
    assert done.check_from == finding.market.local_day(now_in(60))
    later = now_in(60)
    step(finding, "CHECK", clara, at=later)
    closed = step(finding, "CLOSE", clara, "It did not happen again.", told="It is settled.", at=later)
    assert (closed.status, closed.closed_by, closed.conclusion) == (
        "CLOSED",
        clara,
        "It did not happen again.",
    )
    with acting_as(mara):
        told = Deviation.objects.get(pk=deviation.pk)
        assert (told.status, told.conclusion) == ("CLOSED", "It is settled.")
        assert Hearing.objects.get(pk=hearing.pk).outcome == "It is settled."
    with acting_as(clara):
        taken = sorted(FindingStep.objects.filter(finding=finding).values_list("after", flat=True))
        assert taken == sorted(set(Status) - {"OPEN", "UNFOUNDED", "REOPENED"})
    assert step(finding, "REOPEN", clara, "It happened again.", at=later).closed_by is None


def now_in(days: int) -> datetime:
    with acting_as(system("look")):
        return now() + timedelta(days=days)


def test_nobody_looks_into_or_closes_what_is_hers(finding, chris, clara, mara):
    step(finding, "TRIAGE", clara, grade="OBSERVATION")
    step(finding, "INVESTIGATE", clara, investigator=chris)
    with pytest.raises(Refused, match="Somebody else looks into this"):
        step(finding, "CONFIRM", clara, evidence="x")
    step(finding, "REJECT", chris, evidence="Record read")
    with pytest.raises(Refused, match="R-154"):
        step(finding, "CLOSE", chris, told="Settled.")
    for person in (mara, chris):
        with acting_as(system("past the action")), pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.filter(pk=finding.pk).update(
                status="CLOSED", closed_by=person, closed_at=now(), conclusion="Mine."
            )
    assert step(finding, "CLOSE", clara, told="Settled.").status == "CLOSED"


def test_who_had_something_to_put_right_does_not_close_it(finding, chris, clara):
    confirmed(finding, chris, clara, grade="OBSERVATION")
    measure = measure_for(finding, clara, chris)
    with (
        acting_as(system("past the action")),
        pytest.raises(IntegrityError, match="step by step"),
        transaction.atomic(),
    ):
        Finding.objects.filter(pk=finding.pk).update(
            status="CLOSED", closed_by=clara, closed_at=now(), conclusion="x"
        )
    with acting_as(clara):
        complete_measure(measure.pk, "Done", by=clara)
    with pytest.raises(Refused, match="R-154"):
        step(finding, "CLOSE", clara, told="Settled.")
    with (
        acting_as(system("past the action")),
        pytest.raises(IntegrityError, match="has a part in it"),
        transaction.atomic(),
    ):
        Finding.objects.filter(pk=finding.pk).update(
            status="CLOSED", closed_by=clara, closed_at=now(), conclusion="x"
        )


def test_the_effect_is_checked_sixty_days_later_at_the_earliest(finding, chris, clara, lena, as_owner):
    confirmed(finding, chris, clara)
    with pytest.raises(Refused, match="Nothing follows from it yet"):
        step(finding, "PLAN", clara)
    measure = measure_for(finding, lena, clara)
    step(finding, "PLAN", clara)
    with pytest.raises(Refused, match="not done yet"):
        step(finding, "DONE", clara)
    with acting_as(lena):
        complete_measure(measure.pk, "Done", by=lena)
    step(finding, "DONE", clara)
    with pytest.raises(Refused, match="cannot be known yet"):
        step(finding, "CHECK", clara, at=now_in(59))
    assert step(finding, "CHECK", clara, at=now_in(60)).status == "EFFECTIVENESS_CHECK"


def test_the_database_keeps_the_very_pairs_of_the_table(finding, chris, clara):
    """Every pair of states tried in SQL: one passes if and only if the table names it, or a guard stands before it."""
    known = {(str(before), str(after)) for befores, after in STEPS.values() for before in befores}
    guarded = {("CONFIRMED", "CAPA_PLANNED"), ("CAPA_DONE", "EFFECTIVENESS_CHECK")}
    passed = set()
    for before in Status:
        for after in Status:
            if before != after and _moves(finding, before, after, chris, clara):
                passed.add((str(before), str(after)))
    assert passed == known - guarded


def _moves(finding, before, after, chris, clara) -> bool:
    facts = {"grade": "" if before == "OPEN" else "OBSERVATION", "investigator": chris}
    with acting_as(system("set the stage")):
        try:
            with transaction.atomic():
                other = Finding.objects.create(
                    source="REVIEW", market=finding.market, words="x", opened_at=now(), status=before, **facts,
                    **closing(before, clara),
                )  # fmt: skip
                Finding.objects.filter(pk=other.pk).update(
                    status=after, grade="" if after == "OPEN" else "OBSERVATION", **closing(after, clara)
                )
        except IntegrityError as error:
            if "step by step" not in str(error):
                raise
            return False
    return True


def closing(status, by):
    closed = status == "CLOSED"
    return {
        "closed_by": by if closed else None,
        "closed_at": now() if closed else None,
        "conclusion": "x" if closed else "",
    }


def test_nothing_of_it_is_deleted_or_rewritten(finding, clara, chris):
    confirmed(finding, chris, clara)
    for statement in (
        "DELETE FROM compliance_finding", "DELETE FROM compliance_findingstep",
        "UPDATE compliance_findingstep SET words = 'x'",
        "DELETE FROM compliance_hearing", "UPDATE compliance_finding SET words = 'x'",
        "UPDATE compliance_finding SET subject_id = NULL",
    ):  # fmt: skip
        with (
            acting_as(clara),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_person_it_is_about_sees_what_she_is_told_and_nothing_else(
    finding, clara, mara, lena, moritz, felix, client_of
):
    with acting_as(clara):
        hearing = hear(finding.pk, "That you named a product too early.", by=clara)
    browser = client_of(mara)
    assert browser.get(reverse("compliance:finding", args=[finding.pk])).status_code == 404
    address = reverse("compliance:hearing", args=[hearing.pk])
    assert "named a product" in browser.get(reverse("compliance:deviations")).text
    assert browser.post(address, {"statement": "She asked me."}).status_code == 302
    with acting_as(mara), pytest.raises(Refused):
        answer_hearing(hearing.pk, "Once more.", by=mara)
    for person in (lena, moritz, felix):
        assert client_of(person).get(address).status_code == 404
        with acting_as(person):
            assert (Hearing.objects.count(), Finding.objects.count(), FindingStep.objects.count()) == (
                0,
                0,
                0,
            )
    page = client_of(clara).get(reverse("compliance:finding", args=[finding.pk])).text
    assert "She asked me." in page


def test_nobody_speaks_for_the_other_in_a_hearing(finding, clara, mara):
    with acting_as(clara):
        hearing = hear(finding.pk, "Told.", by=clara)
    with acting_as(clara), pytest.raises(IntegrityError), transaction.atomic():
        Hearing.objects.filter(pk=hearing.pk).update(statement="She confessed.", stated_at=now())
    with acting_as(mara), pytest.raises(IntegrityError), transaction.atomic():
        Hearing.objects.filter(pk=hearing.pk).update(outcome="Nothing.", outcome_at=now())


def test_targets_that_pass_are_told_once_each_in_business_days(finding, chris, clara, as_owner):
    def told():
        rows = Notice.objects.filter(person=chris, kind="finding_overdue")
        return {row.key.rsplit(" ", 1)[-1] for row in rows}

    for days, kinds in (
        (1, set()),
        (8, {"CRITICAL", "MAJOR"}),
        (8, {"CRITICAL", "MAJOR"}),
        (20, {"CRITICAL", "MAJOR", "MINOR"}),
    ):
        with acting_as(system("escalate findings")):
            escalate_findings(finding.opened_at + timedelta(days=days))
            assert told() == (kinds if days > 1 else told() & kinds)
    step(finding, "TRIAGE", clara, grade="CRITICAL")
    with acting_as(system("escalate findings")):
        escalate_findings(finding.opened_at + timedelta(days=9))
        assert "plan" not in told()
        escalate_findings(finding.opened_at + timedelta(days=30))
        assert "plan" in told()


def test_compliance_leads_it_on_the_page_and_an_auditor_reads(finding, chris, clara, client_of):
    browser, address = client_of(clara), reverse("compliance:finding", args=[finding.pk])
    assert "Triage" in browser.get(address).text
    assert browser.post(address, {"step": "TRIAGE", "words": "", "grade": "MINOR"}).status_code == 200
    assert browser.post(address, {"step": "TRIAGE", "words": "Small", "grade": "MINOR"}).status_code == 302
    sent = {"step": "INVESTIGATE", "words": "Read it", "investigator": chris.pk}
    assert browser.post(address, sent).status_code == 302
    assert "Chris Adam" in browser.get(address).text
    other = client_of(chris)
    assert other.post(address, {"step": "CONFIRM", "words": "True", "evidence": "Record"}).status_code == 302
    sent = {"what": "Train", "owner": chris.pk, "due_on": "2030-01-07"}
    assert browser.post(reverse("compliance:finding_measure", args=[finding.pk]), sent).status_code == 302
    with acting_as(clara):
        assert (Measure.objects.count(), Finding.objects.get().status) == (1, "CONFIRMED")
