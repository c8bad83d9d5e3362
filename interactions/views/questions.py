"""Questions that field service passes on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance.policy import Channel, Kind, Refused
from interactions import actions
from interactions.facts import Event
from interactions.forms import market_of
from interactions.short_forms import QuestionForm
from interactions.views._rows import choose, kol_of
from msl_crm.access import FIELD, allowed


@allowed(FIELD)
def question_new(request: SignedInRequest) -> HttpResponse:
    """Pass a question on to Medical. The answer is the same whatever Medical knows or does (decision 12)."""
    kol = kol_of(request, (request.POST or request.GET).get("kol", ""))
    if kol is None:
        return choose(request, Kind.INQUIRY)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        event = Event(
            kind=Kind.INQUIRY,
            channel=Channel.IN_PERSON,
            starts_at=now(),
            ends_at=now(),
            market=market_of(request.user, kol),
        )
        question = form.cleaned_data["question"]
        try:
            actions.refer_question(by=request.user, kol=kol, question=question, event=event)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Passed on. Medical answers the doctor directly."))
            return redirect("kols:list")
    return render(
        request,
        "interactions/question_form.html",
        {
            "form": form,
            "kol": kol,
            "topbar_title": _("Pass a question to Medical"),
            "close_url": reverse("home"),
        },
        status=409 if form.is_bound and form.non_field_errors() else 200,
    )
