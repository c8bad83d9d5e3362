"""The explorer of the trail: what was and what is in plain language, a record's own trail, and the check as a job."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.acting import acting_as, system
from compliance import audit
from compliance.differences import beside
from compliance.models import AuditEntry
from jobs import work
from jobs.models import Job
from kols.actions import edit_kol
from kols.models import KOL
from tests.integration.forgeries import FORGERIES, forge

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.chain_stage"]
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def last(**wanted) -> AuditEntry:
    with acting_as(system("look")):
        return AuditEntry.objects.filter(**wanted).order_by("-sequence")[0]


def text_of(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def entries_of(response) -> str:
    """The page without the verbs that may be chosen."""
    return re.sub(r"<datalist.*?</datalist>", "", text_of(response))


def test_an_entry_shows_what_was_and_what_is_by_the_names_of_the_product(sealed, keller, client_of, clara):
    text = text_of(client_of(clara).get(f"/compliance/trail/{last(verb='edited').pk}/"))
    assert "KOL changed" in text
    assert '<dt>professional phone</dt><dd><span class="x-meta">is</span> <ins>+49 40 1</ins></dd>' in text


def test_a_record_has_its_own_trail_with_changes_that_no_event_tells_of(
    sealed, keller, client_of, clara, felix
):
    with acting_as(system("a correction of the data"), at=AT):
        KOL.objects.filter(pk=keller.pk).update(specialty="Nephrology")
    browser = client_of(clara)
    address = f"/compliance/trail/of/{keller.pk}/"
    assert f'href="{address}"' in text_of(browser.get(f"/kols/{keller.pk}/"))
    text = text_of(browser.get(address))
    assert "Changed without an event" in text
    assert "system: a correction of the data" in text
    assert "<del>Cardiology</del>" in text and "<ins>Nephrology</ins>" in text  # noqa: PT018
    assert "Mara Lindqvist registered Prof. Dr. Miriam Keller" in text
    assert browser.get("/compliance/trail/of/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert client_of(felix).get(address).status_code == 404


def test_the_trail_of_a_record_is_beside_it_for_oversight_alone(keller, relation, client_of, mara):
    assert "/compliance/trail/of/" not in text_of(client_of(mara).get(f"/kols/{keller.pk}/"))


def test_reading_the_trail_of_a_visit_is_an_event(visit, client_of, clara):
    client_of(clara).get(f"/compliance/trail/of/{visit.pk}/")
    assert last(verb="read").subject_id == visit.pk


def test_the_trail_is_filtered_by_device_and_record(sealed, keller, client_of, clara, mara):
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile Safari"
    browser = client_of(clara)
    client_of(mara).get("/kols/", {"q": "Keller"}, headers={"user-agent": phone})
    text = entries_of(browser.get("/compliance/trail/", {"device": "phone"}))
    assert "searched for people" in text
    assert "registered" not in text
    text = entries_of(browser.get("/compliance/trail/", {"record": str(keller.pk)}))
    assert "registered" in text
    assert "searched for people" not in text


def test_the_check_runs_as_a_job_with_progress_and_its_result_is_an_event(
    sealed, client_of, clara, monkeypatch
):
    browser = client_of(clara)
    assert "Not checked yet." in text_of(browser.get("/compliance/trail/"))
    answer = browser.post("/compliance/trail/verification/", {"key": "a"})
    assert answer.status_code == 302
    assert browser.post("/compliance/trail/verification/", {"key": "a"}).url == answer.url
    total = sealed
    monkeypatch.setattr("compliance.verification.AT_ONCE", total // 2)
    work.work_on_next()
    with acting_as(clara):
        job = Job.objects.get(owner=clara)
    assert (job.state, job.done, job.total) == ("RUNNING", total // 2, total)
    while work.work_on_next():
        pass
    with acting_as(clara):
        job.refresh_from_db()
    assert (job.state, job.done, job.problems) == ("DONE", total, [])
    entry = last(verb="verified the trail")
    assert (entry.actor, entry.facts["unbroken"], entry.facts["count"]) == (str(clara.pk), True, total)
    assert entry.batch == f"job {job.pk}"
    assert "Unbroken" in text_of(browser.get("/compliance/trail/"))
    assert entry.facts["head"] in text_of(browser.get("/compliance/trail/verification/"))


@pytest.mark.parametrize("name", ["a row was otherwise", "an entry was put in", "the tail is cut off"])
def test_the_job_finds_what_the_command_finds(sealed, name, client_of, clara, monkeypatch):
    """Checked in batches of seven, whatever was done to it before the check began."""
    *statements, found = FORGERIES[name]
    browser = client_of(clara)
    forge(*statements)
    monkeypatch.setattr("compliance.verification.AT_ONCE", 7)
    browser.post("/compliance/trail/verification/", {"key": "a"})
    while work.work_on_next():
        pass
    with acting_as(clara):
        job = Job.objects.get(owner=clara)
    assert found in [problem.partition(": ")[2] for problem in job.problems]
    assert "Broken at entry" in text_of(browser.get("/compliance/trail/verification/"))


def test_a_check_can_be_stopped(sealed, client_of, clara, monkeypatch):
    browser = client_of(clara)
    address = browser.post("/compliance/trail/verification/", {"key": "a"}).url
    monkeypatch.setattr("compliance.verification.AT_ONCE", 7)
    work.work_on_next()
    assert "Stop" in text_of(browser.get(address))
    browser.post(f"{address}stop/")
    work.work_on_next()
    with acting_as(clara):
        assert Job.objects.get(owner=clara).state == "STOPPED"
    assert last(verb="stopped a job").actor == str(clara.pk)


# Where an entry came from --------------------------------------------------------------------------


def test_an_entry_says_where_it_came_from_and_no_more_than_needed(keller, mara, client_of):
    browser = client_of(mara)
    browser.post(
        f"/kols/{keller.pk}/edit/", {}, headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/1"}
    )
    browser.get("/kols/", {"q": "Kel"}, REMOTE_ADDR="192.0.2.7", headers={
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/1", "Idempotency-Key": "abc"})  # fmt: skip
    entry = last(verb="searched for people")
    assert (entry.address, entry.device, entry.zone, entry.batch) == (
        "192.0.2.7",
        "computer",
        mara.time_zone,
        "abc",
    )
    assert len(entry.session) == 16
    assert browser.session.session_key not in (entry.session, str(entry.facts))
    assert entry.software.startswith("1.0+")
    assert entry.transaction is not None
    assert abs((entry.recorded_at - entry.at).total_seconds()) < 60


def test_what_a_job_or_the_product_does_carries_no_request(company):
    with acting_as(system("a job")):
        audit.record("did", by=None)
    entry = last(verb="did")
    assert (entry.actor, entry.session, entry.address, entry.device) == ("system: a job", "", "", "")
    assert entry.software.startswith("1.0+")


def test_a_search_for_people_is_an_event_that_oversight_alone_reads(keller, client_of, mara, felix, clara):
    client_of(mara).get("/search/", {"q": "Keller"})
    client_of(felix).get("/kols/", {"q": "Keller"})
    assert [
        (entry.actor_name, entry.facts["sought"], entry.facts["where"])
        for entry in (last(actor=str(mara.pk)), last(actor=str(felix.pk)))
    ] == [("Mara Lindqvist", "Keller", "search"), ("Felix Brandt", "Keller", "list")]
    for person, sees in ((mara, 0), (felix, 0), (clara, 2)):
        with acting_as(person):
            assert AuditEntry.objects.filter(verb="searched for people").count() == sees


def test_too_many_wrong_passwords_are_an_event(mara, client):
    for _ in range(6):
        client.post("/account/login/", {"login": mara.email, "password": "wrong"})
    entry = last(verb="locked the account of")
    assert (entry.address, entry.subject_id, entry.actor) == ("127.0.0.1", mara.pk, "system: sign-in")


def test_edits_are_found_by_their_transaction(keller, mara, clara):
    for number in (1, 2):
        with acting_as(mara, at=AT + timedelta(hours=number)):
            edit_kol(keller, by=mara, phone=str(number))
    with acting_as(clara):
        changes = [
            change["changes"] for change in beside(last(verb="edited")) if change["table"] == "kols_kol"
        ]
    (phone,) = [[one for one in change if one["field"] == "professional phone"] for change in changes]
    assert [(one["before"], one["after"]) for one in phone] == [("1", "2")]
