"""The administrator's pages: people, appointments, territories. They hold no business content (R-107)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.acting import now
from accounts.forms import (
    AppointForm,
    CustodianForm,
    InviteForm,
    MarketForm,
    PostForm,
    RegionForm,
    TerritoryForm,
)
from accounts.http import SignedInRequest
from accounts.models import Custodian, FactorRule, Market, Post, Territory, TerritoryRegion, User
from compliance.policy import Refused, Role, Side
from interactions.actions import leave
from msl_crm.access import allowed

SHOWN = 200


@allowed(Role.ADMIN)
def user_list(request: SignedInRequest) -> HttpResponse:
    """Everybody with an account, found by name or address."""
    people = User.objects.order_by("family_name", "given_name", "id")
    if words := request.GET.get("q", "").replace("\x00", "").strip()[:80]:
        people = people.filter(
            Q(family_name__icontains=words) | Q(given_name__icontains=words) | Q(email__icontains=words)
        )
    return render(request, "accounts/user_list.html", {"people": people[:SHOWN], "q": words})


@allowed(Role.ADMIN)
def user_new(request: SignedInRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.invite(**form.cleaned_data, by=request.user)
        messages.success(
            request, _("The account is open. %(name)s chooses the password by mail.") % {"name": user.name}
        )
        return redirect("accounts:user", user.pk)
    return render(request, "accounts/form.html", {"form": form, "title": _("New person")})


@allowed(Role.ADMIN)
def user_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One person: appointments past and coming, posts, custody, and what may be done about them."""
    return _person(request, get_object_or_404(User, pk=pk))


def _person(request: SignedInRequest, person: User, **forms_with_errors: forms.Form) -> HttpResponse:
    context = {
        "person": person,
        "appointments": person.appointments.prefetch_related("markets").order_by("-during"),
        "posts": person.posts.filter(during__contains=now()).select_related("territory__market"),
        "custodies": person.custodies.filter(during__contains=now()).select_related("market"),
        "appoint_form": AppointForm(),
        "post_form": PostForm(),
        "custodian_form": CustodianForm(),
        **forms_with_errors,
    }
    return render(request, "accounts/user.html", context)


def _do(
    request: SignedInRequest, person: User, name: str, form: forms.Form, act: Callable[[], Any], done: str
) -> HttpResponse:
    """Run an action from a form of the person's page; a refusal becomes words on that form."""
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, done)
            return redirect("accounts:user", person.pk)
    return _person(request, person, **{name: form})


@require_POST
@allowed(Role.ADMIN)
def user_appoint(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person, form = get_object_or_404(User, pk=pk), AppointForm(request.POST)

    def act() -> None:
        actions.appoint(person, by=request.user, **form.appointment(now()))

    return _do(request, person, "appoint_form", form, act, _("Appointed."))


@require_POST
@allowed(Role.ADMIN)
def user_post(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person, form = get_object_or_404(User, pk=pk), PostForm(request.POST)

    def act() -> None:
        actions.give_post(
            person, form.cleaned_data["territory"], leads=form.cleaned_data["leads"], by=request.user
        )

    return _do(request, person, "post_form", form, act, _("Saved."))


@require_POST
@allowed(Role.ADMIN)
def user_custodian(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person, form = get_object_or_404(User, pk=pk), CustodianForm(request.POST)

    def act() -> None:
        actions.appoint_custodian(person, form.cleaned_data["market"], by=request.user)

    return _do(request, person, "custodian_form", form, act, _("Saved."))


@allowed(Role.ADMIN)
def user_close(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Close an account, after a page that says what that means."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            leave(person, by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("The account is closed."))
            return redirect("accounts:users")
    return render(request, "accounts/user_close.html", {"person": person, "form": form})


@require_POST
@allowed(Role.ADMIN)
def post_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    post = get_object_or_404(Post.objects.select_related("user", "territory__market"), pk=pk)
    actions.end_post(post, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("accounts:user", post.user_id)


@allowed(Role.ADMIN)
def organisation(request: SignedInRequest) -> HttpResponse:
    """Markets with their zones, custodians, and the two trees with regions and people."""
    regions = TerritoryRegion.objects.filter(during__contains=now()).order_by("region")
    posts = Post.objects.filter(during__contains=now()).select_related("user").order_by("-leads")
    context = {
        "markets": Market.objects.all(),
        "factor_roles": FactorRule.objects.order_by("role"),
        "custodians": Custodian.objects.filter(during__contains=now()).select_related("market", "user"),
        "territories": Territory.objects.select_related("market", "parent")
        .prefetch_related(Prefetch("regions", regions, "held"), Prefetch("posts", posts, "filled"))
        .order_by("market__code", "side", "name"),
    }
    return render(request, "accounts/organisation.html", context)


@allowed(Role.ADMIN)
def market_new(request: SignedInRequest) -> HttpResponse:
    form = MarketForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        market = actions.add_market(**form.cleaned_data, by=request.user)
        messages.success(request, _("%(market)s is there.") % {"market": market})
        return redirect("accounts:organisation")
    return render(request, "accounts/form.html", {"form": form, "title": _("New market")})


@allowed(Role.ADMIN)
def market_edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    market = get_object_or_404(Market, pk=pk)
    form = MarketForm(request.POST or None, instance=Market.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        request.session["market"] = [str(pk), {name: getattr(market, name) for name in form.cleaned_data}]
        actions.edit_market(market, **form.cleaned_data, by=request.user)
        undo = reverse("accounts:market_undo", args=[pk])
        messages.success(request, _("Saved."), extra_tags=f"undo:{undo}")
        return redirect("accounts:organisation")
    return render(request, "accounts/form.html", {"form": form, "title": market.name})


@require_POST
@allowed(Role.ADMIN)
def market_undo(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Bring back what the market said before it was saved last; an edit like any other, in the trail."""
    market = get_object_or_404(Market, pk=pk)
    saved, before = request.session.pop("market", ["", {}])
    if saved == str(pk):
        actions.edit_market(market, **before, by=request.user)
    return redirect("accounts:organisation")


@allowed(Role.ADMIN)
def territory_new(request: SignedInRequest) -> HttpResponse:
    form = TerritoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_territory(
                **{**form.cleaned_data, "side": Side(form.cleaned_data["side"])}, by=request.user
            )
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            return redirect("accounts:organisation")
    return render(request, "accounts/form.html", {"form": form, "title": _("New territory")})


@allowed(Role.ADMIN)
def territory_region(request: SignedInRequest, pk: UUID) -> HttpResponse:
    territory = get_object_or_404(Territory.objects.select_related("market"), pk=pk)
    form = RegionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.assign_region(territory, form.cleaned_data["region"], by=request.user)
        messages.success(request, _("Saved."))
        return redirect("accounts:organisation")
    title = _("A region for %(territory)s") % {"territory": territory}
    return render(request, "accounts/form.html", {"form": form, "title": title})
