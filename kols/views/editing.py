"""What Medical writes about an expert. Each view reaches the row, binds a form, acts, and goes back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from accounts.models import User
from compliance.policy import Deed, Refused, Role, may
from kols import actions
from kols.choices import free_uses, held_now, markets_of, medical_owners, medical_relations
from kols.forms import (
    AffiliationForm,
    IdentifierForm,
    KOLForm,
    MarketsForm,
    NewKOLForm,
    OwnerForm,
    RelationForm,
    ScienceForm,
)
from kols.models import KOL, Identifier, ScientificProfile
from kols.search import matching
from msl_crm import merging
from msl_crm.access import MEDICAL, MSLS, allowed


def editable(user: User, pk: UUID) -> KOL:
    """An expert whose entry may still change; everything else does not exist here."""
    return get_object_or_404(KOL.objects.visible_to(user).listed().select_related("main_institution"), pk=pk)


def alone(request: SignedInRequest, kol: KOL) -> KOL:
    """While it is being saved, nobody else saves it: what is compared here is what stands there then."""
    if request.method != "POST":
        return kol
    return KOL.objects.select_for_update(no_key=True, of=("self",)).get(pk=kol.pk)


def as_shown(request: SignedInRequest, fresh: forms.BaseForm) -> dict[str, str]:
    """What the page showed when it was opened; when it is shown again, still that."""
    said = request.POST.get(merging.SEEN) if request.method == "POST" else None
    return {"seen_name": merging.SEEN, "seen": merging.shown(fresh) if said is None else said}


def show(
    request: SignedInRequest, form: forms.BaseForm, title: str, *, kol: KOL | None = None, **more: Any
) -> HttpResponse:
    back = reverse("kols:detail", args=[kol.pk]) if kol else reverse("kols:list")
    context = {
        "form": form,
        "title": title,
        "kol": kol,
        "close_url": back,
        "topbar_title": title,
        "submit": _("Save"),
        "crumbs": [{"url": reverse("kols:list"), "text": _("KOLs")}]
        + ([{"url": back, "text": kol.name}] if kol else [])
        + [{"url": "", "text": title}],
        **more,
    }
    return render(request, "kols/kol_form.html", context)


def done(request: SignedInRequest, kol: KOL, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("kols:detail", pk=kol.pk)


@allowed(MEDICAL)
def kol_new(request: SignedInRequest) -> HttpResponse:
    """Add an expert; whoever looks like her is shown first."""
    user = request.user
    form = NewKOLForm(request.POST or None, markets=markets_of(user))
    alike: list[KOL] = []
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["somebody_else"]:
            alike = _alike(user, form.cleaned_data["given_name"], form.cleaned_data["family_name"])
        if not alike:
            kol = _register(form, user)
            words = _("%(name)s is in the directory.") % {"name": kol.name}
            if may(Role(user.role), Deed.OPEN_RELATION).allowed:
                words += " " + _("Take over a use, and this expert is among yours.")
            return done(request, kol, words)
    return show(request, form, _("Add KOL"), alike=alike)


def _alike(user: User, given: str, family: str) -> list[KOL]:
    known = matching(KOL.objects.visible_to(user).listed(), f"{given[:1]} {family}" if given else family)
    return list(known.select_related("main_institution").order_by("sort_name", "id")[:5])


def _register(form: NewKOLForm, user: User) -> KOL:
    data, place = form.cleaned_data, None
    if data["institution"]:
        place = actions.find_or_note_institution(data["institution"], city=data["city"], by=user)
    facts = form.facts()
    return actions.register_kol(
        by=user,
        main_market=data["main_market"],
        institution=place,
        function=data["function"],
        source="entered",
        **facts,
    )


@allowed(MEDICAL)
def kol_edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Correct the directory entry."""
    kol = alone(request, editable(request.user, pk))
    form = fresh = KOLForm(instance=kol)
    if request.method == "POST":
        data, clashes = merging.merge(request.POST, fresh)
        form = KOLForm(data, instance=KOL.objects.visible_to(request.user).get(pk=pk))
        if form.is_valid():
            if clashes:
                return merging.ask(request, data, fresh, clashes)
            kol = actions.edit_kol(kol, by=request.user, **form.facts())
            return done(request, kol, _("Saved."))
    return show(request, form, _("Edit"), kol=kol, **as_shown(request, fresh))


