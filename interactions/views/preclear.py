"""Pre-approval: asked for by whoever needs it, answered by Compliance."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance.policy import Refused, Role
from interactions import actions
from interactions.models import Preclearance
from interactions.preclear_form import PreclearanceForm
from interactions.views._rows import kol_of, own
from msl_crm.access import FIELD, MEDICAL, READERS, allowed
from safety.listening import heard, texts_of

SHOWN = 100


@allowed(MEDICAL, FIELD, READERS)
def preclearances(request: SignedInRequest) -> HttpResponse:
    """One's own questions; for Compliance everybody's, the open ones first."""
    rows = Preclearance.objects.visible_to(request.user).select_related(
        "author", "market", "kol", "use__indication__product", "use__market", "decided_by"
    )
    waiting = list(rows.open().order_by("asked_at", "id")[:SHOWN])
    return render(
        request,
        "interactions/preclearances.html",
        {
            "waiting": waiting,
            "answered": rows.exclude(decided_at=None).with_lapse(now()).order_by("-decided_at", "id")[:SHOWN],
            "answers": request.user.role == Role.COMPLIANCE,
            "may_ask": request.user.role not in READERS,
            "topbar_title": _("Pre-approval"),
        },
    )


@allowed(MEDICAL, FIELD)
def preclearance_new(request: SignedInRequest) -> HttpResponse:
    """Ask for it, with an expert or for whoever will be there."""
    kol = kol_of(request, (request.POST or request.GET).get("kol", ""))
    form = PreclearanceForm(request.POST or None, user=request.user, kol=kol)
    if request.method == "POST" and form.is_valid():
        heard(request, texts_of(form.cleaned_data), "pre-approval", kol=kol)
        try:
            actions.ask_preclearance(by=request.user, **form.facts())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Asked. You are told of the answer."))
            return redirect("interactions:preclearances")
    return render(
        request,
        "interactions/preclearance_form.html",
        {
            "form": form,
            "kol": kol,
            "topbar_title": _("Ask for pre-approval"),
            "close_url": reverse("interactions:preclearances"),
        },
        status=409 if form.is_bound and form.non_field_errors() else 200,
    )


@require_POST
@allowed(MEDICAL, FIELD)
def date_approval(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask Compliance about the new date of a draft of one's own; the reason was given with the change."""
    record = own(request, pk)
    try:
        actions.ask_about_date(record, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Asked. You are told of the answer."))
    return redirect("interactions:detail", record.pk)


@require_POST
@allowed(Role.COMPLIANCE)
def preclearance_answer(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Allow it, or not; the answer is kept."""
    try:
        actions.answer_preclearance(
            pk,
            granted=request.POST.get("granted") == "yes",
            answer=request.POST.get("answer", ""),
            by=request.user,
        )
    except Preclearance.DoesNotExist as gone:
        raise Http404 from gone
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Answered."))
    return redirect("interactions:preclearances")
