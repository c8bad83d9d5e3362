"""The bodies an expert sits on, and the visits planned with her in a year."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from kols import actions
from kols.choices import markets_of
from kols.forms import GoalForm, SeatForm
from kols.models import KOL, Seat, VisitGoal
from kols.views.editing import done, editable, show
from msl_crm.access import MEDICAL, MSLS, allowed


@allowed(MEDICAL)
def kol_seats(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Note a body on which the expert sits."""
    kol = editable(request.user, pk)
    form = SeatForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, market = form.cleaned_data, markets_of(request.user).first()
        since = market.start_of(data["since"]) if data["since"] and market else None
        actions.take_seat(
            kol, name=data["name"], kind=data["kind"], role=data["role"], since=since, by=request.user
        )
        return done(request, kol, _("Committee noted."))
    return show(request, form, _("Add a committee"), kol=kol)


@allowed(MEDICAL)
@require_POST
def seat_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The expert has left a body."""
    seat = get_object_or_404(
        Seat.objects.filter(kol__in=KOL.objects.visible_to(request.user).listed()).select_related("kol"),
        pk=pk,
    )
    actions.leave_seat(seat.pk, by=request.user)
    return done(request, seat.kol, _("Noted: no longer a member of %(name)s.") % {"name": seat.committee})


@allowed(MSLS)
def kol_goal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How many visits are planned with the expert in a year."""
    kol, markets = editable(request.user, pk), markets_of(request.user)
    year = now().astimezone(request.user.tz).year
    held = VisitGoal.objects.visible_to(request.user).filter(kol=kol, starts_on__year=year).first()
    initial = {"visits": held.visits, "market": held.market} if held else {}
    form = GoalForm(request.POST or None, markets=markets, year=year, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.set_visit_goal(kol, data["market"], year=data["year"], visits=data["visits"], by=request.user)
        return done(request, kol, _("Visit goal saved."))
    return show(request, form, _("Visit goal"), kol=kol)
