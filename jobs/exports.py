"""Lists as files: exactly what is shown, at once while it is short, as a job from 2,000 rows on (R-162).

An app names an export with its columns and its pages; both ways read the same pages. Row count, filter and hash
stand in the trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.http import SignedInRequest
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from jobs.actions import begin_job
from jobs.models import Job
from jobs.work import Batch, kind
from msl_crm import sheets

AT_ONCE = 2000
Asked = Mapping[str, Any]
Page = tuple[list[list[object]], Any]


@dataclass(frozen=True)
class Export:
    """A list that may be taken along.

    `page` returns at most so many rows in the order of the list, and where the next page begins, or None. Rows
    are reached through `visible_to` of the person who asks, in each batch anew.
    """

    name: str
    title: Callable[[], str]
    verb: str
    columns: Callable[[User, Asked], list[object]]
    page: Callable[[User, Asked, Any, int], Page]
    deed: Deed = Deed.EXPORT_OWN_LIST


_exports: dict[str, Export] = {}


def register(export: Export) -> Export:
    _exports[export.name] = export
    return export


def answer(request: SignedInRequest, export: Export, asked: Asked) -> HttpResponse:
    """The file, or the way to the job that makes it. `?format=xlsx` asks for a workbook, `?dates=iso` for ISO."""
    user = request.user
    audit_allowed(export, by=user)
    form = sheets.XLSX if request.GET.get("format") == sheets.XLSX else sheets.CSV
    iso = request.GET.get("dates") == "iso"
    rows, more = export.page(user, asked, None, AT_ONCE)
    if more is not None:
        facts = {"export": export.name, "asked": dict(asked), "format": form, "iso": iso}
        job = begin_job(
            by=user, kind="export", key=request.GET.get("job", "")[:100] or str(uuid4()), title=export.title(),
            facts=facts,
        )  # fmt: skip
        return redirect("jobs:detail", job.pk)
    parts = [_part([export.columns(user, asked), *rows], form, iso)]
    content = whole(parts, form)
    note_export(export, asked, by=user, rows=len(rows), form=form, content=content)
    return as_file(content, export.name, form)


@audit.action
def audit_allowed(export: Export, *, by: User) -> None:
    """Whether this role takes lists along at all; a refusal is in the trail."""
    audit.permit(export.deed, on=None, by=by)


def note_export(export: Export, asked: Asked, *, by: User, rows: int, form: str, content: bytes) -> None:
    """That somebody took a list along: how much, which part of it, and the hash of the very bytes."""
    audit.record(
        export.verb, by=by, rows=rows, asked={name: value for name, value in asked.items() if value}, format=form,
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def whole(parts: list[bytes], form: str) -> bytes:
    return sheets.workbook(parts) if form == sheets.XLSX else sheets.MARK + b"".join(parts)


def as_file(content: bytes, name: str, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=sheets.TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.{form}"'
    return response


def _part(rows: list[list[object]], form: str, iso: bool) -> bytes:
    return sheets.in_xlsx(rows) if form == sheets.XLSX else sheets.in_csv(rows, iso=iso)


@kind("export")
def next_batch(job: Job, owner: User) -> Batch:
    """The next 2,000 rows, in the owner's name."""
    export, asked = _exports[job.facts["export"]], job.facts["asked"]
    form, iso = job.facts["format"], job.facts["iso"]
    audit.permit(export.deed, on=None, by=owner)
    rows, more = export.page(owner, asked, job.cursor, AT_ONCE)
    head = [export.columns(owner, asked)] if job.cursor is None else []
    part = _part([*head, *rows], form, iso)
    if more is None:
        kept = [
            bytes(content) for content in job.parts.order_by("position").values_list("content", flat=True)
        ]
        content = whole([*kept, part], form)
        note_export(export, asked, by=owner, rows=job.done + len(rows), form=form, content=content)
    return Batch(done=len(rows), cursor=more, content=part)


def result_of(job: Job) -> HttpResponse:
    """The file that a finished export left."""
    parts = [bytes(content) for content in job.parts.order_by("position").values_list("content", flat=True)]
    form = job.facts["format"]
    return as_file(whole(parts, form), job.facts["export"], form)
