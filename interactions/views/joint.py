"""Visits of both sides, for oversight (R-062, R-063)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance import audit
from interactions.models import JointVisit
from msl_crm.access import READERS, allowed

SHOWN = 100


@allowed(READERS)
def joint_visits(request: SignedInRequest) -> HttpResponse:
    """The two records of each, side by side, newest first."""
    rows = JointVisit.objects.visible_to(request.user).select_related(
        "medical__author", "medical__market", "field__author"
    )
    found = list(rows[: SHOWN + 1])
    audit.record("read the visits of both sides", by=request.user)
    return render(
        request,
        "interactions/joint_visits.html",
        {"rows": found[:SHOWN], "more": len(found) > SHOWN, "topbar_title": _("Visits of both sides")},
    )
