"""The day itself: what helps on the first one."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance.policy import Role
from interactions.first_steps import KEYS, skip
from msl_crm.access import allowed


@require_POST
@allowed(Role.MSL)
def step_skip(request: SignedInRequest, step: str) -> HttpResponse:
    """One of the first steps is not for this person."""
    if step not in KEYS:
        raise Http404
    response = redirect("home")
    skip(request, response, step)
    return response
