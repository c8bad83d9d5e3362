"""A person's settings, saved section by section; each saving can be undone."""

from __future__ import annotations

from copy import copy
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions, notice_kinds
from accounts.devices import name_of
from accounts.forms import KeyboardForm, ReadingForm, StartForm, TokenForm
from accounts.http import SignedInRequest
from accounts.models import User
from msl_crm.access import ANYONE_SIGNED_IN, allowed
from msl_crm.navigation import places_of

SECTIONS: dict[str, type[forms.ModelForm]] = {
    "reading": ReadingForm,
    "start": StartForm,
    "keyboard": KeyboardForm,
}


@allowed(ANYONE_SIGNED_IN)
def profile(request: SignedInRequest) -> HttpResponse:
    """Language, time zone, theme, start page, keys, notices, devices, and the keys to the API."""
    section = request.POST.get("section", "reading")
    if request.method == "POST" and section == "notices":
        return _save_notices(request)
    bound: dict[str, forms.ModelForm] = {}
    if request.method == "POST" and section in SECTIONS:
        form = _form(section, request, request.POST)
        if form.is_valid():
            names = list(form.fields)
            before = User.objects.values(*names).get(pk=request.user.pk)
            form.save()
            return _saved(request, section, before)
        bound[section] = form
    return _page(request, bound)


def _form(section: str, request: SignedInRequest, data: Any = None) -> forms.ModelForm:
    # Bound forms write into their instance; the page around them goes on speaking as before.
    form = SECTIONS[section](data, instance=copy(request.user), auto_id=f"{section}_%s")
    if isinstance(form, StartForm):
        form.offer(places_of(request.user))
    return form


def _page(request: SignedInRequest, bound: dict[str, forms.ModelForm], **more: Any) -> HttpResponse:
    context = {
        "forms": {name: bound.get(name) or _form(name, request) for name in SECTIONS},
        "wrong": next(iter(bound.values()), None),
        "matrix": notice_kinds.matrix_of(request.user),
        "devices": [
            (device, name_of(device.user_agent))
            for device in UserSession.objects.filter(user=request.user).order_by("-created_at")[:20]
        ],
        "tokens": request.user.api_tokens.filter(revoked_at=None).order_by("created_at"),
        "token_form": TokenForm(auto_id="token_%s"),
        **more,
    }
    return render(request, "accounts/profile.html", context)


def _save_notices(request: SignedInRequest) -> HttpResponse:
    before = notice_kinds.choices_of(request.user)
    ticked = {way: set(request.POST.getlist(way)) for way in notice_kinds.WAYS}
    notice_kinds.choose(
        request.user,
        [
            [kind, *(kind in ticked[way] for way in notice_kinds.WAYS)]
            for kind in notice_kinds.kinds_of(request.user)
        ],
    )
    return _saved(request, "notices", before)


def _saved(request: SignedInRequest, section: str, before: Any) -> HttpResponse:
    request.session["settings"] = [section, before]
    messages.success(request, _("Saved."), extra_tags=f"undo:{reverse('accounts:settings_undo')}")
    return HttpResponseRedirect(f"{reverse('accounts:profile')}#{section}")


@require_POST
@allowed(ANYONE_SIGNED_IN)
def settings_undo(request: SignedInRequest) -> HttpResponse:
    """Bring back what the section said before it was saved last."""
    section, before = request.session.pop("settings", ["", None])
    if section == "notices":
        notice_kinds.choose(request.user, before)
    elif section in SECTIONS:
        User.objects.filter(pk=request.user.pk).update(**before)
    return HttpResponseRedirect(f"{reverse('accounts:profile')}#{section}")


@require_POST
@allowed(ANYONE_SIGNED_IN)
def theme(request: SignedInRequest) -> HttpResponse:
    """The other theme, from wherever the person is."""
    other = User.Theme.LIGHT if request.user.theme == User.Theme.DARK else User.Theme.DARK
    User.objects.filter(pk=request.user.pk).update(theme=other)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    back = request.headers.get("Referer", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, request.get_host()) else "home")


@require_POST
@allowed(ANYONE_SIGNED_IN)
def device_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign out on another device of one's own."""
    device = get_object_or_404(UserSession, pk=pk, user=request.user)
    if device.session_key != request.session.session_key:
        device.end()
        messages.success(request, _("Signed out there."))
    return HttpResponseRedirect(f"{reverse('accounts:profile')}#devices")


@require_POST
@allowed(ANYONE_SIGNED_IN)
def token_new(request: SignedInRequest) -> HttpResponse:
    """Issue a key to the API. Its secret is on this answer and nowhere else."""
    form = TokenForm(request.POST, auto_id="token_%s")
    if not form.is_valid():
        return _page(request, {}, token_form=form)
    _token, secret = actions.issue_token(request.user, form.cleaned_data["name"])
    return _page(request, {}, secret=secret)


@require_POST
@allowed(ANYONE_SIGNED_IN)
def token_revoke(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.revoke_token(get_object_or_404(request.user.api_tokens, pk=pk))
    messages.success(request, _("This token no longer works."))
    return redirect("accounts:profile")
