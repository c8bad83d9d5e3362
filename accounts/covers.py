"""Who stands in for whom: arranged by a lead in her own team, and seen by the two it concerns."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.acting import now
from accounts.forms import CoverForm
from accounts.http import SignedInRequest
from accounts.models import AbsenceCover, User
from accounts.people import team_of
from compliance.policy import Refused, Role
from msl_crm.access import allowed

LEADS = (Role.MSL_LEAD, Role.FIELD_LEAD)


@allowed(*LEADS)
def cover_list(request: SignedInRequest) -> HttpResponse:
    """The covers of the team that still last or begin later, and the form for a new one."""
    team = User.objects.filter(pk__in=team_of(request.user), is_active=True).order_by(
        "family_name", "given_name", "id"
    )
    today = now().astimezone(request.user.tz).date()
    form = CoverForm(request.POST or None, team=team, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            actions.arrange_cover(**form.arrangement(request.user.tz, now()), by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Arranged. The colleague is told."))
            return redirect("accounts:covers")
    rows = AbsenceCover.objects.visible_to(request.user).filter(during__endswith__gt=now())
    context = {"form": form, "rows": rows.select_related("absent", "cover").order_by("during", "id")}
    return render(request, "accounts/covers.html", context)


@require_POST
@allowed(*LEADS)
def cover_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(
        AbsenceCover.objects.visible_to(request.user).select_related("absent", "cover"), pk=pk
    )
    actions.end_cover(row, by=request.user)
    messages.success(request, _("Ended."))
    return redirect("accounts:covers")
