"""Samples: what is to be reviewed, how it was drawn, and drawing a new one."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance import reading
from compliance.policy import Refused, Role
from interactions.models import Interaction
from msl_crm.access import READERS, allowed
from reviews import actions
from reviews.forms import DrawForm, ExtendForm
from reviews.frame import WORDS
from reviews.models import Draw, Item

SHOWN = 50
OPEN = Q(verdict__in=["", Item.Verdict.QUESTION])
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def with_words(items: list[Item]) -> list[Item]:
    for item in items:
        item.why = [WORDS.get(code, code) for code in item.reasons]  # type: ignore[attr-defined]
    return items


def items_of(request: SignedInRequest) -> list[Item]:
    """The next records to review, sample by sample, the oldest first."""
    rows = (
        Item.objects.visible_to(request.user)
        .filter(OPEN)
        .select_related("interaction", "deviation", "author", "draw__market")
    )
    return list(rows.defer("draw__frame").order_by("draw__drawn_at", "position", "pk")[:SHOWN])


@allowed(READERS)
def queue(request: SignedInRequest) -> HttpResponse:
    """What is to be reviewed, and the samples it comes from."""
    form = DrawForm(user=request.user)
    draws = Draw.objects.visible_to(request.user).defer("frame").select_related("market", "drawn_by")[:12]
    context = {
        "items": with_words(items_of(request)),
        "draws": draws.annotate(
            drawn=Count("items"), left=Count("items", filter=Q(items__verdict__in=["", "QUESTION"]))
        ),
        "form": form,
        "may": request.user.role == Role.COMPLIANCE,
    }
    return render(request, "reviews/queue.html", context)


@require_POST
@allowed(Role.COMPLIANCE)
def draw_new(request: SignedInRequest) -> HttpResponse:
    form = DrawForm(request.POST, user=request.user)
    if form.is_valid():
        market, asked = form.cleaned_data["market"], form.cleaned_data
        since, until = market.start_of(asked["since"]), market.start_of(asked["until"] + timedelta(days=1))
        try:
            found = actions.draw_sample(market, since=since, until=until, by=request.user)
        except Refused as refused:
            messages.error(request, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Drawn. It stays as it is."))
            return redirect("reviews:draw", found.pk)
    else:
        messages.error(request, _("Name a market and a period that has ended."))
    return redirect("reviews:queue")


@allowed(READERS)
def draw(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One sample: its frame, seed and way, drawn again before the reader's eyes, and its records."""
    found = get_object_or_404(
        Draw.objects.visible_to(request.user).select_related("market", "drawn_by"), pk=pk
    )
    reading.note(request.user, found)
    position = request.GET.get("after", "0")
    after = int(position) if position.isascii() and position.isdigit() and len(position) < 9 else 0
    rows = found.items.select_related("interaction", "deviation", "author", "added_by", "decided_by")
    page = list(rows.filter(position__gt=after)[: SHOWN + 1])
    drawn = (
        found.items.filter(added_because="")
        .order_by("position")
        .values_list("interaction", "deviation", "reasons")
    )
    again = [(pk, list(reasons)) for pk, reasons in actions.repeat(found).items()]
    context = {
        "draw": found,
        "items": with_words(page[:SHOWN]),
        "next_url": f"?after={page[SHOWN - 1].position}" if len(page) > SHOWN else "",
        "count": len(again),
        "same": again == [(str(a or b), reasons) for a, b, reasons in drawn],
        "form": ExtendForm(),
        "may": request.user.role == Role.COMPLIANCE,
    }
    return render(request, "reviews/draw.html", context)


@require_POST
@allowed(Role.COMPLIANCE)
def draw_extension(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Add a record by hand: its address is pasted, the reason written."""
    found = get_object_or_404(
        Draw.objects.visible_to(request.user).defer("frame").select_related("market"), pk=pk
    )
    form = ExtendForm(request.POST)
    if form.is_valid():
        record = entry_of(request, form.cleaned_data["entry"])
        if record is None:
            messages.error(request, _("There is no such entry."))
            return redirect("reviews:draw", pk)
        try:
            actions.extend_sample(found, record, form.cleaned_data["because"], by=request.user)
        except Refused as refused:
            messages.error(request, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Added, with your reason."))
    else:
        messages.error(request, _("Paste the address of an entry and say why."))
    return redirect("reviews:draw", pk)


def entry_of(request: SignedInRequest, address: str) -> Interaction | None:
    """The record an address names, if there is one that this person may read."""
    found = ID.search(address.lower())
    if found is None:
        return None
    return (
        Interaction.objects.visible_to(request.user).select_related("market").filter(pk=found.group()).first()
    )
