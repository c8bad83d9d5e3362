"""Doing long work: one batch of one job at a time, each in one transaction, in its owner's name.

Whoever is killed in the middle has done nothing, and the next worker goes on where the last batch ended. Two
workers never hold the same job. Each app names its kinds of work with `@kind` and imports them when it is ready.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.acting import Acting, acting_as, came_from, current, now, system
from accounts.models import User
from accounts.notices import tell
from compliance import audit
from compliance.policy import Refused
from jobs.models import Job, Part

log = logging.getLogger(__name__)
VALID = timedelta(hours=24)
KEPT = timedelta(days=7)
TRIES = 3
TOLD = 200


@dataclass
class Batch:
    """What one batch has done. Without a cursor there is nothing left to do."""

    done: int = 0
    failed: int = 0
    cursor: Any = None
    content: bytes = b""
    problems: list[str] = field(default_factory=list)
    again: bool = False


Work = Callable[[Job, User], Batch]
_kinds: dict[str, Work] = {}


def kind(name: str) -> Callable[[Work], Work]:
    """Register how a kind of work does its next batch, in the name of the job's owner."""

    def register(work: Work) -> Work:
        _kinds[name] = work
        return work

    return register


def work_on_next() -> bool:
    """Do one batch of the job that has waited longest; False where there is none that nobody else holds."""
    with acting_as(system("work on jobs")):
        job = (
            Job.objects.unfinished()
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("owner", "appointment")
            .order_by("moved_at", "pk")
            .first()
        )
        if job is None:
            return False
        batch = _batch(job)
        _move_on(job, batch)
    return True


def _batch(job: Job) -> Batch | None:
    """The next batch in its owner's name, or None where the job ends without one."""
    owner = job.owner
    try:
        # Its own savepoint: what fails is undone, and that it failed is written beside it.
        with transaction.atomic(), came_from(batch=f"job {job.pk}"), acting_as(owner) as acting:
            if job.stop_at is not None or not _alive(job, acting):
                _end(job, Job.State.STOPPED)
                return None
            with translation.override(owner.language), timezone.override(owner.tz):
                return _kinds[job.kind](job, owner)
    except Refused as refused:
        _end(job, Job.State.FAILED, str(refused))
        return None
    except Exception:
        log.exception("a batch of job %s failed", job.pk)
        job.tries += 1
        if job.tries < TRIES:
            return Batch(cursor=job.cursor, again=True)
        with translation.override(owner.language):
            _end(job, Job.State.FAILED, _("Something went wrong on our side."))
        return None


def _alive(job: Job, acting: Acting) -> bool:
    """Whether its owner still holds the appointment under which it was begun (R-110)."""
    return (
        job.owner.is_active
        and acting.role == job.appointment.role
        and current().now in job.appointment.during
    )


def _end(job: Job, state: Job.State, problem: str = "") -> None:
    job.state, job.ended_at, job.cursor = state, now(), None
    if problem:
        job.problems = [*job.problems, problem][:TOLD]


def _move_on(job: Job, batch: Batch | None) -> None:
    job.moved_at = now()
    if batch is None:
        job.parts.all().delete()
    else:
        _count(job, batch)
    job.save()
    if job.over:
        audit.record("ended a job", job, by=None, state=str(job.state), done=job.done, failed=job.failed)
        if job.state != Job.State.STOPPED:
            tell(
                job.owner, "job_ended", f"job {job.pk}", url=reverse("jobs:detail", args=[job.pk]),
                title=job.title,
            )  # fmt: skip


def _count(job: Job, batch: Batch) -> None:
    job.begun_at = job.begun_at or now()
    if batch.again:
        job.state = Job.State.RUNNING
        return
    job.tries = 0
    job.state, job.cursor = Job.State.RUNNING, batch.cursor
    job.done, job.failed = job.done + batch.done, job.failed + batch.failed
    if job.total is not None:
        job.total = max(job.total, job.done + job.failed)
    job.problems = [*job.problems, *batch.problems][:TOLD]
    if batch.content:
        Part.objects.create(job=job, position=job.parts.count(), content=batch.content)
    if batch.cursor is None:
        job.state, job.ended_at, job.expires_at = Job.State.DONE, now(), now() + VALID
        job.total = job.done + job.failed


def forget_results() -> int:
    """Throw away what may not be opened any more, and jobs of last week."""
    with acting_as(system("forget results of jobs")):
        gone = Part.objects.filter(job__expires_at__lte=now()).delete()[0]
        Job.objects.filter(ended_at__lte=now() - KEPT).delete()
        return gone
