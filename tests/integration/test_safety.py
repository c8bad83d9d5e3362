"""Side effects are taken in from anybody, whatever else is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Market, Notice
from compliance.packs import open_with
from compliance.policy import Refused, Side
from kols.models import Consent, Objection
from safety.actions import acknowledge, report_side_effect
from safety.models import SafetyReport
from safety.routing import due_at, end_of_business_day
from tests.conftest import SINCE
from tests.integration.all_roles import EVERYBODY
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.everybody"]

CAST = ["mara", "lena", "felix", "frieda", "petra", "clara", "rita", "sofia", "anton"]


@pytest.mark.parametrize("who", CAST)
def test_every_role_may_report(company, who, client_of):
    person = getattr(company, who)
    answer = client_of(person).post(reverse("safety:new"), {"what_happened": "A rash"})

    assert answer.status_code == 302
    assert client_of(person).get(answer.url).status_code == 200


# The roles in every state that hinders anything else: nothing hinders a report.
def rules_broken(stage):
    Consent.objects.create(
        kol=stage.keller, side=Side.MEDICAL, purpose="SCIENTIFIC", channel="PIGEON", market=stage.company.germany,
        given_at=now(), text_version="1", source="FORM", evidence="x", recorded_by=stage.company.mara, recorded_at=now(),
    )  # fmt: skip


def no_rules_at_all(stage):
    bare = Market.objects.create(code="XX", name="Nowhere", zone="UTC", calendar="DE")
    for person in stage.people:
        for appointment in person.appointments.all():
            appointment.markets.set([bare])


def unknown_rules(stage):
    for market in Market.objects.all():
        open_with(market, "1999.9", now() - timedelta(minutes=1))


def no_market(stage):
    for person in stage.people:
        for appointment in person.appointments.all():
            appointment.markets.clear()


def last_minute(stage):
    owner = stage.company.mara  # who answers for an expert cannot just go
    for person in stage.people:
        if person != owner:
            during = DateTimeTZRange(SINCE, now() - timedelta(minutes=1))
            person.appointments.update(during=during)


def do_not_contact(stage):
    Objection.objects.create(
        kol=stage.keller, side=Side.MEDICAL, kind="CONTACT", since=SINCE, evidence="x", recorded_by=stage.company.mara,
        recorded_at=now(),
    )  # fmt: skip


STATES = (rules_broken, no_rules_at_all, unknown_rules, no_market, last_minute, do_not_contact)
PARTS = (
    {"what_happened": "A rash"}, {"product_words": "Novastat"}, {"patient": "f", "learned_at": "2026-01-01T10:00"},
)  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_hinders_a_report_in_any_role(everybody, relation, keller, client_of, state):
    """From a record, from one that is somebody else's, and from none; half of it, late, and about nobody known."""
    people = [getattr(everybody, name) for name in EVERYBODY]
    froms = ("", f"expert:{keller.pk}", f"interaction:{uuid4()}", "nonsense:\x00")
    with acting_as(system("bring trouble")):
        state(SimpleNamespace(company=everybody, keller=keller, people=people))
    for place, person in enumerate(people):
        data, about, ref = PARTS[place % 3], froms[place % 4], uuid4()
        answer = client_of(person).post(reverse("safety:new"), {**data, "about": about, "client_ref": ref})
        assert (person.role, data, about, answer.status_code) == (person.role, data, about, 302)
        with acting_as(system("look")):
            report = SafetyReport.objects.get(reporter=person, client_ref=ref)
            said = {key: value for key, value in report.said.items() if value}
        assert said.items() <= data.items()
        assert len(said) >= 1
    with acting_as(system("look")):
        assert SafetyReport.objects.filter(mail_after__isnull=False).count() == len(EVERYBODY)


def test_only_an_empty_page_asks_once_more(company, client_of, otto):
    answer = client_of(otto).post(reverse("safety:new"), {"what_happened": " ", "may_call_back": "on"})
    assert answer.status_code == 422
    assert "One of the four is enough" in answer.content.decode()


def test_a_report_tells_the_record_it_came_from_and_the_record_holds_the_link_alone(
    relation, keller, novastat_hf, mara, germany, client_of
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
    page = client_of(mara).get(reverse("interactions:detail", args=[record.pk])).content.decode()
    assert f"/safety/new/?about=interaction:{record.pk}" in page
    client_of(mara).post(
        reverse("safety:new"), {"what_happened": "Quokka", "about": f"interaction:{record.pk}"}
    )

    with acting_as(system("look")):
        report = SafetyReport.objects.get()
        assert (report.kol, report.market, report.learned_at, report.about_id) == (
            keller, germany, record.starts_at, record.pk,
        )  # fmt: skip
    page = client_of(mara).get(reverse("interactions:detail", args=[record.pk])).content.decode()
    assert (f"/safety/{report.pk}/" in page, "Quokka" in page) == (True, False)


def test_somebody_elses_record_is_not_named_by_the_report(
    relation, keller, novastat_hf, mara, otto, germany, client_of
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
    for known in (record.pk, uuid4()):
        client_of(otto).post(reverse("safety:new"), {"what_happened": "A", "about": f"interaction:{known}"})
    with acting_as(system("look")):
        assert [(one.about_id, one.kol) for one in SafetyReport.objects.all()] == [(None, None)] * 2


def test_where_the_rules_of_a_market_say_so_the_clock_runs_to_the_end_of_its_business_day(company):
    friday = datetime(2026, 4, 30, 15, tzinfo=UTC)  # then the first of May, and a weekend

    assert end_of_business_day(company.germany, friday, 1) == datetime(2026, 5, 4, 22, tzinfo=UTC)
    assert due_at(company.germany, friday) == friday + timedelta(hours=24)


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
