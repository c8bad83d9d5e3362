"""Reporting a side effect, from anywhere; and Safety's own list."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import Market
from compliance.policy import Role
from compliance.reading import note
from msl_crm.access import EVERYBODY, allowed
from safety import actions
from safety.forms import CaseForm, SideEffectForm
from safety.models import SafetyReport

PAGE = 50


@allowed(EVERYBODY)
def report_new(request: SignedInRequest) -> HttpResponse:
    """Whoever has heard of a side effect says so here; the clock of 24 hours starts (R-128)."""
    form = SideEffectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        market = Market.objects.filter(pk__in=request.user.market_ids).first()
        report = actions.report_side_effect(by=request.user, market=market, **form.facts(request.user))
        messages.success(request, _("Reported to Safety. Thank you."))
        return redirect("safety:detail", report.pk)
    return render(
        request,
        "safety/report_form.html",
        {"form": form, "topbar_title": _("Report a side effect"), "close_url": reverse("home")},
        status=422 if form.is_bound else 200,
    )


@allowed(EVERYBODY)
def report_list(request: SignedInRequest) -> HttpResponse:
    """All reports for Safety and oversight, waiting ones first; one's own for everybody else."""
    rows = SafetyReport.objects.visible_to(request.user).select_related("reporter", "market")
    waiting = request.GET.get("view") != "all" and request.user.role == Role.SAFETY
    if waiting:
        rows = rows.filter(acknowledged_at=None).order_by("due_at", "id")
    before = parse_datetime(request.GET.get("before", "").replace(" ", "+")[:40] or "x")
    if before is not None and before.tzinfo is not None:
        rows = rows.filter(due_at__gt=before) if waiting else rows.filter(recorded_at__lt=before)
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    position = (last.due_at if waiting else last.recorded_at).isoformat().replace("+", "%2B") if last else ""
    return render(
        request,
        "safety/report_list.html",
        {
            "rows": found[:PAGE],
            "waiting": waiting,
            "now": now(),
            "is_safety": request.user.role == Role.SAFETY,
            "next_url": f"?view={'waiting' if waiting else 'all'}&before={position}" if last else "",
            "topbar_title": _("Side effects"),
        },
    )


@allowed(EVERYBODY)
def report_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One report and where it stands. A look by oversight is recorded (R-107)."""
    report = get_object_or_404(
        SafetyReport.objects.visible_to(request.user).select_related(
            "reporter", "acknowledged_by", "product", "market"
        ),
        pk=pk,
    )
    note(request.user, report, words=report.product_words)
    return render(
        request,
        "safety/report_detail.html",
        {
            "report": report,
            "case": CaseForm(),
            "is_safety": request.user.role == Role.SAFETY,
            "now": now(),
            "late": report.recorded_at > report.due_at,
            "topbar_title": _("Side effect"),
            "back_url": reverse("safety:list"),
        },
    )


@require_POST
@allowed(Role.SAFETY)
def report_acknowledgement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Safety has it, under this case number."""
    report = get_object_or_404(SafetyReport.objects.visible_to(request.user), pk=pk)
    form = CaseForm(request.POST)
    if form.is_valid():
        actions.acknowledge(report, case_id=form.cleaned_data["case_id"], by=request.user)
        messages.success(request, _("Acknowledged"))
        return redirect("safety:detail", report.pk)
    return render(
        request,
        "safety/report_detail.html",
        {
            "report": report,
            "case": form,
            "is_safety": True,
            "now": now(),
            "late": False,
            "topbar_title": _("Side effect"),
            "back_url": reverse("safety:list"),
        },
        status=422,
    )
