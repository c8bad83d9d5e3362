"""Drafts whose author left, for her lead (R-117)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance.policy import Refused
from interactions import actions
from interactions.detail import described
from interactions.left import LEADS, left_to
from interactions.visit_page import said_when
from msl_crm.access import allowed
from safety.forms import SideEffectForm
from safety.listening import heard

SHOWN = 100
PARTS = ("attendees__kol", "attendees__colleague", "topics__use__indication__product", "topics__area",
         "topics__product", "topics__themes")  # fmt: skip


@allowed(*LEADS)
def left_drafts(request: SignedInRequest) -> HttpResponse:
    """What people who left have not finished, oldest first."""
    rows = left_to(request.user).select_related("author", "market").prefetch_related(*PARTS)
    found = list(rows.order_by("starts_at", "id")[: SHOWN + 1])
    return render(
        request,
        "interactions/left_drafts.html",
        {
            "rows": [described(row) for row in found[:SHOWN]],
            "more": len(found) > SHOWN,
            "topbar_title": _("Drafts whose author left"),
            "back_url": reverse("interactions:list"),
        },
    )


@allowed(*LEADS)
def left_draft(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Read one, and close it with a statement; the press answers the question after side effects."""
    record = (
        left_to(request.user)
        .filter(pk=pk)
        .select_related("author", "market")
        .prefetch_related(*PARTS)
        .first()
    )
    if record is None:
        raise Http404
    mentioned = request.POST.get("side_effect") == "yes" or bool(
        request.POST.get("se-what_happened", "").strip()
    )
    form = SideEffectForm(request.POST if mentioned else None, prefix="se", auto_id="id_%s")
    refusal = ""
    if request.method == "POST" and (not mentioned or form.is_valid()):
        if not mentioned:
            heard(
                request,
                [request.POST.get("statement", "")],
                "statement",
                base=record.pk,
                market=record.market,
            )
        try:
            actions.close_left_draft(
                pk, statement=request.POST.get("statement", ""), by=request.user,
                side_effect=form.facts(request.user) if mentioned else None,
            )  # fmt: skip
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Closed. It stays as its author left it."))
            return redirect("interactions:left_drafts")
    return render(request, "interactions/left_draft.html", _page(request, record, form, refusal),
                  status=409 if refusal else 422 if form.errors else 200)  # fmt: skip


def _page(request: SignedInRequest, record: Any, form: SideEffectForm, refusal: str) -> dict[str, Any]:
    return {
        "record": record,
        "view": described(record),
        "when": said_when(record),
        "form": form,
        "opened": form.is_bound,
        "refusal": refusal,
        "statement": request.POST.get("statement", ""),
        "topbar_title": _("Close a draft"),
        "back_url": reverse("interactions:left_drafts"),
    }