@allowed(MSLS)
def kol_science(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Tier with its written reason, interests, goals."""
    kol = alone(request, editable(request.user, pk))
    known = ScientificProfile.objects.visible_to(request.user).filter(kol=kol)
    form = fresh = ScienceForm(instance=known.first())
    if request.method == "POST":
        data, clashes = merging.merge(request.POST, fresh)
        form = ScienceForm(data, instance=known.first())
        if form.is_valid():
            if clashes:
                return merging.ask(request, data, fresh, clashes)
            actions.set_science(kol, by=request.user, **form.cleaned_data)
            return done(request, kol, _("Scientific profile saved."))
    return show(request, form, _("Scientific profile"), kol=kol, **as_shown(request, fresh))


@allowed(MEDICAL)
def kol_affiliations(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Note a place of work."""
    kol = editable(request.user, pk)
    form = AffiliationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, market = form.cleaned_data, markets_of(request.user).first()
        place = actions.find_or_note_institution(data["institution"], city=data["city"], by=request.user)
        since = market.start_of(data["since"]) if data["since"] and market else None
        actions.add_affiliation(
            kol, place, by=request.user, function=data["function"], main=data["main"], since=since
        )
        return done(request, kol, _("Place of work noted."))
    return show(request, form, _("Add a place"), kol=kol)


@allowed(MEDICAL)
def kol_identifiers(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Note a number. One number names one expert, whoever may see the other one."""
    kol = editable(request.user, pk)
    form = IdentifierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.add_identifier(kol, by=request.user, **form.cleaned_data)
        except IntegrityError:
            form.add_error(
                "value", _("This number already names an expert. Please ask your lead to compare the two.")
            )
        else:
            scheme = Identifier.Scheme(form.cleaned_data["scheme"]).label
            return done(request, kol, _("%(scheme)s noted.") % {"scheme": scheme})
    return show(request, form, _("Add a number"), kol=kol)


@allowed(MEDICAL)
def kol_markets(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """In which markets the expert practises."""
    kol, markets = editable(request.user, pk), markets_of(request.user)
    held = list(kol.practices.all())
    initial = {
        "main": next((p.market_id for p in held if p.main), None),
        "markets": [p.market_id for p in held],
    }
    form = MarketsForm(request.POST or None, markets=markets, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.set_markets(kol, by=request.user, **form.cleaned_data)
        return done(request, kol, _("Markets saved."))
    return show(request, form, _("Markets"), kol=kol)


@allowed(MSLS)
def kol_relations(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take an expert over for a use: an MSL for herself, a lead for anybody of the team."""
    user = request.user
    kol, lead = editable(user, pk), user.role == Role.MSL_LEAD
    form = RelationForm(
        request.POST or None, uses=free_uses(kol, user), people=medical_owners(user) if lead else None
    )
    if request.method == "POST" and form.is_valid():
        use, owner = form.cleaned_data["use"], form.cleaned_data.get("owner", user)
        try:
            relation = actions.open_relation(kol, use, by=user, owner=owner)
        except Refused as refused:
            form.add_error(NON_FIELD_ERRORS, str(refused))
        else:
            words = _("%(owner)s answers for %(use)s from now on.")
            return done(request, kol, words % {"owner": owner.name, "use": relation.use})
    return show(request, form, _("Take over for a use"), kol=kol, submit=_("Take over"))


@allowed(Role.MSL_LEAD)
def relation_owner(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Give a relation to a colleague of Medical."""
    relation = get_object_or_404(medical_relations(request.user), pk=pk)
    form = OwnerForm(request.POST or None, people=medical_owners(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            actions.reassign_owner(relation, to=form.cleaned_data["owner"], by=request.user)
        except Refused as refused:
            form.add_error(NON_FIELD_ERRORS, str(refused))
        else:
            words = _("%(owner)s answers from now on.") % {"owner": form.cleaned_data["owner"].name}
            return done(request, relation.kol, words)
    lead = f"{relation.use.indication.product.name}, {relation.use.indication.name}"
    return show(request, form, _("Assign"), kol=relation.kol, lead=lead, submit=_("Assign"))


@allowed(MSLS)
def relation_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Stop answering to an expert for a use."""
    relation = get_object_or_404(medical_relations(request.user), pk=pk)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        try:
            actions.end_relation(relation, by=request.user)
        except Refused as refused:
            form.add_error(NON_FIELD_ERRORS, str(refused))
        else:
            return done(request, relation.kol, _("Nobody answers for this use any more."))
    lead = _("From now on nobody answers to this expert for %(use)s. What was logged stays.") % {
        "use": relation.use
    }
    return show(request, form, _("End it"), kol=relation.kol, lead=lead, submit=_("End it"), danger=True)


@allowed(MEDICAL)
def kol_status(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Confirm an entry, archive it, or take it up again. An archived expert is one nobody answers for."""
    user = request.user
    kol = get_object_or_404(KOL.objects.visible_to(user).exclude(status=KOL.Status.MERGED), pk=pk)
    status = request.POST.get("status", "")
    if status == KOL.Status.ARCHIVED and held_now(kol, user):
        messages.error(request, _("Somebody still answers for this expert. End that first, or hand it over."))
    elif status in (KOL.Status.ACTIVE, KOL.Status.ARCHIVED):
        actions.edit_kol(kol, by=user, status=status)
        messages.success(request, _("Saved."))
    return redirect("kols:detail", pk=pk)
