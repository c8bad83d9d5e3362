"""Inspector mode: twenty questions, each answered, taken along with a fingerprint anybody can recompute, and on record."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance.models import AuditEntry
from reviews.questions import by_number
from tests.integration.review_words import WEDNESDAY, entry

pytestmark = pytest.mark.django_db
pytest_plugins = [
    "tests.integration.kol_stage",
    "tests.integration.review_stage",
    "tests.integration.everybody",
    "tests.integration.material_stage",
]


def page(number: int, **asked: str) -> str:
    from urllib.parse import urlencode

    return f"{reverse('reviews:question', args=[number])}?{urlencode(asked)}"


@pytest.fixture
def stage(everybody, handed_over, visit, keller, deviation, sample, novastat_hf):
    """Professor Keller handed over, a visit, a deviation, a sample."""
    return everybody


def test_all_twenty_are_answered_and_every_answer_leads_on(stage, client_of):
    browser = client_of(stage.ada)
    assert sorted(by_number()) == list(range(1, 21))
    listed = browser.get(reverse("reviews:questions")).text
    for number, question in by_number().items():
        assert str(question.words) in listed or number == 5
        answer = browser.get(page(number))
        assert answer.status_code == 200, number
        for _text, url in answer.context["links"]:
            assert browser.get(url).status_code == 200, (number, url)
        for row in answer.context["answer"].rows[:3]:
            assert not row.url or browser.get(row.url).status_code == 200, (number, row)


def test_an_extract_says_filter_time_and_fingerprint_and_anybody_recomputes_it(stage, keller, client_of):
    browser = client_of(stage.ada)
    asked = {"kol": "Keller"}
    taken = json.loads(browser.get(page(3, **asked, format="json")).content)
    text = json.dumps(taken["content"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert sha256(text.encode()).hexdigest() == taken["sha256"]
    assert (taken["content"]["filter"], taken["by"], taken["made"][-1]) == (
        {"kol": "Keller"},
        "Ada Also",
        "Z",
    )
    assert len(taken["content"]["rows"]) > 2
    lines = list(csv.reader(io.StringIO(browser.get(page(3, **asked, format="csv")).text)))
    assert ["sha256", taken["sha256"]] in lines
    assert taken["sha256"] in browser.get(page(3, **asked, format="print")).text
    with acting_as(system("look")):
        found = AuditEntry.objects.filter(verb="took an extract", actor=str(stage.ada.pk))
        assert {one.facts["sha256"] for one in found} == {taken["sha256"]}


def test_a_change_of_one_word_changes_the_fingerprint(stage, mara, novastat_hf, client_of):
    browser = client_of(stage.ada)
    first = json.loads(browser.get(page(4, format="json")).content)["sha256"]
    entry(mara, novastat_hf, WEDNESDAY + timedelta(days=70))
    assert json.loads(browser.get(page(4, format="json")).content)["sha256"] != first


def test_the_wall_is_shown_by_asking_in_the_name_of_sales(stage, client_of):
    """Three numbers for each of them: in the product, in the database, of everything; all nought though ten are there."""
    rows = client_of(stage.ada).get(page(5, format="json")).json()["content"]["rows"]
    assert {row[0] for row in rows} >= {"Felix Brandt", "Frieda Kern", "Petra Vogt"}
    assert {tuple(row[2:]) for row in rows} == {("10", "0", "0", "0")}


def test_an_auditor_changes_nothing_and_everything_she_opens_is_in_the_trail(
    stage, sample, finding, client_of
):
    browser = client_of(stage.ada)
    for address in (reverse("reviews:draw_new"), reverse("compliance:finding_measure", args=[finding.pk])):
        assert browser.post(address, {"x": "y"}).status_code == 404
    opened = [reverse("kols:list"), reverse("reviews:draw", args=[sample.pk]), page(7).rstrip("?")]
    for address in opened:
        assert browser.get(address).status_code == 200
    browser.post(
        reverse("compliance:finding", args=[finding.pk]), {"step": "TRIAGE", "words": "x", "grade": "MINOR"}
    )
    with acting_as(system("look")):
        told = AuditEntry.objects.filter(verb="was shown a page", actor=str(stage.ada.pk))
        assert set(opened) <= set(told.values_list("subject_words", flat=True))
        finding.refresh_from_db()
        assert finding.status == "OPEN"


def test_trends_count_by_rule_and_month_and_name_people_only_where_it_is_allowed(
    stage, finding, germany, clara, client_of
):
    browser, address = client_of(clara), reverse("reviews:trends")
    shown = browser.get(address)
    rules = {row["rule"]: row["counts"][-1] for row in shown.context["findings"]}
    assert rules == dict.fromkeys(finding.rules, 1)
    assert shown.context["people"] == []
    with acting_as(system("allow it")):
        type(germany).objects.filter(pk=germany.pk).update(staff_names_in_comparisons=True)
    assert [(person.name, count) for person, count in browser.get(address).context["people"]] == [
        ("Mara Lindqvist", 1)
    ]


def test_observations_are_planned_for_every_msl_and_recorded_once(stage, germany, clara, client_of):
    browser = client_of(clara)
    sent = {"market": germany.pk, "kind": "VISIT", "year": "2027", "times": "2"}
    assert browser.post(reverse("reviews:observation_plan"), sent).status_code == 302
    rows = browser.get(reverse("reviews:observations")).context["rows"]
    assert [(row.person.name, f"{row.planned_on}") for row in rows] == [
        (name, day) for day in ("2027-06-30", "2027-12-31") for name in ("Moritz Behrens", "Mara Lindqvist")
    ]
    address = reverse("reviews:observation", args=[rows[0].pk])
    assert browser.post(address, {"words": "An old slide was shown.", "found": ""}).status_code == 302
    page_ = browser.get(address)
    assert (page_.context["row"].result, page_.context["may"]) == ("FINDING", False)
    assert (
        browser.get(reverse("compliance:finding", args=[page_.context["row"].finding_id])).status_code == 200
    )


def test_an_auditor_is_let_in_for_ninety_days_at_most(stage, as_owner):
    with acting_as(system("look")) as acting:
        post = stage.ada.appointments.get()
        assert post.during.upper == acting.now + timedelta(days=90)
        post.during = type(post.during)(post.during.lower, None)
        post.save()
        post.refresh_from_db()
        assert post.during.upper == acting.now + timedelta(days=90)
