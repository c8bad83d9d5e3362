"""Beginning and stopping long work."""

from __future__ import annotations

from typing import Any

from accounts.acting import now
from accounts.models import User
from compliance import audit
from jobs.models import Job


@audit.action
def begin_job(
    *, by: User, kind: str, key: str, title: str, facts: dict[str, Any], total: int | None = None
) -> Job:
    """Put long work into the queue. Begun again under the same key, it is the same job."""
    known = Job.objects.visible_to(by).filter(key=key).first()
    if known is not None:
        return known
    job = Job.objects.create(
        owner=by, appointment=by.appointments.get(during__contains=now()), kind=kind, key=key[:100],
        title=title[:200], facts=facts, total=total, created_at=now(), moved_at=now(),
    )  # fmt: skip
    audit.record("began a job", job, by=by, kind=kind)
    return job


@audit.action
def stop_job(job: Job, *, by: User) -> None:
    """Ask that nothing more is done of it. The batch under way ends first; what is done stays done."""
    if Job.objects.unfinished().filter(pk=job.pk, owner=by, stop_at=None).update(stop_at=now()):
        audit.record("stopped a job", job, by=by)
