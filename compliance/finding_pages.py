"""Findings: the list, one of them with its next step, and the hearing of the person it is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance import desk, finding_actions, reading
from compliance.finding_clock import overdue
from compliance.finding_forms import HearForm, MeasureForm, StatementForm, StepForm
from compliance.models import Finding, Hearing
from compliance.policy import Refused, Role
from msl_crm.access import EVERYBODY, READERS, allowed


def listed(request: SignedInRequest) -> QuerySet[Finding]:
    """The findings a reader asked for: one state, one weight, one rule, or those not closed."""
    rows = Finding.objects.visible_to(request.user).select_related("market", "subject", "investigator")
    status, grade, rule = (request.GET.get(name, "") for name in ("status", "grade", "rule"))
    if status in Finding.Status.values:
        rows = rows.filter(status=status)
    elif status != "all":
        rows = rows.exclude(status=Finding.Status.CLOSED)
    if grade in Finding.Grade.values:
        rows = rows.filter(grade=grade)
    if rule:
        rows = rows.filter(rules__contains=[rule[:20].upper()])
    return rows.prefetch_related("measures").order_by("-opened_at", "-id")


@allowed(READERS)
def findings(request: SignedInRequest) -> HttpResponse:
    """What was found and where each stands, with the day its next step is due."""
    rows, after = desk.page_by_time(listed(request), "opened_at", request.GET.get("after", ""))
    for row in rows:
        row.late = bool(overdue(row, now()))
    asked = request.GET.copy()
    asked["after"] = after
    context = {
        "rows": rows,
        "status": request.GET.get("status", ""),
        "statuses": [("", _("Not closed")), ("all", _("All")), *Finding.Status.choices],
        "next_url": f"?{asked.urlencode()}" if after else "",
    }
    return render(request, "compliance/findings.html", context)


@allowed(READERS)
def finding(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One finding from its first word on; Compliance takes the next step here."""
    found = _found(request, pk)
    may = request.user.role == Role.COMPLIANCE and found.subject_id != request.user.pk
    asked = request.POST.get("step", "")
    forms = [
        StepForm(request.POST if asked == step else None, finding=found, step=step)
        for step in (found.steps if may else ())
    ]
    for form in forms:
        if form.step == asked and form.is_valid():
            try:
                finding_actions.take_step(found.pk, form.step, by=request.user, **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, " ".join(refused.told(_)))
            else:
                messages.success(request, _("Written down."))
                return redirect("compliance:finding", found.pk)
    reading.note(request.user, found)
    return render(request, "compliance/finding.html", _context(request, found, may, forms))


def _found(request: SignedInRequest, pk: UUID) -> Finding:
    rows = Finding.objects.visible_to(request.user).select_related(
        "market", "subject", "investigator", "opened_by", "closed_by", "deviation__reporter"
    )  # fmt: skip
    return get_object_or_404(rows.prefetch_related("measures__owner", "history__by"), pk=pk)


def _context(request: SignedInRequest, found: Finding, may: bool, forms: list[StepForm]) -> dict[str, Any]:
    hearing = Hearing.objects.visible_to(request.user).filter(finding=found).first()
    sets = may and found.status in (Finding.Status.CONFIRMED, Finding.Status.CAPA_PLANNED)
    return {
        "finding": found,
        "late": overdue(found, now()),
        "forms": forms,
        "failed": next((form for form in forms if form.errors), None),
        "hearing": hearing,
        "hear": HearForm() if may and hearing is None and found.subject_id and found.subject_side else None,
        "follows": MeasureForm(finding=found) if sets else None,
    }


@require_POST
@allowed(Role.COMPLIANCE)
def finding_measure(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Set what follows from it."""
    found = get_object_or_404(Finding.objects.visible_to(request.user), pk=pk)
    form = MeasureForm(request.POST, finding=found)
    if not form.is_valid():
        messages.error(request, _("Say what is to be done, by whom and by when."))
        return redirect("compliance:finding", pk)
    try:
        finding_actions.set_measure(found.pk, by=request.user, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, " ".join(refused.told(_)))
    else:
        messages.success(request, _("Set. The person is told."))
    return redirect("compliance:finding", pk)


@require_POST
@allowed(Role.COMPLIANCE)
def finding_hearing(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask the person it is about."""
    found = get_object_or_404(Finding.objects.visible_to(request.user), pk=pk)
    form = HearForm(request.POST)
    if form.is_valid():
        try:
            finding_actions.hear(found.pk, form.cleaned_data["told"], by=request.user)
        except Refused as refused:
            messages.error(request, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Asked. The person is told."))
    else:
        messages.error(request, _("Write what the person is told."))
    return redirect("compliance:finding", pk)


@allowed(EVERYBODY)
def hearing(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What a person is told of a finding about her, and what she says to it; nothing else of it."""
    found = get_object_or_404(
        Hearing.objects.visible_to(request.user).select_related("person", "told_by"), pk=pk
    )
    own = found.person_id == request.user.pk
    form = StatementForm(request.POST or None)
    if request.method == "POST" and own and form.is_valid():
        try:
            finding_actions.answer_hearing(found.pk, form.cleaned_data["statement"], by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Compliance has your answer."))
            return redirect("compliance:hearing", found.pk)
    return render(request, "compliance/hearing.html", {"hearing": found, "form": form, "own": own})
