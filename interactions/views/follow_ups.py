"""What is still to do."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Refused
from interactions import actions, words_form
from interactions.forms import market_of
from interactions.models import FollowUp
from interactions.short_forms import FollowUpForm
from msl_crm.access import FIELD, MEDICAL, allowed
from safety.listening import heard, texts_of


@allowed(MEDICAL, FIELD)
def follow_up_list(request: SignedInRequest) -> HttpResponse:
    """What one has still to do, and a form for more."""
    form = FollowUpForm(request.POST or None)
    found = form.marked(request.user, market_of(request.user, None)) if form.is_bound else ()
    if request.method == "POST" and form.is_valid():
        heard(request, texts_of(form.cleaned_data), "follow-up", market=market_of(request.user, None))
        try:
            actions.add_follow_up(by=request.user, market=market_of(request.user, None), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Noted"))
            return redirect("interactions:follow_ups")
    rows = FollowUp.objects.visible_to(request.user).filter(owner=request.user).select_related("kol")
    return render(
        request,
        "interactions/follow_up_list.html",
        {
            "open": rows.open()[:200],
            "done": rows.exclude(done_at=None).order_by("-done_at")[:10],
            "form": form,
            "words": words_form.beside(found),
            "topbar_title": _("Follow-ups"),
            "back_url": reverse("home"),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@allowed(MEDICAL, FIELD)
def follow_up_completion(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk, owner=request.user)
    actions.complete_follow_up(row, by=request.user)
    undo = reverse("interactions:follow_up_reopening", args=[pk])
    messages.success(request, _("Done"), extra_tags=f"undo:{undo}")
    return redirect("interactions:follow_ups")


@require_POST
@allowed(MEDICAL, FIELD)
def follow_up_reopening(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk, owner=request.user)
    actions.reopen_follow_up(row, by=request.user)
    return redirect("interactions:follow_ups")
