"""The share of topics said to have been asked for. For Compliance alone."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance import audit
from compliance.policy import Role
from interactions.solicitation import shares
from msl_crm.access import allowed


@allowed(Role.COMPLIANCE)
def request_shares(request: SignedInRequest) -> HttpResponse:
    """Each person beside her colleagues, in words. That it was looked at is itself recorded."""
    audit.record("read the shares of requests", by=request.user)
    return render(
        request,
        "interactions/request_shares.html",
        {"markets": shares(request.user), "topbar_title": _("Asked for, or brought up")},
    )
