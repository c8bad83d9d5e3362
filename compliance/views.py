"""The compliance desk: search, the trail, deviations, the boundary. It reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance import audit, desk, differences, reading, trail_pages, verification
from compliance.boundary import boundary_table
from compliance.finding_actions import complete_measure
from compliance.forms import DEVICES, DoneForm, InteractionSearch, TrailSearch
from compliance.models import AuditEntry, Deviation, Finding, Hearing, Measure
from msl_crm.access import EVERYBODY, READERS, allowed


def _next(request: HttpRequest, after: str) -> str:
    if not after:
        return ""
    asked = request.GET.copy()
    asked["after"] = after
    return f"?{asked.urlencode()}"


@allowed(READERS)
def search(request: SignedInRequest) -> HttpResponse:
    """Every interaction there is, by author, KOL, product, kind and time."""
    form = InteractionSearch(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows: list[Any] = []
    after = ""
    if not form.is_bound or form.is_valid():
        found = desk.interactions(request.user, asked).select_related("author", "market")
        found = found.prefetch_related(
            "attendees__kol", "topics__use__indication__product", "topics__use__market"
        )
        rows, after = desk.page_by_time(found, "starts_at", request.GET.get("after", ""))
        if any(asked.values()):
            audit.record(
                "searched the interactions",
                by=request.user,
                filter={k: str(v) for k, v in asked.items() if v},
            )
    form.unmarked()
    context = {
        "form": form,
        "rows": rows,
        "next_url": _next(request, after),
        "open": desk.deviations(request.user, "OPEN")[:6],
        "questions": desk.questions_waiting(request.user),
    }
    return render(request, "compliance/desk.html", context)


@allowed(READERS)
def trail(request: SignedInRequest) -> HttpResponse:
    """Everything that was done, tried, or looked at, as sentences."""
    form = TrailSearch(request.GET or None)
    rows: list[AuditEntry] = []
    after = ""
    if not form.is_bound or form.is_valid():
        asked = form.cleaned_data if form.is_bound else {}
        rows, after = desk.page_of_trail(desk.trail(request.user, asked), request.GET.get("after", ""))
    form.unmarked()
    context = {
        "form": form,
        "rows": rows,
        "next_url": _next(request, after),
        "verbs": desk.verbs(),
        "result": trail_pages.in_words(verification.last_result()),
    }
    return render(request, "compliance/trail.html", context)


@allowed(READERS)
def trail_print(request: SignedInRequest) -> HttpResponse:
    """The same entries on paper, the newest of them, with the hash of what is shown. The trail notes it."""
    form = TrailSearch(request.GET)
    if not form.is_valid():
        return render(request, "compliance/trail.html", {"form": form, "rows": []}, status=400)
    extract = desk.extract_of(request.user, form.cleaned_data)
    return render(request, "compliance/trail_print.html", extract)


@allowed(READERS)
def trail_export(request: SignedInRequest) -> HttpResponse | StreamingHttpResponse:
    """The same entries as a file. The trail notes row count, filter and hash."""
    form = TrailSearch(request.GET)
    if not form.is_valid():
        return render(request, "compliance/trail.html", {"form": form, "rows": []}, status=400)
    response = StreamingHttpResponse(
        desk.export_trail(request.user, form.cleaned_data), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="trail.csv"'
    return response


@allowed(READERS)
def entry(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One entry: facts, decision then and by today's policy, and the rows as they changed."""
    found = get_object_or_404(AuditEntry.objects.visible_to(request.user), pk=pk)
    then, today = desk.then_and_now(found.act, found.decision)
    desk.name_role(found)
    if found.subject_type.startswith(("interactions.", "safety.")):
        reading.note(request.user, found, words=f"{found.subject_words}, in the trail")
    context = {
        "entry": found,
        "facts": desk.facts_in_words(found.act, request.user),
        "then": then,
        "today": today,
        "rows": differences.beside(found),
        "seal": trail_pages.seal_of(found),
        "device": dict(DEVICES).get(found.device, ""),
    }
    return render(request, "compliance/entry.html", context)


@allowed(EVERYBODY)
def deviations(request: SignedInRequest) -> HttpResponse:
    """The deviations this person may read: oversight all, a reporter her own."""
    status = request.GET.get("status", "")
    rows, after = desk.page_by_time(
        desk.deviations(request.user, status), "recorded_at", request.GET.get("after", "")
    )
    context = {
        "rows": rows,
        "to_do": Measure.objects.visible_to(request.user).open().filter(owner=request.user),
        "hearings": Hearing.objects.visible_to(request.user).filter(person=request.user, outcome_at=None),
        "status": status,
        "statuses": Deviation.Status.choices,
        "next_url": _next(request, after),
    }
    return render(request, "compliance/deviations.html", context)


@allowed(EVERYBODY)
def deviation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One deviation with its facts. What comes of it is led as a finding, which oversight reads."""
    found = get_object_or_404(desk.deviations(request.user), pk=pk)
    reading.note(request.user, found)
    then, today = desk.then_and_now(found.act, found.decision)
    context = {
        "deviation": found,
        "finding": Finding.objects.visible_to(request.user).filter(deviation=found).first(),
        "facts": desk.facts_in_words(found.act, request.user),
        "then": then,
        "today": today,
    }
    return render(request, "compliance/deviation.html", context)


@allowed(EVERYBODY)
def measure(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What is one's own to put right after a deviation; the owner says here what was done."""
    found = get_object_or_404(
        Measure.objects.visible_to(request.user).select_related("owner", "set_by"), pk=pk
    )
    own = found.owner_id == request.user.pk
    form = DoneForm(request.POST or None)
    if request.method == "POST" and own and form.is_valid():
        complete_measure(found.pk, form.cleaned_data["evidence"], by=request.user)
        messages.success(request, _("Compliance is told that it is done."))
        return redirect("compliance:deviations")
    context = {"measure": found, "form": form, "own": own}
    return render(request, "compliance/measure.html", context)


@allowed(EVERYBODY)
def boundary(request: SignedInRequest) -> HttpResponse:
    """Who may do what, from the very table that decides."""
    return render(request, "compliance/boundary.html", boundary_table(request.GET))
