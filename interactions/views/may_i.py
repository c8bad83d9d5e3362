"""May I? as a page: everything in the address, nothing written."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance import audit, reading
from compliance.policy import Outcome, Role
from interactions.may_i import Answer, Question, answer
from interactions.may_i_form import MayIForm
from interactions.views._rows import kol_of
from interactions.visit_page import chooser
from kols.models import KOL
from msl_crm.access import FIELD, MEDICAL, READERS, allowed
from msl_crm.dates import date_in_words

TONES = {Outcome.ALLOWED: "green", Outcome.WITH_DOCUMENTS: "amber", Outcome.NOT_ALLOWED: "red"}

ASKED = ("use", "kind", "channel", "basis", "on", "at", "person", "market")


@allowed(MEDICAL, FIELD, READERS)
def may_i(request: SignedInRequest) -> HttpResponse:
    """What the boundary says of a contact: now, in the past by what was known then and now, or on a day ahead."""
    kol = kol_of(request, request.GET.get("kol", ""))
    if kol is None:
        return _whom(request)
    asked = any(request.GET.get(name) for name in ASKED)
    form = MayIForm(request.GET if asked else None, asker=request.user, kol=kol)
    context: dict[str, Any] = {"form": form, "kol": kol, "topbar_title": _("May I?"), "answers": []}
    if asked and form.is_valid():
        question = form.question()
        reading.note(request.user, kol, words=f"{kol}, May I?")
        context["answers"] = _answers(question, request)
        context["differ"] = len({_core(one["found"]) for one in context["answers"]}) > 1
        context["asked"] = _asked(question)
    return render(request, "interactions/may_i.html", context, status=422 if asked and form.errors else 200)


def _answers(question: Question, request: SignedInRequest) -> list[dict[str, Any]]:
    """Of the past two answers, of anything else one."""
    today = answer(question, asker=request.user)
    if question.at >= now():
        return [_said(today, _("By what is known today"))]
    then = answer(question, asker=request.user, known_at=question.known)
    return [_said(then, _("By what was known then")), _said(today, _("By what is known now"))]


def _core(found: Answer) -> tuple[Any, ...]:
    return found.outcome, found.decision.rules, found.decision.missing, found.owner


def _asked(question: Question) -> str:
    """When and where, by the clock that counts."""
    market = question.market
    day = date_in_words(market.local_day(question.at))
    if question.until is not None:
        return _("The whole of %(day)s in %(market)s") % {"day": day, "market": market}
    clock = f"{question.at.astimezone(market.tz):%H:%M}"
    return _("%(day)s, %(time)s in %(market)s") % {"day": day, "time": clock, "market": market}


def _said(found: Answer, title: str) -> dict[str, Any]:
    words = {
        Outcome.ALLOWED: _("Yes"),
        Outcome.WITH_DOCUMENTS: _("Yes, with what belongs to it"),
        Outcome.NOT_ALLOWED: _("No"),
    }
    return {
        "title": title, "found": found, "outcome": found.outcome.name, "verdict": words[found.outcome],
        "tone": TONES[found.outcome], "documents": found.documents(_), "reasons": found.reasons(_),
        "rows": [{"label": label, "value": value} for label, value in found.facts(_)],
        "rules": ", ".join(found.decision.rules),
    }  # fmt: skip


def _whom(request: SignedInRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    audit.searched(request.user, query, "may I")
    oversight = request.user.role in (Role.COMPLIANCE, Role.AUDITOR)
    known = KOL.objects.visible_to(request.user).listed().select_related("main_institution").defer("search")
    kols = (
        chooser(request.user, query)
        if query or not oversight
        else list(known.order_by("sort_name", "pk")[:10])
    )
    context = {
        "kols": kols, "query": query, "question": _("About whom do you ask?"), "topbar_title": _("May I?"),
        "close_url": reverse("home"), "kind": "",
    }  # fmt: skip
    return render(request, "interactions/interaction_person.html", context)
