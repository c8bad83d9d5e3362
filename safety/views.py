"""Reporting a side effect, from anywhere; and Safety's own list."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.models import Market
from accounts.people import people_with
from compliance import audit
from compliance.policy import Refused, Role, Side
from compliance.reading import note
from msl_crm.access import ANYONE_SIGNED_IN, EVERYBODY, READERS, allowed
from safety import actions, e2b
from safety.about import Told, told_from
from safety.cues import Cue
from safety.desks import Desk, Route, desk_for
from safety.detection import rebut
from safety.forms import CaseForm, CompleteForm, DeskForm, ReportForm
from safety.models import SafetyReport
from safety.routing import best

PAGE = 50


@allowed(ANYONE_SIGNED_IN)
def report_new(request: SignedInRequest) -> HttpResponse:
    """Whoever has heard of a side effect says so here, from any record or from none; the clock starts (R-128).

    Also somebody whose last appointment has ended. A record that cannot be read any more is left out.
    """
    asked = request.POST if request.method == "POST" else request.GET
    form = ReportForm(request.POST if request.method == "POST" else None)
    told = Told()
    if form.is_bound or "about" in asked:
        told = best(lambda: told_from(request.user, asked.get("about", "")), told)
    if form.is_bound and form.is_valid():
        facts = form.facts(request.user)
        facts["learned_at"] = facts["learned_at"] or told.at
        report = actions.report_side_effect(
            by=request.user, client_ref=as_uuid(request.POST.get("client_ref", "")), kol=told.kol,
            market=told.market, about=told.about, **facts,
        )  # fmt: skip
        messages.success(
            request, _("Reported to Safety under %(number)s. Thank you.") % {"number": report.number}
        )
        return redirect("safety:detail", report.pk) if request.user.role else redirect("safety:new")
    context = {"form": form, "topbar_title": _("Report a side effect"), "close_url": reverse("home"),
               "about": asked.get("about", "") if told.about else "", "client_ref": uuid4()}  # fmt: skip
    return render(request, "safety/report_form.html", context, status=422 if form.is_bound else 200)


@allowed(EVERYBODY)
def report_list(request: SignedInRequest) -> HttpResponse:
    """All reports for Safety and oversight, waiting ones first; one's own for everybody else."""
    rows = SafetyReport.objects.visible_to(request.user).select_related("reporter", "market", "clinical")
    waiting = request.GET.get("view") != "all" and request.user.role == Role.SAFETY
    if waiting:
        rows = rows.waiting().order_by("due_at", "id")
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
    report = _report(request, pk)
    note(request.user, report, words=actions.words_of(report))
    return _detail(request, report)


def _report(request: SignedInRequest, pk: UUID) -> SafetyReport:
    rows = SafetyReport.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("reporter", "acknowledged_by", "product", "market", "clinical"), pk=pk
    )


def _detail(request: SignedInRequest, report: SafetyReport, case: CaseForm | None = None) -> HttpResponse:
    own = report.reporter_id == request.user.pk
    complete = CompleteForm(report=report) if own else None
    # Where a report goes tells whether the product is authorised: field service is told "Safety" alone.
    in_the_house = request.user.side is not Side.COMMERCIAL
    cue = report.cues.first()
    context = {
        "cue": cue, "may_rebut": own and cue is not None and not cue.rebuttal, "report": report,
        "said": report.said, "case": case or CaseForm(), "now": now(), "late": report.late,
        "is_safety": request.user.role == Role.SAFETY, "topbar_title": _("Side effect"),
        "complete": complete if complete is not None and complete.fields else None,
        "back_url": reverse("safety:list"), "in_the_house": in_the_house,
        "ours": report.route != Route.OTHER_COMPANY,
        "desk": desk_for(report.market, report.route) if in_the_house else None,
    }  # fmt: skip
    return render(request, "safety/report_detail.html", context, status=422 if case is not None else 200)


