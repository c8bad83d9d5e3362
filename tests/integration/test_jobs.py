"""Long work: once, batch by batch, stoppable, for its owner alone; and what it leaves."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Notice
from compliance.models import AuditEntry
from compliance.policy import Role
from handovers import long
from handovers.actions import open_due_handovers
from handovers.models import Handover, HandoverStep
from imports import long as importing
from imports.actions import keep_upload
from imports.models import Upload
from jobs import exports, work
from jobs.actions import begin_job, stop_job
from jobs.models import Job, Part
from jobs.work import Batch
from kols.actions import open_relation, register_kol
from kols.models import KOL
from tests.races import at_once

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@work.kind("counting")
def count_on(job: Job, owner) -> Batch:
    """Ten at a time up to what the facts say; a kind of work for these tests."""
    at = job.cursor or 0
    if job.facts.get("break") == at:
        raise RuntimeError("made to fail")
    to = min(at + 10, job.facts["up_to"])
    line = f"{owner.given_name} {at}-{to};".encode()
    return Batch(done=to - at, cursor=to if to < job.facts["up_to"] else None, content=line)


def begin(by, *, key="k", up_to=25, **facts) -> Job:
    with acting_as(by):
        return begin_job(
            by=by, kind="counting", key=key, title="Counting", facts={"up_to": up_to, **facts}, total=up_to
        )


def seen(job: Job) -> Job:
    with acting_as(system("look")):
        return Job.objects.get(pk=job.pk)


def parts(job: Job) -> list[bytes]:
    with acting_as(system("look")):
        return [bytes(part.content) for part in Part.objects.filter(job=job).order_by("position")]


def finish() -> int:
    return sum(1 for _ in iter(work.work_on_next, False))


# How it is done ---------------------------------------------------------------------------------------------------


def test_a_job_is_done_batch_by_batch_in_its_owners_name_and_tells_her(company, mara):
    job = begin(mara)
    assert work.work_on_next()
    assert (seen(job).state, seen(job).done, seen(job).cursor) == ("RUNNING", 10, 10)

    assert finish() == 2

    assert (seen(job).state, seen(job).done, seen(job).failed) == ("DONE", 25, 0)
    assert parts(job) == [b"Mara 0-10;", b"Mara 10-20;", b"Mara 20-25;"]
    with acting_as(mara):
        assert Notice.objects.get().url == reverse("jobs:detail", args=[job.pk])
    with acting_as(system("look")):
        verbs = (
            AuditEntry.objects.filter(subject_id=job.pk).order_by("sequence").values_list("verb", flat=True)
        )
        assert list(verbs) == ["began a job", "ended a job"]


def test_begun_twice_under_one_key_it_is_one_job(company, mara, moritz):
    first, second, other = begin(mara), begin(mara), begin(moritz)

    assert first.pk == second.pk != other.pk


def test_what_breaks_off_is_undone_and_tried_again_and_after_three_times_given_up(company, mara):
    job = begin(mara, **{"break": 10})
    assert work.work_on_next()
    for number in (1, 2):
        assert work.work_on_next()
        assert (seen(job).tries, seen(job).done, seen(job).state) == (number, 10, "RUNNING")
    assert work.work_on_next()
    assert (seen(job).state, seen(job).done) == ("FAILED", 10)
    assert parts(job) == []
    assert not work.work_on_next()


def test_one_job_that_fails_does_not_hold_up_the_next(company, mara, moritz):
    begin(mara, **{"break": 0})
    fine = begin(moritz, up_to=5)
    finish()
    assert seen(fine).state == "DONE"


def test_stopping_ends_it_after_the_batch_under_way(company, mara, client_of):
    job = begin(mara)
    work.work_on_next()
    client_of(mara).post(reverse("jobs:stop", args=[job.pk]))
    assert finish() == 1
    assert (seen(job).state, seen(job).done) == ("STOPPED", 10)
    with acting_as(mara):
        stop_job(seen(job), by=mara)
        assert Notice.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_the_same_batch(company, mara):
    job = begin(mara, up_to=60)

    while any(at_once(work.work_on_next, work.work_on_next)):
        pass

    assert parts(job) == [f"Mara {n}-{n + 10};".encode() for n in range(0, 60, 10)]
    assert (seen(job).done, seen(job).state) == (60, "DONE")


@pytest.mark.django_db(transaction=True)
def test_whoever_is_killed_in_the_middle_has_done_nothing_and_the_next_goes_on(company, mara):
    job = begin(mara)
    work.work_on_next()

    @work.kind("counting")
    def die(job: Job, owner) -> Batch:
        batch = count_on(job, owner)
        Part.objects.create(job=job, position=99, content=b"half")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        _kill(pid)
        connection.ensure_connection()
        Part.objects.count()
        return batch

    try:
        with pytest.raises(Exception, match=r"closed|terminat"):
            work.work_on_next()
    finally:
        work.kind("counting")(count_on)
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE crm_web")

    assert (seen(job).done, seen(job).state) == (10, "RUNNING")
    finish()
    assert parts(job) == [b"Mara 0-10;", b"Mara 10-20;", b"Mara 20-25;"]


def _kill(pid: int) -> None:
    """End a session of the database from another one, as a crash of the machine would."""
    import psycopg2

    settings = connection.get_connection_params()
    other = psycopg2.connect(
        **{name: settings[name] for name in ("dbname", "user", "host", "port") if name in settings}
    )
    try:
        other.autocommit = True
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        other.close()


# Whose it is ------------------------------------------------------------------------------------------------------

ADDRESSES = ("jobs:detail", "jobs:result", "jobs:stop")


@pytest.mark.parametrize("name", ["felix", "frieda", "petra", "moritz", "lena", "clara", "anton"])
def test_nobody_else_finds_a_job_its_bar_or_its_result(request, company, mara, client_of, name):
    job = begin(mara)
    finish()
    browser = client_of(request.getfixturevalue(name))
    for address in ADDRESSES:
        path = reverse(address, args=[job.pk])
        answer = browser.post(path) if address.endswith("stop") else browser.get(path)
        assert answer.status_code == 404, address
    assert "Counting" not in browser.get(reverse("jobs:list")).content.decode()
    assert "Counting" in client_of(mara).get(reverse("jobs:list")).content.decode()


def test_a_strangers_job_and_none_at_all_are_the_same_page(company, mara, felix, client_of):
    job, browser = begin(mara), client_of(felix)

    def asked(pk):
        content = browser.get(reverse("jobs:detail", args=[pk])).content
        return re.sub(rb'X-CSRFToken": "[^"]+"', b"", content)

    assert asked(job.pk) == asked("00000000-0000-4000-8000-000000000000")


def test_the_database_alone_shows_jobs_and_results_to_their_owner_only(company, mara, felix, moritz):
    begin(mara)
    finish()
    for person, count in ((mara, (1, 3)), (moritz, (0, 0)), (felix, (0, 0))):
        with acting_as(person), connection.cursor() as cursor:
            cursor.execute("SELECT (SELECT count(*) FROM jobs_job), (SELECT count(*) FROM jobs_part)")
            assert cursor.fetchone() == count, person


def change_role(person, role, markets) -> None:
    with acting_as(system("set the stage")):
        held = person.appointments.get(during__contains=now())
        held.during = DateTimeTZRange(held.during.lower, now())
        held.save(update_fields=["during"])
        fresh = Appointment.objects.create(
            user=person, role=role, during=DateTimeTZRange(now(), None), recorded_at=now()
        )
        fresh.markets.set(markets)


def test_with_another_role_the_result_is_gone(company, moritz, germany, client_of):
    job = begin(moritz)
    finish()
    assert client_of(moritz).get(reverse("jobs:detail", args=[job.pk])).status_code == 200

    change_role(moritz, Role.FIELD_SERVICE, [germany])

    for address in ("jobs:detail", "jobs:result"):
        assert client_of(moritz).get(reverse(address, args=[job.pk])).status_code == 404
    assert "Counting" not in client_of(moritz).get(reverse("jobs:list")).content.decode()


def test_a_job_under_way_ends_with_the_role_and_leaves_nothing(company, moritz, germany):
    job = begin(moritz)
    work.work_on_next()
    assert len(parts(job)) == 1
    change_role(moritz, Role.FIELD_SERVICE, [germany])

    finish()

    assert (seen(job).state, seen(job).done, parts(job)) == ("STOPPED", 10, [])
    with acting_as(system("look")):
        assert Notice.objects.count() == 0


# The pages --------------------------------------------------------------------------------------------------------


def test_the_bar_is_asked_every_second_with_a_link_for_whoever_has_no_scripts(company, mara, client_of):
    job, browser = begin(mara), client_of(mara)
    work.work_on_next()
    path = reverse("jobs:detail", args=[job.pk])

    page = browser.get(path).content.decode()
    assert f'hx-get="{path}" hx-trigger="every 1s"' in page
    assert f'href="{path}"' in page
    assert "10 of 25." in page
    assert "You can leave this page." in page
    bar = browser.get(path, headers={"HX-Request": "true"}).content.decode()
    assert bar.lstrip().startswith('<div class="x-job"')
    assert "<html" not in bar

    finish()

    over = browser.get(path, headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"
    assert "hx-trigger" not in browser.get(path).content.decode()
    assert "25 done, 0 failed." in browser.get(path).content.decode()


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
