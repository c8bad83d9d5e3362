"""Saved views of the list: kept, renamed, shared, begun with, and taken away with a way back."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from kols import actions
from kols.actions.views import NameTaken
from kols.filters import Filters, home_view
from kols.forms import Clean
from kols.models import SavedView
from msl_crm.access import MEDICAL, allowed


class ViewForm(forms.Form):
    """A name, and whom it is for."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, validators=[Clean()])
    shared = forms.BooleanField(label=gettext_lazy("Share with the team"), required=False)
    starts = forms.BooleanField(label=gettext_lazy("Open the list with it"), required=False)


@require_POST
@allowed(MEDICAL)
def view_new(request: SignedInRequest) -> HttpResponse:
    """Keep the list as it is narrowed now."""
    query = canonical(request, request.POST.get("query", ""))
    form = ViewForm(request.POST)
    if not form.is_valid():
        return _back(request, query, _("Give the view a name."))
    try:
        actions.save_view(
            name=form.cleaned_data["name"], shared=form.cleaned_data["shared"], query=query, by=request.user
        )
    except NameTaken as taken:
        return _back(request, query, str(taken))
    messages.success(request, _("View saved"))
    return redirect(f"{reverse('kols:list')}?{query}")


@require_POST
@allowed(MEDICAL)
def view_change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Another name; shared or not; where the list opens."""
    view = _own(request, pk)
    form = ViewForm(request.POST)
    if not form.is_valid():
        return _back(request, view.query, _("Give the view a name."))
    try:
        actions.change_view(view, by=request.user, **form.cleaned_data)
    except NameTaken as taken:
        return _back(request, view.query, str(taken))
    messages.success(request, _("View changed"))
    return redirect(f"{reverse('kols:list')}?{view.query}")


@require_POST
@allowed(MEDICAL)
def view_removal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take a view away; the toast offers the way back."""
    view = actions.remove_view(_own(request, pk), by=request.user)
    undo = reverse("kols:view_restoration", args=[view.pk])
    messages.success(request, _("View deleted: %(name)s") % {"name": view.name}, extra_tags=f"undo:{undo}")
    return redirect("kols:list")


@require_POST
@allowed(MEDICAL)
def view_restoration(request: SignedInRequest, pk: UUID) -> HttpResponse:
    view = _own(request, pk)
    try:
        actions.restore_view(view, by=request.user)
    except NameTaken as taken:
        return _back(request, view.query, str(taken))
    return redirect(f"{reverse('kols:list')}?{view.query}")


def canonical(request: SignedInRequest, query: str) -> str:
    """What of an address the list understands, always in one order."""
    filters = Filters.read(QueryDict(query[:500]), home=home_view(request.user), medical=True)
    return filters.as_query()


def _own(request: SignedInRequest, pk: UUID) -> SavedView:
    return get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk, owner=request.user)


def _back(request: SignedInRequest, query: str, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect(f"{reverse('kols:list')}?{query}")
