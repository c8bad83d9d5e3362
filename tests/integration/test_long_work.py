"""What is done as jobs: long exports, many handovers, long lists of people."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry
from handovers import long
from handovers.actions import open_due_handovers
from handovers.models import Handover, HandoverStep
from imports import long as importing
from imports.actions import keep_upload
from imports.models import Upload
from jobs import exports, work
from jobs.models import Job, Part
from kols.actions import open_relation, register_kol
from kols.models import KOL

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def finish() -> int:
    """Work until nothing is left; the number of batches."""
    return sum(1 for _ in iter(work.work_on_next, False))


# Exports ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(relation, mara, germany, novastat_hf, monkeypatch):
    """Seven experts of Mara's, and pages of three."""
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    with acting_as(mara):
        for number in range(6):
            kol = register_kol(by=mara, family_name=f"Adler {number}", given_name="=1+1", main_market=germany)
            open_relation(kol, novastat_hf, by=mara)
    return relation


def start(browser, **query) -> str:
    answer = browser.get(reverse("kols:export"), query)
    assert answer.status_code == 302
    return answer["Location"]


def result(browser, page: str) -> bytes:
    answer = browser.get(f"{page}result/")
    assert answer.status_code == 200
    return answer.content


def lines(content: bytes, delimiter: str = ",") -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))


def test_a_long_list_becomes_a_job_whose_file_is_that_of_the_short_way(
    many, mara, clara, client_of, monkeypatch
):
    browser = client_of(mara)
    page = start(browser)
    assert finish() == 3
    content = result(browser, page)

    monkeypatch.setattr(exports, "AT_ONCE", 2000)
    assert content == browser.get(reverse("kols:export")).content
    assert [row[0] for row in lines(content)] == [
        "Name", *(f"'=1+1 Adler {number}" for number in range(6)), "Prof. Dr. Miriam Keller",
    ]  # fmt: skip
    with acting_as(clara):
        entries = AuditEntry.objects.visible_to(clara).filter(verb="exported the list of experts")
        for entry in entries:
            facts = entry.facts
            assert (facts["rows"], facts["sha256"]) == (7, hashlib.sha256(content).hexdigest())
            assert facts["asked"] == {"view": "mine"}
        assert len(entries) == 2


def test_a_workbook_holds_the_same_rows(many, mara, client_of):
    browser = client_of(mara)
    page = start(browser, format="xlsx")
    finish()
    answer = browser.get(f"{page}result/")

    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    names = [row[0] for row in load_workbook(io.BytesIO(answer.content)).active.values]
    assert names == ["Name", *(f"=1+1 Adler {number}" for number in range(6)), "Prof. Dr. Miriam Keller"]


def test_a_german_list_opens_in_a_german_spreadsheet(many, mara, client_of):
    with acting_as(mara):
        mara.language = "de"
        mara.save(update_fields=["language"])
    browser = client_of(mara)
    page = start(browser)
    finish()

    assert lines(result(browser, page), ";")[0][:3] == ["Name", "Fachgebiet", "Ort"]


def test_a_filter_holds_for_every_batch_and_is_told_in_the_trail(many, mara, clara, client_of):
    browser = client_of(mara)
    page = start(browser, q="adler")
    finish()

    assert len(lines(result(browser, page))) == 7
    with acting_as(clara):
        entry = AuditEntry.objects.visible_to(clara).get(verb="exported the list of experts")
    assert (entry.facts["rows"], entry.facts["asked"]) == (6, {"view": "mine", "q": "adler"})


def test_the_file_is_kept_for_a_day(many, mara, client_of):
    browser = client_of(mara)
    page = start(browser)
    finish()
    assert result(browser, page) == result(browser, page)
    with acting_as(system("set the stage")):
        Job.objects.update(expires_at=now() - timedelta(seconds=1))

    assert browser.get(f"{page}result/").status_code == 404
    assert "The file is gone" in browser.get(page).content.decode()
    assert work.forget_results() == 3
    with acting_as(system("look")):
        assert Part.objects.count() == 0


def test_oversight_begins_no_export_and_a_visitor_is_sent_to_sign_in(many, clara, client_of):
    assert client_of(clara).get(reverse("kols:export")).status_code == 409
    with acting_as(system("look")):
        assert Job.objects.count() == 0
        assert AuditEntry.objects.filter(refused=True, actor=str(clara.pk)).count() == 1
    assert Client().get(reverse("jobs:list")).status_code == 302


def test_a_rep_exports_her_accounts_and_no_column_of_medical(handed_over, felix, client_of):
    head, row = lines(client_of(felix).get(reverse("kols:export")).content)

    assert head == ["Name", "Specialty", "Place", "City", "Product", "Owner"]
    assert row[0] == "Prof. Dr. Miriam Keller"


def test_visits_are_exported_as_they_are_listed(visit, mara, moritz, felix, client_of):
    head, row = lines(client_of(mara).get(reverse("interactions:export")).content)

    assert head == ["Start", "End", "With", "Kind", "How", "Topics", "State"]
    assert row[2:6] == ["Prof. Dr. Miriam Keller", "Visit", "In person", "Novastat, asked"]
    for person in (moritz, felix):
        assert len(lines(client_of(person).get(reverse("interactions:export")).content)) == 1
    stolen = client_of(felix).get(reverse("interactions:export"), {"author": str(mara.pk)})
    assert len(lines(stolen.content)) == 1


