"""One's own long work: how far it is, stopping it, opening what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from jobs import exports
from jobs.actions import stop_job
from jobs.models import Job
from msl_crm.access import EVERYBODY, allowed

SHOWN = 50


@allowed(EVERYBODY)
def job_list(request: SignedInRequest) -> HttpResponse:
    """What was begun lately, newest first."""
    rows = Job.objects.visible_to(request.user)[:SHOWN]
    return render(request, "jobs/job_list.html", {"rows": [described(job) for job in rows]})


@allowed(EVERYBODY)
def job_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How far it is. Asked by htmx, the bar alone; it stops asking when there is nothing more to tell."""
    job = _own(request, pk)
    context = {"job": job, "view": described(job), "csrf_token": get_token(request)}
    if request.headers.get("HX-Request") == "true" and job.over:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    template = "jobs/_bar.html" if request.headers.get("HX-Request") == "true" else "jobs/job_detail.html"
    return render(request, template, context)


@require_POST
@allowed(EVERYBODY)
def job_stop(request: SignedInRequest, pk: UUID) -> HttpResponse:
    stop_job(_own(request, pk), by=request.user)
    messages.success(request, _("It stops after what is under way."))
    return redirect("jobs:detail", pk)


@allowed(EVERYBODY)
def job_result(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The file, for as long as it is kept."""
    job = _own(request, pk)
    if job.kind != "export" or not job.valid(now()):
        raise Http404
    return exports.result_of(job)


def _own(request: SignedInRequest, pk: UUID) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user), pk=pk)


def described(job: Job) -> dict[str, Any]:
    """A job in words: how far, how fast, how long still."""
    over = job.over
    return {
        "job": job,
        "bar": {
            "title": job.title,
            "text": _sentence(job),
            "done": job.done + job.failed,
            "total": job.total or (job.done + job.failed if over else 0),
            "icon": "check" if job.state == Job.State.DONE else "refresh",
        },
        "poll_url": "" if over else reverse("jobs:detail", args=[job.pk]),
        "refresh_url": "" if over else reverse("jobs:detail", args=[job.pk]),
        "stop_url": "" if over or job.stop_at else reverse("jobs:stop", args=[job.pk]),
        "result_url": reverse("jobs:result", args=[job.pk])
        if job.kind == "export" and job.valid(now())
        else "",
        "next_url": job.facts.get("next_url", "") if over else "",
    }


def _sentence(job: Job) -> str:
    state = Job.State
    if job.state == state.WAITING:
        return _("Begins in a moment. You can leave this page.")
    count = job.done + job.failed
    if job.state == state.RUNNING:
        return " ".join([_counted(job, count), _speed(job, count), _("You can leave this page.")]).replace(
            "  ", " "
        )
    if job.state == state.DONE:
        failed = ngettext("%(n)d failed", "%(n)d failed", job.failed) % {"n": job.failed}
        return _("%(done)s done, %(failed)s.") % {"done": f"{job.done:,}", "failed": failed}
    if job.state == state.STOPPED:
        return _("Stopped after %(done)s.") % {"done": f"{count:,}"}
    return _("Ended after %(done)s. Nothing of the last step was done.") % {"done": f"{count:,}"}


def _counted(job: Job, count: int) -> str:
    if job.total:
        return _("%(done)s of %(total)s.") % {"done": f"{count:,}", "total": f"{job.total:,}"}
    return ngettext("%(n)s so far.", "%(n)s so far.", count) % {"n": f"{count:,}"}


def _speed(job: Job, count: int) -> str:
    rate = job.rate()
    if rate <= 0:
        return ""
    said = _("%(rate)s a second.") % {"rate": f"{rate:,.0f}" if rate >= 1 else f"{rate:.1f}"}
    if job.total and job.total > count:
        left = max(1, round((job.total - count) / rate))
        said += " " + ngettext("About %(n)s second left.", "About %(n)s seconds left.", left) % {
            "n": f"{left:,}"
        }
    return said
