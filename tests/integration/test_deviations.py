"""What must not have happened: told from the refusal, followed up by somebody, no activity."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.actions import report_deviation
from compliance.finding_actions import complete_measure, set_measure
from compliance.models import Deviation, Finding, Measure
from compliance.policy import Act, Refused, Role
from interactions.models import Interaction, LastContact
from tests.integration.review_words import confirmed
from tests.integration.test_compliance_desk import AT, forbidden

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.review_stage"]
DUE = date(2030, 1, 7)


@pytest.fixture
def deviation(mara):
    with acting_as(mara):
        return report_deviation(forbidden(), "I spoke too early.", happened_at=AT, by=mara)


@pytest.fixture
def finding(deviation, chris, clara):
    """The finding it opened, confirmed."""
    with acting_as(system("look")):
        found = Finding.objects.get(deviation=deviation)
    return confirmed(found, chris, clara)


def measure_for(finding, owner, clara):
    with acting_as(clara):
        return set_measure(finding.pk, "Train again", owner=owner, due_on=DUE, by=clara)


def call(keller, use, **more):
    """Felix's call an hour before the authorisation, as the form sends it."""
    start = (datetime.now(UTC) - timedelta(hours=3)).astimezone(use.market.tz)
    block = f"use-{use.pk}"
    return {
        "kol": str(keller.pk), "on": f"{start:%Y-%m-%d}", "at": f"{start:%H:%M}", "minutes": "15",
        "channel": "PHONE", f"{block}-chips": "on", f"{block}-offered": "on", f"{block}-mat": "MAT-7",
        "side_effect": "no", **more,
    }  # fmt: skip


def test_the_report_begins_with_what_the_refusal_says(handed_over, keller, novastat_hf, felix, client_of):
    answer = client_of(felix).post(reverse("interactions:new"), call(keller, novastat_hf))

    assert answer.status_code == 409
    words = answer.context["deviation_words"]
    first, second, *why = words.splitlines()
    assert first.startswith("Product call with Prof. Dr. Miriam Keller on ")
    assert second == "We spoke about Novastat for Heart failure."
    assert "R-021" in why[0]
    assert first in answer.content.decode()


def test_a_deviation_is_told_from_there_and_is_about_its_author(
    handed_over, keller, novastat_hf, felix, clara, client_of
):
    sent = call(keller, novastat_hf, deviation="on", deviation_words="Too early.")
    assert client_of(felix).post(reverse("interactions:new"), sent).status_code == 302

    with acting_as(clara):
        row = Deviation.objects.get()
        assert (row.subject, row.reporter, row.status) == (felix, felix, "OPEN")
        assert Act.from_json(row.act).people[0].ref == str(keller.pk)


def figures(person, client_of, keller):
    """Every page on which something is counted, and what lies behind it."""
    browser = client_of(person)
    with connection.cursor() as cursor, acting_as(system("look")):
        kept = [Interaction.objects.count(), LastContact.objects.count()]
        tables = ("reports_daycount", "reports_pulse", "reports_pulsecount")
        for table in tables:
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t"
            )
            kept.append(cursor.fetchone())
    shown = []
    for address in ("/", "/kols/", f"/kols/{keller.pk}/", "/interactions/", "/reports/territory/"):
        answer = browser.get(address, follow=True)
        html = re.sub(r'hx-headers=\S+ "\w+"|name="csrf.*?>|data-said=.*?>', "", answer.text)
        shown.append((address, answer.status_code, html))
    return kept, shown


def test_it_counts_in_no_figure(handed_over, visit, keller, novastat_hf, company, client_of):
    people = (company.mara, company.lena, company.felix, company.frieda)
    before = [figures(person, client_of, keller) for person in people]
    sent = call(keller, novastat_hf, deviation="on", deviation_words="Too early.")
    assert client_of(company.felix).post(reverse("interactions:new"), sent).status_code == 302
    with acting_as(company.mara):
        report_deviation(forbidden(Role.MSL), "I met her too early.", happened_at=AT, by=company.mara)

    for person, was in zip(people, before, strict=True):
        assert figures(person, client_of, keller) == was


def test_whoever_has_to_put_it_right_is_told_that_alone_and_says_what_was_done(
    deviation, finding, lena, clara, client_of
):
    measure = measure_for(finding, lena, clara)
    browser = client_of(lena)

    with acting_as(lena):
        assert [notice.kind for notice in Notice.objects.filter(person=lena)] == ["measure_set"]
    assert browser.get(reverse("compliance:deviation", args=[deviation.pk])).status_code == 404
    address = reverse("compliance:measure", args=[measure.pk])
    assert "Train again" in browser.get(reverse("compliance:deviations")).text
    page = browser.get(address).text
    assert "Train again" in page
    assert "too early" not in page
    assert browser.post(address, {"evidence": ""}).status_code == 200
    assert browser.post(address, {"evidence": "Trained on Monday"}).status_code == 302
    with acting_as(clara):
        done = Measure.objects.get()
        assert (done.evidence, done.done_at is not None) == ("Trained on Monday", True)
        assert Notice.objects.filter(person=clara, kind="measure_done").count() == 1


def test_the_other_side_of_the_wall_is_never_named_to_put_it_right(finding, felix, clara, client_of):
    with pytest.raises(Refused, match="R-155"):
        measure_for(finding, felix, clara)
    address = reverse("compliance:finding_measure", args=[finding.pk])
    client_of(clara).post(address, {"what": "Train", "owner": felix.pk, "due_on": "2030-01-07"})
    with acting_as(system("look")):
        assert Measure.objects.count() == 0


def test_the_desk_sets_it_on_the_page(finding, lena, clara, client_of):
    browser, address = client_of(clara), reverse("compliance:finding", args=[finding.pk])
    sent = {"what": "Train again", "owner": lena.pk, "due_on": "2030-01-07"}
    assert browser.post(f"{address}measures/", sent).status_code == 302
    assert "Train again" in browser.get(address).text


def test_a_measure_is_nobody_elses(finding, lena, mara, moritz, clara, client_of):
    measure = measure_for(finding, lena, clara)
    for person in (mara, moritz):
        assert client_of(person).get(reverse("compliance:measure", args=[measure.pk])).status_code == 404
        with acting_as(person):
            assert Measure.objects.count() == 0
        with pytest.raises((Refused, Measure.DoesNotExist)), acting_as(person):
            complete_measure(measure.pk, "Done", by=person)
    with acting_as(lena):
        assert (Measure.objects.count(), now() > AT) == (1, True)
