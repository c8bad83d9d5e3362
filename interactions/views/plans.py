"""Plans: made, called off and taken up again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Kind, Refused
from interactions import actions
from interactions.facts import Present
from interactions.forms import KINDS_OF, market_of
from interactions.models import Interaction
from interactions.short_forms import MoveForm, PlanForm
from interactions.slots import slots_for
from interactions.views._rows import choose, kol_of, own, slot
from msl_crm.access import FIELD, MEDICAL, allowed
from safety.listening import heard, texts_of


@allowed(MEDICAL, FIELD)
def interaction_plan(request: SignedInRequest) -> HttpResponse:
    """Plan a visit with an expert."""
    kol = kol_of(request, (request.POST or request.GET).get("kol", ""))
    if kol is None:
        return choose(request, Kind.VISIT, planned=True)
    form = PlanForm(request.POST or None, initial=slot(request.GET))
    if request.method == "POST" and form.is_valid():
        kind = KINDS_OF.get(request.user.side, (Kind.VISIT,))[0]
        heard(request, texts_of(form.cleaned_data), "plan", kol=kol, market=market_of(request.user, kol))
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
        {
            "form": form,
            "kol": kol,
            "slots": []
            if form.is_bound or form.initial
            else slots_for(request.user, market_of(request.user, kol), kol.pk),
            "topbar_title": _("Plan a visit"),
            "close_url": reverse("home"),
        },
        status=409 if form.is_bound and form.non_field_errors() else 200,
    )


@allowed(MEDICAL, FIELD)
def plan_move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Another time or place for a plan of one's own; from here it is called off as well."""
    plan = get_object_or_404(
        Interaction.objects.visible_to(request.user).planned().select_related("market"),
        pk=pk,
        author=request.user,
    )
    form = MoveForm(request.POST or None, plan)
    if request.method == "POST" and form.is_valid():
        start, end = form.times(plan.market)
        try:
            actions.move_plan(
                plan, by=request.user, starts_at=start, ends_at=end, place=form.cleaned_data["place"]
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Moved"))
            return redirect(f"{reverse('calendars:calendar')}?view=day&on={form.cleaned_data['on']}")
    main = plan.attendees.filter(kol__isnull=False).select_related("kol").first()
    context = {"form": form, "plan": plan, "kol": main.kol if main else None}
    refused = form.is_bound and form.non_field_errors()
    return render(request, "interactions/plan_move.html", context, status=409 if refused else 200)


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
