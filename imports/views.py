"""Handing in a file, looking at what it would do, carrying it out; and the records it left."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.http import SignedInRequest
from accounts.models import Market
from compliance.policy import Refused, Role
from imports import actions, long
from imports.forms import AuthorisationFileForm, FileForm, PeopleFileForm
from imports.models import Adoption, RegulatorRecord, Snapshot, Upload
from imports.readers import NotUnderstood
from imports.readers.text import folded
from jobs.models import Job
from msl_crm.access import MSLS, READERS, allowed
from products.models import Product

SHOWN = 200
PAGE = 50


@allowed(Role.REGULATORY, MSLS, READERS)
def import_list(request: SignedInRequest) -> HttpResponse:
    """What was handed in, newest first."""
    context = {
        "uploads": Upload.objects.visible_to(request.user).defer("content").select_related("by")[:50],
        "snapshots": Snapshot.objects.select_related("imported_by").order_by("-imported_at")[:20]
        if request.user.role not in MSLS
        else [],
        "regulatory": request.user.role == Role.REGULATORY,
        "medical": request.user.role in MSLS,
    }
    return render(request, "imports/import_list.html", context)


@allowed(Role.REGULATORY)
def authorisations_new(request: SignedInRequest) -> HttpResponse:
    """Step 1: the file."""
    form = AuthorisationFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["taken_on"]
        if upload := _keep(
            request, form, Upload.Kind.AUTHORISATIONS, {"taken_on": day.isoformat() if day else ""}
        ):
            return redirect("imports:detail", upload.pk)
    return render(
        request, "imports/upload_form.html", {"form": form, "title": _("Import a regulator's table")}
    )


@allowed(MSLS)
def people_new(request: SignedInRequest) -> HttpResponse:
    """Step 1: the list of people and their market."""
    form = PeopleFileForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        options = {"market": form.cleaned_data["market"].code}
        if upload := _keep(request, form, Upload.Kind.PEOPLE, options):
            return redirect("imports:detail", upload.pk)
    return render(
        request, "imports/upload_form.html", {"form": form, "title": _("Import KOLs"), "people": True}
    )


def _keep(
    request: SignedInRequest, form: FileForm, kind: Upload.Kind, options: dict[str, str]
) -> Upload | None:
    """Keep the file if it is understood; otherwise the form says why, and nothing was written."""
    file = form.cleaned_data["file"]
    content = file.read()
    try:
        _look(kind, content, file.name, options)
    except NotUnderstood as problem:
        form.add_error("file", problem.message)
        return None
    return actions.keep_upload(
        kind=kind, filename=file.name, content=content, by=request.user, options=options
    )


def _look(kind: str, content: bytes, filename: str, options: dict[str, str]) -> Any:
    if kind == Upload.Kind.PEOPLE:
        return actions.preview_people(content, filename)
    day = options.get("taken_on")
    return actions.preview_authorisations(
        content, filename, taken_on=date.fromisoformat(day) if day else None
    )


@allowed(Role.REGULATORY, MSLS, READERS)
def import_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Steps 2 to 4: what the file would do, row by row; then the button; then what it did."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).select_related("by"), pk=pk)
    if upload.carried_out_at is not None:
        return render(
            request, "imports/import_done.html", {"upload": upload, "counts": _spoken(upload.counts)}
        )
    try:
        preview = _look(upload.kind, bytes(upload.content), upload.filename, upload.options)
    except NotUnderstood as problem:
        messages.error(request, problem.message)
        return redirect("imports:list")
    context = {
        "upload": upload,
        "preview": preview,
        "counts": _spoken(preview.counts),
        "may_carry_out": request.user.role == Role.REGULATORY or request.user.role in MSLS,
        "shown": SHOWN,
    }
    page = (
        "imports/preview_people.html"
        if upload.kind == Upload.Kind.PEOPLE
        else "imports/preview_authorisations.html"
    )
    return render(request, page, context)


@allowed(Role.REGULATORY, MSLS)
def carrying_out(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Step 4: carry it out."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        try:
            if (job := _long(request, upload)) is not None:
                return redirect("jobs:detail", job.pk)
            _carry_out(request, upload)
        except Refused as refused:
            messages.error(request, str(refused))
        except NotUnderstood as problem:
            messages.error(request, problem.message)
    return redirect("imports:detail", upload.pk)


def _keep_both(request: SignedInRequest) -> list[int]:
    return [int(row) for row in request.POST.getlist("keep")[:1000] if row.isascii() and row.isdigit()]


def _long(request: SignedInRequest, upload: Upload) -> Job | None:
    """The job of a long list of people, once it has begun."""
    if upload.kind != Upload.Kind.PEOPLE:
        return None
    return long.begin(upload, by=request.user, keep_both=_keep_both(request))


def _carry_out(request: SignedInRequest, upload: Upload) -> None:
    if upload.kind == Upload.Kind.PEOPLE:
        market = Market.objects.get(code=upload.options["market"])
        registered, _problems = actions.import_people(
            upload, market=market, by=request.user, keep_both=_keep_both(request)
        )
        count = len(registered)
        messages.success(
            request, ngettext("%(n)d KOL registered.", "%(n)d KOLs registered.", count) % {"n": count}
        )
        return
    day = upload.options.get("taken_on")
    snapshot, preview = actions.import_authorisations(
        bytes(upload.content),
        upload.filename,
        by=request.user,
        taken_on=date.fromisoformat(day) if day else None,
    )
    if preview.known:
        messages.info(request, _("This very file was imported before. Nothing was proposed."))
    actions.finish_upload(upload, snapshot.counts if not preview.known else {"proposed": 0})


@allowed(Role.REGULATORY, MSLS, READERS)
def problem_rows(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The rows that were left out, with the reason, as a CSV to mend them."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    preview = _look(upload.kind, bytes(upload.content), upload.filename, upload.options)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rows-left-out.csv"'
    response.write("﻿")
    writer = csv.writer(response)
    writer.writerow(["row", "column", "reason"])
    problems = preview.file.problems if upload.kind == Upload.Kind.PEOPLE else preview.file.rejected
    for problem in (*problems, *preview.file.skipped):
        writer.writerow([problem.row, _safe(problem.column), _safe(problem.reason)])
    return response


def _safe(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@allowed(Role.REGULATORY, READERS)
def record_list(request: SignedInRequest) -> HttpResponse:
    """The regulators' records as they stand, to adopt what is ours."""
    records = RegulatorRecord.objects.filter(latest=True).order_by("name", "key", "id")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    for word in words.split()[:6]:
        records = records.filter(search__contains=folded(word))
    after = request.GET.get("after", "").replace("\x00", "")[:300]
    if after:
        records = records.filter(name__gte=after)
    rows = list(records.select_related("snapshot")[: PAGE + 1])
    adopted = {
        (adoption.source, adoption.key): adoption.product
        for adoption in Adoption.objects.filter(key__in=[row.key for row in rows]).select_related("product")
    }
    context = {
        "rows": [(row, adopted.get((row.source, row.key))) for row in rows[:PAGE]],
        "next": rows[PAGE].name if len(rows) > PAGE else "",
        "q": words,
        "regulatory": request.user.role == Role.REGULATORY,
    }
    return render(request, "imports/record_list.html", context)


