"""Signing the drafts of the day: read, sign in again once, done (R-141)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.http import SignedInRequest, as_uuid
from accounts.reauthentication import SignForm
from compliance.policy import Reason, Refused, Role, sentence
from interactions import actions
from interactions.detail import described
from interactions.models import Interaction
from interactions.open_drafts import AT_ONCE, Hindrance, drafts_of, hindrances
from interactions.stated import statement_of
from interactions.visit_page import said_when
from msl_crm.access import FIELD, MEDICAL, allowed


@allowed(MEDICAL, FIELD)
def draft_signing(request: SignedInRequest) -> HttpResponse:
    """All open drafts of one's own, each to be read; one re-authentication signs those that are ticked."""
    if request.method != "POST":
        return _page(request, SignForm(request=request))
    seen = _seen(request)
    form = SignForm(request.POST, request=request)
    if not seen:
        return _page(request, form, nothing=_("Tick at least one entry to sign."), status=422)
    if not form.is_valid():
        return _page(request, form, ticked=set(seen), status=422)
    try:
        signed = actions.sign_drafts(seen, by=request.user, proof=form.proof)
    except Refused as refused:
        return _page(request, SignForm(request=request), refusal=str(refused), status=409)
    count = len(signed)
    messages.success(
        request,
        ngettext("%(n)d entry signed", "%(n)d entries signed", count) % {"n": count}
        if count
        else _("These entries are signed already."),
    )
    return redirect("home" if request.user.role == Role.MSL else "interactions:list")


def _seen(request: SignedInRequest) -> dict[UUID, str]:
    """What was ticked: the record, and the hash of what stood on the page."""
    found = {}
    for value in request.POST.getlist("sign")[: AT_ONCE + 1]:
        pk, _colon, digest = value.partition(":")
        if (key := as_uuid(pk)) is not None:
            found[key] = digest
    return found


def _page(request: SignedInRequest, form: SignForm, *, ticked: set[UUID] | None = None, status: int = 200,
          **more: Any) -> HttpResponse:  # fmt: skip
    rows = list(drafts_of(request.user).order_by("starts_at", "id")[: AT_ONCE + 1])
    found = hindrances(rows[:AT_ONCE], request.user)
    ready = [row for row in rows[:AT_ONCE] if row.pk not in found]
    context = {
        "ready": [_readable(row, ticked is None or row.pk in ticked) for row in ready],
        "left_out": [
            {**described(row), "why": _why(found[row.pk])} for row in rows[:AT_ONCE] if row.pk in found
        ],
        "more": len(rows) > AT_ONCE,
        "form": form,
        "topbar_title": _("Sign drafts"),
        "back_url": reverse("home" if request.user.role == Role.MSL else "interactions:list"),
        **more,
    }
    return render(request, "interactions/signing.html", context, status=status)


def _readable(row: Interaction, ticked: bool) -> dict[str, Any]:
    return {
        **described(row),
        "when": said_when(row),
        "value": f"{row.pk}:{statement_of(row).sha256}",
        "ticked": ticked,
        "handed": [*row.valuegivens.all(), *row.samplegivens.all()],
    }


def _why(hindrance: Hindrance) -> str:
    return sentence(Reason(hindrance.rule, hindrance.code), _)
