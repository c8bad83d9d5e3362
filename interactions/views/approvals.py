"""What waits for the line and Compliance: amendments, voidings, and drafts that came in very late (R-143, R-144, R-067)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from accounts.reauthentication import SignForm
from compliance.policy import Refused, Role
from compliance.reading import note
from interactions import actions, approvals
from interactions.amend_forms import AnswerForm
from interactions.approvals import Waiting
from interactions.visit_page import said_when
from msl_crm.access import allowed

WHO = (Role.MSL_LEAD, Role.FIELD_LEAD, Role.COMPLIANCE)


@allowed(*WHO)
def approval_list(request: SignedInRequest) -> HttpResponse:
    """What waits for this person's signature, the oldest first."""
    return render(
        request,
        "interactions/approvals.html",
        {"rows": approvals.waiting_for(request.user), "topbar_title": _("Waits for your signature")},
    )


@allowed(*WHO)
def approval(request: SignedInRequest, kind: str, pk: UUID) -> HttpResponse:
    """One of them with its differences; sign, or say why not."""
    one = approvals.one_for(request.user, kind, pk)
    if one is None:
        raise Http404
    note(request.user, one.record)
    if request.method != "POST":
        return _page(request, one, AnswerForm(), SignForm(request=request))
    answer, sign = AnswerForm(request.POST), SignForm(request.POST, request=request)
    if not (answer.is_valid() and sign.is_valid()):
        return _page(request, one, answer, sign, status=422)
    agree = request.POST.get("agree") == "yes"
    try:
        _settle(request, one, agree, answer.cleaned_data["answer"], sign)
    except Refused as refused:
        return _page(request, one, answer, SignForm(request=request), refusal=str(refused), status=409)
    messages.success(request, _("Signed.") if agree else _("Not approved. The author is told."))
    return redirect("interactions:approvals")


def _settle(request: SignedInRequest, one: Waiting, agree: bool, answer: str, sign: SignForm) -> None:
    match one.kind:
        case "amendment":
            actions.answer_amendment(one.pk, agree=agree, by=request.user, proof=sign.proof, answer=answer)
        case "voiding":
            actions.answer_voiding(one.pk, agree=agree, by=request.user, proof=sign.proof, answer=answer)
        case _:
            actions.approve_late_draft(one.pk, by=request.user, proof=sign.proof)


def _page(
    request: SignedInRequest,
    one: Waiting,
    answer: AnswerForm,
    sign: SignForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "one": one,
        "when": said_when(one.record),
        "details": approvals.details_of(one),
        "forms": [answer, sign] if one.kind != "late" else [sign],
        "topbar_title": _("Waits for your signature"),
        "back_url": reverse("interactions:approvals"),
        **more,
    }
    return render(request, "interactions/approval.html", context, status=status)