@allowed(Role.REGULATORY, READERS)
def record_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One record as it came, and the button that makes it ours."""
    record = get_object_or_404(RegulatorRecord.objects.select_related("snapshot"), pk=pk)
    adoption = Adoption.objects.filter(source=record.source, key=record.key).select_related("product").first()
    context = {
        "record": record,
        "adoption": adoption,
        "regulatory": request.user.role == Role.REGULATORY,
        "products": Product.objects.order_by("brand", "inn", "id")[:500] if not adoption else [],
    }
    return render(request, "imports/record_detail.html", context)


@allowed(Role.REGULATORY)
def adoption(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Adopt a record: product, provisional indication, a use per market, and what it says as proposals."""
    record = get_object_or_404(RegulatorRecord.objects.select_related("snapshot"), pk=pk)
    if request.method != "POST":
        return redirect("imports:record", record.pk)
    chosen = request.POST.get("product", "")
    try:
        product = Product.objects.filter(pk=UUID(chosen)).first() if chosen else None
        product = actions.adopt_record(record, by=request.user, product=product)
    except ValueError:
        messages.error(request, _("There is no such product."))
        return redirect("imports:record", record.pk)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("imports:record", record.pk)
    messages.success(request, _("Adopted. Its indication waits to be split, its state to be confirmed."))
    return redirect("products:detail", product.pk)


COUNT_WORDS = {
    "new": gettext_noop("new"),
    "changed": gettext_noop("changed"),
    "unchanged": gettext_noop("unchanged"),
    "skipped": gettext_noop("skipped"),
    "rejected": gettext_noop("rejected"),
    "duplicates": gettext_noop("perhaps here already"),
    "status_changes": gettext_noop("changes of status"),
    "ours_changed": gettext_noop("of them ours"),
    "gone": gettext_noop("no longer listed"),
    "proposed": gettext_noop("entries proposed"),
    "registered": gettext_noop("registered"),
}


def _spoken(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"label": _(COUNT_WORDS.get(name, name)), "value": value} for name, value in counts.items()]
