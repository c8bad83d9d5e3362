"""What an expert agreed to, objected to and was told: each side its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance import reading
from compliance.policy import Deed, may
from handovers.actions import keep_with_medical
from kols import actions
from kols.consent_forms import ConsentForm, NoticeForm, ObjectionForm, TakenBackForm
from kols.models import KOL, Consent, Objection, PrivacyNotice
from msl_crm.access import FIELD, MEDICAL, OVERSIGHT, allowed

FORMS: dict[str, Any] = {"consent": ConsentForm, "objection": ObjectionForm, "notice": NoticeForm}


@allowed(MEDICAL, FIELD, OVERSIGHT)
def kol_consents(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Everything the own side has recorded, and the three forms that add to it."""
    user = request.user
    kol = get_object_or_404(KOL.objects.visible_to(user), pk=pk)
    may_write = may(user.role, Deed.KEEP_CONSENT).allowed and kol.status in ("ACTIVE", "TO_VERIFY")
    asked = request.POST.get("form", "") if request.method == "POST" and may_write else ""
    forms = {
        name: form(request.POST if asked == name else None, user=user, prefix=name)
        for name, form in FORMS.items()
    }
    if asked in forms and forms[asked].is_valid():
        _write(request, kol, asked, forms[asked].facts())
        messages.success(request, _("Saved."))
        return redirect("kols:consents", pk=pk)
    reading.note(user, kol)
    context = {
        "kol": kol,
        "forms": forms,
        "wrong": [form for form in forms.values() if form.is_bound],
        "may_write": may_write,
        "consents": Consent.objects.visible_to(user).filter(kol=kol).select_related("market", "recorded_by"),
        "objections": Objection.objects.visible_to(user).filter(kol=kol).select_related("recorded_by"),
        "notices": PrivacyNotice.objects.visible_to(user).filter(kol=kol).select_related("recorded_by"),
        "topbar_title": _("Consents"),
        "back_url": reverse("kols:detail", args=[pk]),
    }
    return render(request, "kols/kol_consents.html", context, status=422 if asked else 200)


def _write(request: SignedInRequest, kol: KOL, what: str, facts: dict[str, Any]) -> None:
    match what:
        case "consent":
            actions.record_consent(kol, by=request.user, **facts)
        case "objection":
            objection = actions.record_objection(kol, by=request.user, **facts)
            if objection.kind != Objection.Kind.SCIENCE:
                keep_with_medical(kol)
        case _:
            actions.record_privacy_notice(kol, by=request.user, **facts)


@allowed(MEDICAL, FIELD)
def consent_withdrawal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """An expert takes a consent back."""
    row = get_object_or_404(
        Consent.objects.visible_to(request.user).standing().select_related("kol", "market"), pk=pk
    )
    return _taken_back(
        request,
        row,
        _("Withdraw the consent"),
        lambda how: actions.withdraw_consent(pk, by=request.user, how=how),
    )


@allowed(MEDICAL, FIELD)
def objection_lifting(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """An expert takes an objection back."""
    row = get_object_or_404(
        Objection.objects.visible_to(request.user).filter(lifted_at=None).select_related("kol"), pk=pk
    )
    return _taken_back(
        request,
        row,
        _("Take the objection back"),
        lambda how: actions.lift_objection(pk, by=request.user, how=how),
    )


def _taken_back(request: SignedInRequest, row: Any, title: str, act: Any) -> HttpResponse:
    form = TakenBackForm(request.POST or None)
    back = reverse("kols:consents", args=[row.kol_id])
    if request.method == "POST" and form.is_valid():
        act(form.cleaned_data["how"])
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {
        "form": form,
        "title": title,
        "lead": str(row),
        "kol": row.kol,
        "close_url": back,
        "topbar_title": title,
        "submit": title,
        "crumbs": [{"url": back, "text": row.kol.name}, {"url": "", "text": title}],
    }
    return render(request, "kols/kol_form.html", context, status=422 if form.errors else 200)
