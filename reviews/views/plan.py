"""Observed visits and records read: the year's plan, and what was seen; and trends, rule by rule (R-156)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import Market, User
from accounts.people import people_with
from compliance import audit, desk
from compliance.findings import Finding
from compliance.policy import Refused, Role
from msl_crm.access import READERS, allowed
from reviews import actions
from reviews.forms import ObservedForm, PlanForm
from reviews.models import Observation
from reviews.views.samples import entry_of

MONTHS = 6
SHOWN = 100


@allowed(READERS)
def observations(request: SignedInRequest) -> HttpResponse:
    """What is planned and what was seen, the next day first."""
    rows = Observation.objects.visible_to(request.user).select_related(
        "person", "market", "observed_by", "interaction"
    )
    context = {
        "rows": rows.order_by("planned_on", "person__family_name", "pk")[:SHOWN],
        "form": PlanForm(user=request.user),
        "may": request.user.role == Role.COMPLIANCE,
    }
    return render(request, "reviews/observations.html", context)


@require_POST
@allowed(Role.COMPLIANCE)
def observation_plan(request: SignedInRequest) -> HttpResponse:
    form = PlanForm(request.POST, user=request.user)
    if form.is_valid():
        market, kind = form.cleaned_data["market"], Observation.Kind(form.cleaned_data["kind"])
        try:
            rows = actions.plan_observations(
                market, people_with(Role.MSL, market), form.days(), kind, by=request.user
            )
        except Refused as refused:
            messages.error(request, " ".join(refused.told(_)))
        else:
            messages.success(request, _("%(n)s planned.") % {"n": len(rows)})
    else:
        messages.error(request, _("Name a market, a year and how often."))
    return redirect("reviews:observations")


@allowed(READERS)
def observation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One observation; whoever observed writes down here what was seen."""
    rows = Observation.objects.visible_to(request.user).select_related(
        "person", "market", "observed_by", "interaction"
    )
    found = get_object_or_404(rows, pk=pk)
    may = request.user.role == Role.COMPLIANCE and found.observed_at is None
    form = ObservedForm(request.POST or None)
    if request.method == "POST" and may and form.is_valid():
        record = entry_of(request, form.cleaned_data["entry"])
        try:
            actions.record_observation(
                found.pk,
                form.cleaned_data["words"],
                found="found" in request.POST,
                by=request.user,
                interaction=record,
            )
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Written down."))
            return redirect("reviews:observations")
    return render(request, "reviews/observation.html", {"row": found, "form": form, "may": may})


def months(at: datetime) -> list[tuple[int, int]]:
    """This month and those before it, the oldest first."""
    last = at.year * 12 + at.month - 1
    return [((last - back) // 12, (last - back) % 12 + 1) for back in range(MONTHS - 1, -1, -1)]


@allowed(READERS)
def trends(request: SignedInRequest) -> HttpResponse:
    """By rule and month: findings and refused attempts. By person only where the market lets people be named."""
    audit.record("read the trends", by=request.user)
    shown = months(now())
    since = datetime(*shown[0], 1, tzinfo=request.user.tz)
    found = list(
        Finding.objects.visible_to(request.user)
        .filter(opened_at__gte=since)
        .order_by()
        .values_list("rules", "opened_at", "subject", "market")
    )
    refused = (
        desk.trail(request.user, {"refused": True})
        .filter(at__gte=since)
        .order_by()
        .values_list("rules", "at")
    )
    context = {
        "months": [f"{year}-{month:02d}" for year, month in shown],
        "findings": _table(
            ((rule, at) for rules, at, _who, _where in found for rule in rules), shown, request
        ),
        "refusals": _table(((rule, at) for rules, at in refused[:20000] for rule in rules), shown, request),
        "people": _people(found),
    }
    return render(request, "reviews/trends.html", context)


def _table(pairs: Any, shown: list[tuple[int, int]], request: SignedInRequest) -> list[dict[str, Any]]:
    counts: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    for rule, at in pairs:
        local = at.astimezone(request.user.tz)
        counts[rule][local.year, local.month] += 1
    return [
        {"rule": rule, "counts": [by_month[month] for month in shown], "sum": by_month.total()}
        for rule, by_month in sorted(counts.items(), key=lambda one: (-one[1].total(), one[0]))
    ]


def _people(found: list[Any]) -> list[tuple[User, int]]:
    """How many findings about whom, in markets that let employees be named in comparisons, and in no other."""
    named = set(Market.objects.filter(staff_names_in_comparisons=True).values_list("pk", flat=True))
    counts = Counter(who for _rules, _at, who, where in found if who and where in named)
    people = User.objects.in_bulk(counts)
    return [(people[pk], count) for pk, count in counts.most_common(50)]
