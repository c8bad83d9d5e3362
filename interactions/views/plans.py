"""Plans: made, called off and taken up again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Kind, Refused
from interactions import actions
from interactions.facts import Present
from interactions.forms import KINDS_OF, market_of
from interactions.short_forms import PlanForm
from interactions.views._rows import choose, kol_of, own
from msl_crm.access import FIELD, MEDICAL, allowed


@allowed(MEDICAL, FIELD)
def interaction_plan(request: SignedInRequest) -> HttpResponse:
    """Plan a visit with an expert."""
    kol = kol_of(request, (request.POST or request.GET).get("kol", ""))
    if kol is None:
        return choose(request, Kind.VISIT, planned=True)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = KINDS_OF.get(request.user.side, (Kind.VISIT,))[0]
        try:
            plan = actions.plan_interaction(
                by=request.user,
                event=form.event(market_of(request.user, kol), kind),
                people=[Present(kol=kol, main=True)],
                place=form.cleaned_data["place"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("interactions:cancellation", args=[plan.pk])
            messages.success(request, _("Visit planned"), extra_tags=f"undo:{undo}")
            return redirect("home")
    return render(
        request,
        "interactions/plan_form.html",
        {"form": form, "kol": kol, "topbar_title": _("Plan a visit"), "close_url": reverse("home")},
        status=409 if form.is_bound and form.non_field_errors() else 200,
    )


@require_POST
@allowed(MEDICAL, FIELD)
def plan_cancellation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    plan = actions.cancel_plan(own(request, pk), by=request.user)
    undo = reverse("interactions:reinstatement", args=[plan.pk])
    messages.success(request, _("Cancelled"), extra_tags=f"undo:{undo}")
    return redirect("home")


@require_POST
@allowed(MEDICAL, FIELD)
def plan_reinstatement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.reinstate_plan(own(request, pk), by=request.user)
    messages.success(request, _("Planned again"))
    return redirect("home")
