"""Side effects are taken in from anybody, whatever else is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.policy import Refused
from safety.actions import acknowledge, report_side_effect
from safety.models import SafetyReport

pytestmark = pytest.mark.django_db

CAST = ["mara", "lena", "felix", "frieda", "petra", "clara", "rita", "sofia", "anton"]


@pytest.mark.parametrize("who", CAST)
def test_every_role_may_report(company, who, client_of):
    person = getattr(company, who)
    answer = client_of(person).post(reverse("safety:new"), {"what_happened": "A rash"})

    assert answer.status_code == 302
    assert client_of(person).get(answer.url).status_code == 200


def test_the_clock_runs_from_when_it_was_learned(company, felix):
    with acting_as(felix):
        learned = now() - timedelta(hours=30)
        report = report_side_effect(by=felix, what_happened="A rash", learned_at=learned)

    assert (report.due_at, report.recorded_at > report.due_at) == (learned + timedelta(hours=24), True)


def test_safety_is_told_at_once_and_acknowledges_with_a_case(company, felix, sofia):
    with acting_as(felix):
        report = report_side_effect(by=felix, what_happened="A rash")
    with acting_as(sofia):
        assert Notice.objects.get(person=sofia).urgent
        acknowledge(report, case_id="C-1", by=sofia)
    with acting_as(felix):
        assert (SafetyReport.objects.get().case_id, Notice.objects.filter(person=felix).count()) == ("C-1", 1)


def test_only_safety_acknowledges(company, felix, clara):
    with acting_as(felix):
        report = report_side_effect(by=felix, what_happened="A rash")
    with acting_as(clara), pytest.raises(Refused):
        acknowledge(report, case_id="C-1", by=clara)


def test_a_report_is_read_by_safety_oversight_and_its_reporter(company, client_of):
    with acting_as(company.felix):
        report = report_side_effect(by=company.felix, what_happened="A rash")
    address = reverse("safety:detail", args=[report.pk])

    seen = {who: client_of(getattr(company, who)).get(address).status_code for who in CAST}

    assert {who for who, status in seen.items() if status == 200} == {"felix", "sofia", "clara"}
    assert set(seen.values()) == {200, 404}


def test_an_open_report_is_an_open_matter_of_the_relation(relation, keller, felix, sofia):
    from kols.models import OpenMatter

    with acting_as(felix):
        report = report_side_effect(by=felix, what_happened="A rash", kol=keller)
        assert OpenMatter.objects.count() == 0
    with acting_as(system("look")):
        assert OpenMatter.objects.get().closed_at is None
    with acting_as(sofia):
        acknowledge(report, case_id="C-1", by=sofia)
    with acting_as(system("look")):
        assert OpenMatter.objects.get().closed_at is not None


def test_who_changed_sides_no_longer_reads_what_she_reported_on_the_other(company, mara):
    with acting_as(mara):
        report_side_effect(by=mara, what_happened="Dizziness", product_words="Novastat")
        before = SafetyReport.objects.visible_to(mara).count()
    with acting_as(system("move to field service")):
        mara.appointments.update(role="FIELD_SERVICE", side="COMMERCIAL")

    with acting_as(mara):
        assert (before, SafetyReport.objects.visible_to(mara).count()) == (1, 0)
