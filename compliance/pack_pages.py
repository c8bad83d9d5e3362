"""The rules of each market as pages: in force, proposed, compared, confirmed by a second person (R-160)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import Market
from compliance import pack_actions, pack_reading
from compliance.forms import DAY
from compliance.models import PackActivation
from compliance.policy import Refused, Role
from compliance.policy.packs import packs
from msl_crm.access import OVERSIGHT, READERS, allowed


class ProposeForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("In force from"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("Local day of the market, from 00:00. Left open, as soon as a colleague has confirmed."),
    )  # fmt: skip


@allowed(OVERSIGHT, Role.REGULATORY)
def pack_list(request: SignedInRequest) -> HttpResponse:
    """Each market with its rules in force and what is to come."""
    context = {"markets": pack_reading.markets(), "topbar_title": _("Rules of the markets")}
    return render(request, "compliance/pack_list.html", context)


@allowed(OVERSIGHT, Role.REGULATORY)
def pack(request: SignedInRequest, market: str, version: str) -> HttpResponse:
    """One version: its rules and sources, what is new, what it would have changed; proposed or settled here."""
    place, found = Market.objects.filter(code=market).first(), packs().get((market, version))
    if place is None or found is None:
        messages.error(request, _("There are no such rules."))
        return redirect("compliance:packs")
    form = ProposeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.user.role != Role.COMPLIANCE:
        raise Http404
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["on"]
        try:
            pack_actions.propose_pack(
                place, version, by=request.user, effective_at=place.start_of(day) if day else None
            )
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Proposed. A colleague confirms it."))
            return redirect("compliance:pack", market, version)
    return render(
        request,
        "compliance/pack.html",
        _context(request, place, found, form),
        status=422 if form.errors else 200,
    )


def _context(request: SignedInRequest, market: Market, found: Any, form: ProposeForm) -> dict[str, Any]:
    current = pack_reading.current_of(market)
    rows = PackActivation.objects.visible_to(request.user).filter(market=market, version=found.version)
    waiting = next((row for row in rows.select_related("proposed_by") if row.status == "PROPOSED"), None)
    holds = current.version == found.version
    return {
        "market": market,
        "pack": found,
        "current": current,
        "holds": holds,
        "reads": request.user.role in READERS,
        "waiting": waiting,
        "own": waiting is not None and waiting.proposed_by_id == request.user.pk,
        "may_settle": request.user.role in pack_actions.CONFIRMING,
        "may_propose": request.user.role == Role.COMPLIANCE and waiting is None and not holds,
        "form": form,
        "said": pack_reading.described(found, current),
        "compared": None if holds else pack_reading.compared(market, found.version),
        "history": rows.select_related("proposed_by", "settled_by").order_by("-proposed_at")[:20],
        "topbar_title": f"{market.name} {found.version}",
    }


@require_POST
@allowed(Role.COMPLIANCE, Role.PRIVACY, Role.REGULATORY)
def pack_confirmation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _settle(request, pk, pack_actions.confirm_pack, _("In force from its instant."))


@require_POST
@allowed(Role.COMPLIANCE, Role.PRIVACY, Role.REGULATORY)
def pack_rejection(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _settle(request, pk, pack_actions.reject_pack, _("Set aside."))


def _settle(request: SignedInRequest, pk: UUID, act: Any, done: str) -> HttpResponse:
    row = get_object_or_404(PackActivation.objects.visible_to(request.user).select_related("market"), pk=pk)
    try:
        act(row.pk, by=request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.told(_)))
    else:
        messages.success(request, done)
    return redirect("compliance:pack", row.market.code, row.version)
