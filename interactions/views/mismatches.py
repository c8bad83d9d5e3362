"""What would be judged otherwise by what was recorded later, for oversight (R-008)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Decision, Refused, Role
from interactions import actions
from interactions.models import Mismatch
from msl_crm.access import READERS, allowed

SHOWN = 100


@allowed(READERS)
def mismatch_list(request: SignedInRequest) -> HttpResponse:
    """The open ones, newest first; with `all`, the settled too."""
    everything = request.GET.get("show") == "all"
    rows = Mismatch.objects.visible_to(request.user)
    rows = (rows if everything else rows.open()).select_related(
        "interaction__market",
        "author",
        "entry__use__indication__product",
        "entry__use__market",
        "settled_by",
        "work",
    )
    context = {
        "rows": [_row(one) for one in rows[: SHOWN + 1]][:SHOWN],
        "more": len(rows[: SHOWN + 1]) > SHOWN,
        "everything": everything,
        "settles": request.user.role == Role.COMPLIANCE,
        "topbar_title": _("Judged anew"),
    }
    return render(request, "interactions/mismatch_list.html", context)


def _row(one: Mismatch) -> dict[str, Any]:
    before, after = Decision.from_json(one.before), Decision.from_json(one.after)
    return {
        "one": one,
        "before": words_of(before),
        "after": words_of(after),
        "why": Refused(after).told(_) if after.reasons else (),
    }


def words_of(decision: Decision) -> str:
    """The outcome in two words."""
    return {
        "ALLOWED": _("allowed"), "WITH_DOCUMENTS": _("allowed with documents"), "NOT_ALLOWED": _("not allowed"),
    }[decision.outcome.name]  # fmt: skip


@require_POST
@allowed(Role.COMPLIANCE)
def mismatch_settlement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Write down what was found; the record stays as it is."""
    try:
        actions.settle_mismatch(pk, reason=request.POST.get("reason", ""), by=request.user)
    except Mismatch.DoesNotExist as gone:
        raise Http404 from gone
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Settled."))
    return redirect("interactions:mismatches")
