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
from interactions import actions, words_form
from interactions.facts import Event
from interactions.forms import market_of
from interactions.short_forms import QuestionForm
from interactions.views._rows import choose, kol_of
from msl_crm.access import FIELD, allowed
from safety.listening import heard


@allowed(FIELD)
def question_new(request: SignedInRequest) -> HttpResponse:
    """Pass a question on to Medical. The answer is the same whatever Medical knows or does (decision 12)."""
    kol = kol_of(request, (request.POST or request.GET).get("kol", ""))
    if kol is None:
        return choose(request, Kind.INQUIRY)
    form = QuestionForm(request.POST or None)
    found = (
        form.marked(request.user, market_of(request.user, kol), ours=False, kol=kol) if form.is_bound else ()
    )
    if request.method == "POST" and form.is_valid():
        # Before anything about the question itself is looked at.
        heard(
            request, [form.cleaned_data["question"]], "question", kol=kol, market=market_of(request.user, kol)
        )
    if request.method == "POST" and form.is_valid() and form.explained(found):
        event = Event(
            kind=Kind.INQUIRY,
            channel=Channel.IN_PERSON,
            starts_at=now(),
            ends_at=now(),
            market=market_of(request.user, kol),
        )
        question = form.cleaned_data["question"]
        try:
            actions.refer_question(
                by=request.user, kol=kol, question=question, event=event,
                words_reason=form.cleaned_data["words_reason"],
            )  # fmt: skip
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
            "words": words_form.beside(found),
            "topbar_title": _("Pass a question to Medical"),
            "close_url": reverse("home"),
        },
        status=409 if form.is_bound and form.non_field_errors() else 422 if form.errors else 200,
    )