@require_POST
@allowed(Role.SAFETY)
def report_acknowledgement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Safety has it, under this case number."""
    report = _report(request, pk)
    form = CaseForm(request.POST)
    if form.is_valid():
        actions.acknowledge(report, case_id=form.cleaned_data["case_id"], by=request.user)
        messages.success(request, _("Acknowledged"))
        return redirect("safety:detail", report.pk)
    return _detail(request, report, form)


@require_POST
@allowed(EVERYBODY)
def report_completion(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The reporter says afterwards why it came late, or where she pointed somebody."""
    report = _report(request, pk)
    form = CompleteForm(request.POST, report=report)
    if report.reporter_id != request.user.pk or not form.is_valid():
        raise Http404
    actions.complete_report(report, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("safety:detail", report.pk)


@require_POST
@allowed(EVERYBODY)
def report_rebuttal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The author of a text says why what was read in it is no side effect; Safety decides (R-133)."""
    report = _report(request, pk)
    try:
        rebut(report, reason=request.POST.get("reason", ""), by=request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.told(_)))
    else:
        messages.success(request, _("Said. Safety reads it and decides."))
    return redirect("safety:detail", report.pk)


@allowed(Role.SAFETY, READERS)
def cue_list(request: SignedInRequest) -> HttpResponse:
    """What texts were suspected of, newest first: reported, or rebutted and why, to draw from (R-133)."""
    rows = Cue.objects.visible_to(request.user).select_related("author", "report")
    if request.GET.get("view") == "rebutted":
        rows = rows.exclude(rebuttal="")
    found = list(rows[: PAGE + 1])
    audit.record("read what texts were suspected of", by=request.user)
    context = {
        "rows": found[:PAGE], "more": len(found) > PAGE, "rebutted": sum(bool(one.rebuttal) for one in found[:PAGE]),
        "topbar_title": _("Side effects told in passing"), "back_url": reverse("safety:list"),
    }  # fmt: skip
    return render(request, "safety/cue_list.html", context)


@allowed(Role.SAFETY)
def report_file(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The report as a file, built when it is asked for and kept nowhere."""
    report = _report(request, pk)
    if report.purged_at is not None:
        raise Http404
    audit.record("exported", report, by=request.user, words=actions.words_of(report), form="E2B-like")
    answer = HttpResponse(e2b.document(report), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{report.number}.xml"'
    return answer


@allowed(Role.SAFETY, Role.ADMIN)
def desk_list(request: SignedInRequest) -> HttpResponse:
    """Who takes the reports of each market, for authorised and for investigational products (R-130)."""
    known = {(desk.market_id, desk.route): desk for desk in Desk.objects.select_related("lead")}
    rows = [
        {"market": market, "route": route, "desk": known.get((market.pk, str(route)))}
        for market in Market.objects.filter(active=True)
        for route in (Route.PV, Route.SPONSOR)
    ]
    return render(request, "safety/desk_list.html", {"rows": rows, "topbar_title": _("Safety desks")})


@allowed(Role.SAFETY, Role.ADMIN)
def desk_edit(request: SignedInRequest, market: UUID, route: str) -> HttpResponse:
    """Name a desk and its mailbox."""
    place = get_object_or_404(Market, pk=market)
    if route not in (Route.PV, Route.SPONSOR):
        raise Http404
    desk = Desk.objects.filter(market=place, route=route).first()
    form = DeskForm(
        request.POST if request.method == "POST" else None, instance=desk, leads=people_with(Role.SAFETY)
    )
    if form.is_bound and form.is_valid():
        try:
            actions.set_desk(place, route, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Saved."))
            return redirect("safety:desks")
    title = f"{place}: {Route(route).label}"
    return render(
        request, "safety/desk_form.html",
        {"form": form, "topbar_title": title, "close_url": reverse("safety:desks")},
        status=422 if form.is_bound else 200,
    )  # fmt: skip
