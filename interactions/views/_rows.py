"""Reaching the records and experts that a page is about."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest, as_uuid
from compliance import audit
from compliance.policy import Kind
from interactions.models import Interaction
from interactions.today import waiting
from interactions.visit_page import chooser, log_words
from kols.models import KOL


def own(request: SignedInRequest, pk: UUID) -> Interaction:
    """A record of one's own."""
    return get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk, author=request.user)


def plan_of(request: SignedInRequest, pk: str) -> Interaction | None:
    """The plan of one's own that a page names, if it names one."""
    if not pk:
        return None
    if as_uuid(pk) is None:
        raise Http404
    return get_object_or_404(
        Interaction.objects.visible_to(request.user).planned().select_related("market"),
        pk=pk,
        author=request.user,
    )


def taken_back(request: SignedInRequest, pk: str) -> Interaction | None:
    """The record of one's own that was taken back and is written again, if the page names one."""
    if not pk:
        return None
    if as_uuid(pk) is None:
        raise Http404
    rows = Interaction.objects.visible_to(request.user).filter(status=Interaction.Status.WITHDRAWN)
    known = rows.select_related("market", "follows_plan__market").prefetch_related("attendees")
    return get_object_or_404(known, pk=pk, author=request.user)


def kol_of(request: SignedInRequest, pk: str, plan: Interaction | None = None) -> KOL | None:
    """The expert a page names, or whom the plan is with."""
    if plan is not None and not pk:
        main = plan.attendees.filter(kol__isnull=False).order_by("-main").first()
        return main.kol if main else None
    if not pk:
        return None
    if as_uuid(pk) is None:
        raise Http404
    known = KOL.objects.visible_to(request.user).select_related("main_institution")
    return get_object_or_404(known, pk=pk)


def slot(query: QueryDict) -> dict[str, date | time]:
    """The day and time somebody tapped in the calendar, where the address says one."""
    found: dict[str, date | time] = {}
    try:
        if day := parse_date(query.get("on", "")[:10]):
            found["on"] = day
        if clock := parse_time(query.get("at", "")[:5]):
            found["at"] = clock
    except ValueError:
        pass
    return found


def choose(request: SignedInRequest, kind: Kind, *, planned: bool = False) -> HttpResponse:
    """The page that asks with whom it was, or is to be."""
    query = request.GET.get("q", "").strip()[:100]
    audit.searched(request.user, query, "log visit")
    return render(
        request,
        "interactions/interaction_person.html",
        {
            "kols": chooser(request.user, query),
            "waiting": [] if query or planned else waiting(request.user),
            "query": query,
            "kind": kind,
            "slot": {name: value.isoformat() for name, value in slot(request.GET).items()},
            "question": _("Whom will you meet?") if planned else _("Whom did you meet?"),
            "topbar_title": _("Plan a visit") if planned else log_words(request.user),
            "close_url": reverse("home"),
        },
    )