# Many handovers ---------------------------------------------------------------------------------------------------


@pytest.fixture
def due(many, novastat_hf, authorise, monkeypatch):
    """Seven handovers that Mara has to prepare; more than two become a job, done two at a time."""
    monkeypatch.setattr(long, "AT_ONCE", 2)
    monkeypatch.setattr(long, "IN_A_BATCH", 2)
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        return list(Handover.objects.order_by("pk"))


def prepare(browser, rows, *, batch="5b0f5a0e-8f0a-4d7e-9c54-3a0b8f2b7d11", password="correct horse battery"):
    sent = {
        "item": [str(row.pk) for row in rows], "batch": batch, "password": password, "previewed": "on",
        "drafts": "on", **{f"version-{row.pk}": str(row.version) for row in rows},
    }  # fmt: skip
    return browser.post(reverse("handovers:preparation"), sent)


def states() -> list[str]:
    with acting_as(system("look")):
        return sorted(Handover.objects.values_list("state", flat=True))


def test_many_handovers_are_prepared_as_a_job_once_however_often_it_is_sent(due, mara, client_of):
    browser = client_of(mara)
    first, second = prepare(browser, due), prepare(browser, due)
    assert first["Location"] == second["Location"]
    assert states() == ["DUE"] * 7
    assert "Preparing 7 handovers" in browser.get(first["Location"]).content.decode()

    assert finish() == 4

    assert states() == ["PREPARED"] * 7
    with acting_as(system("look")):
        job = Job.objects.get()
        steps = HandoverStep.objects.filter(transition="T-02")
        assert {(str(step.batch), step.manifest_hash) for step in steps} == {
            (job.facts["batch"], job.facts["manifest"])
        }
    assert (job.done, job.failed, job.state) == (7, 0, "DONE")
    assert prepare(browser, due).status_code == 302
    assert states() == ["PREPARED"] * 7


def test_what_is_refused_stops_nothing_and_is_told_by_name(due, mara, client_of):
    with acting_as(system("set the stage")):
        Handover.objects.filter(pk=due[3].pk).update(version=due[3].version + 1)
    browser = client_of(mara)
    where = prepare(browser, due)["Location"]
    finish()

    assert states() == ["DUE"] + ["PREPARED"] * 6
    page = browser.get(where).content.decode()
    assert "6 done, 1 failed." in page
    with acting_as(system("look")):
        assert str(Handover.objects.select_related("relation__kol").get(pk=due[3].pk).relation.kol) in page


def test_a_wrong_password_begins_no_job(due, mara, client_of):
    assert prepare(client_of(mara), due, password="wrong").status_code == 422
    with acting_as(system("look")):
        assert Job.objects.count() == 0


def test_stopping_leaves_the_rest_as_it_was(due, mara, client_of):
    browser = client_of(mara)
    where = prepare(browser, due)["Location"]
    work.work_on_next()
    browser.post(f"{where}stop/")
    finish()

    assert states() == ["DUE"] * 5 + ["PREPARED"] * 2


def test_a_rep_learns_nothing_of_a_batch_of_medical(due, mara, felix, client_of):
    def seen():
        return [
            client_of(felix).get(path).content.partition(b"<main")[2]
            for path in (reverse("jobs:list"), reverse("accounts:notices"))
        ]

    before = seen()
    prepare(client_of(mara), due[:3])
    work.work_on_next()

    assert seen() == before


# A long list of people --------------------------------------------------------------------------------------------


def people(count: int) -> bytes:
    lines = [
        f"Dr.;Anna;Birke {number:03};Cardiology;Klinikum am Deich;Bremen;HB;DE" for number in range(count)
    ]
    return "\n".join(
        ["title;given name;family name;specialty;institution;city;region;country", *lines]
    ).encode()


@pytest.fixture
def upload(company, mara, monkeypatch):
    """A list of seven people; more than two become a job, done three at a time."""
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    monkeypatch.setattr(importing, "IN_A_BATCH", 3)
    with acting_as(mara):
        return keep_upload(
            kind=Upload.Kind.PEOPLE,
            filename="people.csv",
            content=people(7),
            by=mara,
            options={"market": "DE"},
        )


def registered() -> list[str]:
    with acting_as(system("look")):
        return list(KOL.objects.filter(family_name__startswith="Birke").values_list("family_name", flat=True))


def carry_out(browser, upload) -> str:
    return browser.post(reverse("imports:carrying_out", args=[upload.pk]))["Location"]


def test_a_long_list_of_people_is_registered_once_as_a_job(upload, mara, client_of):
    browser = client_of(mara)
    assert carry_out(browser, upload) == carry_out(browser, upload)
    assert registered() == []

    assert finish() == 3

    assert registered() == [f"Birke {number:03}" for number in range(7)]
    with acting_as(mara):
        done = Upload.objects.get()
        assert (done.counts["registered"], done.carried_out_at is not None) == (7, True)
    assert carry_out(browser, upload) == reverse("imports:detail", args=[upload.pk])
    finish()
    assert len(registered()) == 7


def test_a_list_that_was_stopped_goes_on_without_registering_anybody_twice(upload, mara, client_of):
    browser = client_of(mara)
    where = carry_out(browser, upload)
    work.work_on_next()
    browser.post(f"{where}stop/")
    finish()
    assert len(registered()) == 3

    again = carry_out(browser, upload)
    assert again != where
    finish()

    assert sorted(registered()) == [f"Birke {number:03}" for number in range(7)]
