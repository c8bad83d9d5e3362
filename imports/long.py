"""A long list of people is registered as a job, batch by batch; a short one while the page waits."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Market, User
from imports import actions
from imports.models import Upload
from jobs.actions import begin_job
from jobs.models import Job
from jobs.work import Batch, kind

AT_ONCE = 200
"""Up to so many are registered while the page waits."""
IN_A_BATCH = 200


def begin(upload: Upload, *, by: User, keep_both: Iterable[int]) -> Job | None:
    """The job that registers a long list, or None where the list is short. Asked twice it is the same job."""
    if upload.carried_out_at is not None:
        return None
    preview = actions.preview_people(bytes(upload.content), upload.filename)
    rows = [row.row for row in actions.chosen(preview, keep_both)]
    if len(rows) <= AT_ONCE:
        return None
    # A list that was stopped may be begun again: whoever is registered by then is known by name.
    tried = Job.objects.visible_to(by).filter(key__startswith=f"import {upload.pk}", ended_at__isnull=False)
    facts = {
        "upload": str(upload.pk),
        "rows": rows,
        "counts": preview.counts,
        "next_url": reverse("imports:detail", args=[upload.pk]),
    }
    title = _("Importing %(file)s") % {"file": upload.filename}
    return begin_job(
        by=by,
        kind="import",
        key=f"import {upload.pk} {tried.count()}",
        title=title,
        facts=facts,
        total=len(rows),
    )


@kind("import")
def next_batch(job: Job, owner: User) -> Batch:
    """The next two hundred rows of the list, in the owner's name."""
    rows, at = job.facts["rows"], job.cursor or 0
    upload = Upload.objects.visible_to(owner).get(pk=job.facts["upload"])
    following = at + IN_A_BATCH
    last = following >= len(rows)
    part = rows[at:following]
    done, problems = actions.import_some(
        upload, part, market=Market.objects.get(code=upload.options["market"]), by=owner,
        counts={**job.facts["counts"], "registered": job.done} if last else None,
    )  # fmt: skip
    return Batch(
        done=done,
        failed=len(part) - done,
        cursor=None if last else following,
        problems=[_("Row %(n)s: %(why)s") % {"n": one.row, "why": one.reason} for one in problems],
    )
