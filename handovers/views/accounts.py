"""Accounts that are asked for: field service asks, the MSL lead sees to it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Refused, Role
from handovers import actions
from handovers.forms import AccountForm
from handovers.models import AccountAnswer, AccountRequest
from msl_crm.access import FIELD, READERS, allowed

SHOWN = 100


@allowed(FIELD, Role.MSL_LEAD, READERS)
def accounts_asked(request: SignedInRequest) -> HttpResponse:
    """Field service asks here and sees what it asked, never what became of it; the MSL lead sees what is open."""
    asks = request.user.role in FIELD
    form = AccountForm(request.POST or None, user=request.user) if asks else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            actions.ask_for_account(by=request.user, **form.cleaned_data)
            messages.success(
                request, _("Sent to Medical. If the account is to be yours, it comes as a handover.")
            )
            return redirect("handovers:accounts_asked")
    rows = AccountRequest.objects.visible_to(request.user).select_related(
        "author", "market", "use__indication__product", "use__market"
    )
    return render(
        request,
        "handovers/accounts_asked.html",
        {
            "form": form,
            "rows": (rows if asks else rows.open())[:SHOWN],
            "answers": AccountAnswer.Found.choices if request.user.role == Role.MSL_LEAD else (),
            "topbar_title": _("Accounts asked for"),
        },
    )


@require_POST
@allowed(Role.MSL_LEAD)
def account_answer(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Note what was found; it stays with Medical."""
    try:
        actions.answer_account(pk, found=request.POST.get("found", ""), by=request.user)
    except AccountRequest.DoesNotExist as gone:
        raise Http404 from gone
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted. Field service is told nothing."))
    return redirect("handovers:accounts_asked")
