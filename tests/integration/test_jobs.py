"""Long work: once, batch by batch, stoppable, for its owner alone; and what it leaves."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Notice
from compliance.models import AuditEntry
from compliance.policy import Role
from jobs import work
from jobs.actions import begin_job, stop_job
from jobs.models import Job, Part
from jobs.work import Batch
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
