"""Releasing a launch on the page of its entry: Regulatory proposes, Compliance signs or sets aside (R-010)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Refused, Role
from handovers.actions import open_due_handovers
from msl_crm.access import allowed
from msl_crm.answers import stands_now
from products import launch_actions as actions
from products.forms import LaunchForm, ReasonForm
from products.models import LaunchRelease, LifecycleEntry


def launch_of(entry: LifecycleEntry, request: SignedInRequest) -> dict[str, Any]:
    """What the page of an entry says of its launch, and what this person may do about it."""
    if not entry.needs_release or not entry.confirmed_at:
        return {}
    rows = list(
        entry.releases.visible_to(request.user).select_related("proposed_by", "confirmed_by", "rejected_by")
    )
    held = next((one for one in rows if one.rejected_at is None), None)
    return {
        "launch": {
            "held": held,
            "set_aside": [one for one in rows if one.rejected_at],
            "form": LaunchForm() if held is None and request.user.role == Role.REGULATORY else None,
            "signs": held is not None and held.confirmed_at is None and request.user.role == Role.COMPLIANCE,
        }
    }


@require_POST
@allowed(Role.REGULATORY)
def launch_new(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Propose that an authorisation may be promoted."""
    entry = get_object_or_404(
        LifecycleEntry.objects.visible_to(request.user).select_related("use__market"), pk=pk
    )
    form = LaunchForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what is ready for the launch."))
        return redirect("products:entry", pk)
    day = form.cleaned_data["promotable_on"]
    try:
        actions.propose_release(
            entry,
            evidence=form.cleaned_data["evidence"],
            from_=entry.use.market.start_of(day) if day else None,
            by=request.user,
        )
    except Refused as refused:
        return _again(request, refused, pk)
    messages.success(request, _("Proposed. Compliance signs the launch."))
    return redirect("products:entry", pk)


@require_POST
@allowed(Role.COMPLIANCE)
def launch_signature(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Sign a launch; what is due then is opened at once."""
    release = get_object_or_404(LaunchRelease.objects.visible_to(request.user), pk=pk)
    try:
        actions.confirm_release(release.pk, by=request.user)
    except Refused as refused:
        return _again(request, refused, release.entry_id)
    open_due_handovers()
    messages.success(request, _("Signed. The launch is released."))
    return redirect("products:entry", release.entry_id)


@require_POST
@allowed(Role.COMPLIANCE)
def launch_rejection(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Set a proposed launch aside, with a reason."""
    release = get_object_or_404(LaunchRelease.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST)
    try:
        actions.reject_release(
            release.pk, reason=form.cleaned_data["reason"] if form.is_valid() else "", by=request.user
        )
    except Refused as refused:
        return _again(request, refused, release.entry_id)
    messages.success(request, _("Set aside."))
    return redirect("products:entry", release.entry_id)


def _again(request: SignedInRequest, refused: Refused, entry: UUID) -> HttpResponse:
    from products.views import entry as page

    return stands_now(request, refused, page, entry)
