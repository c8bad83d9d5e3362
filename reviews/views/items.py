"""One record under review with its evidence, decided by a key or a button; and the author who is asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance import desk, reading
from compliance.policy import Refused, Role
from compliance.signing import signatures_of
from interactions import words
from interactions.amending import Amendment
from interactions.detail import described, history_of
from interactions.models import Interaction
from interactions.visit_page import said_when
from msl_crm.access import EVERYBODY, READERS, allowed
from reviews import actions
from reviews.forms import AnswerForm, NoteForm
from reviews.models import Inquiry, Item
from reviews.views.samples import items_of, with_words

PARTS = (
    "attendees__kol", "attendees__colleague", "topics__use__indication__product", "topics__area", "topics__product",
    "topics__themes", "valuegivens__kol", "samplegivens__kol", "samplegivens__use__indication__product", "changes",
    "wordmarks",
)  # fmt: skip


def evidence_of(request: SignedInRequest, item: Item) -> dict[str, Any]:
    """The record, what the boundary said then and says today, and every version since it was first saved."""
    if item.deviation is not None:
        reading.note(request.user, item.deviation)
        then, today = desk.then_and_now(item.deviation.act, item.deviation.decision)
        return {
            "deviation": item.deviation,
            "then": then,
            "today": today,
            "facts": desk.facts_in_words(item.deviation.act, request.user),
        }
    rows = Interaction.objects.visible_to(request.user).select_related("author", "market")
    record = get_object_or_404(rows.prefetch_related(*PARTS), pk=item.interaction_id or "")
    reading.note(request.user, record)
    then, today = desk.then_and_now(record.act, record.decision)
    return {
        "record": record, "view": described(record), "when": said_when(record), "then": then, "today": today,
        "facts": desk.facts_in_words(record.act, request.user), "marks": words.shown(record),
        "changes": record.changes.all(),
        "handed": [*record.valuegivens.all(), *record.samplegivens.all()],
        "history": history_of(record, reader=request.user),
        "signatures": signatures_of([record.pk], request.user),
        "amendments": Amendment.objects.visible_to(request.user).filter(interaction=record),
        "changed_since": record.version != item.version,
    }  # fmt: skip


@allowed(READERS)
def item(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A record of a sample beside the list it stands in; Compliance decides here."""
    rows = Item.objects.visible_to(request.user).defer("draw__frame").select_related(
        "draw__market", "deviation", "interaction", "author", "decided_by", "finding"
    )  # fmt: skip
    found = get_object_or_404(rows, pk=pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and request.user.role == Role.COMPLIANCE and form.is_valid():
        try:
            verdict = Item.Verdict(request.POST.get("verdict", ""))
            actions.decide(found.pk, verdict, form.cleaned_data["note"], by=request.user)
        except ValueError:
            form.add_error(None, _("Choose what you say of it."))
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            following = next(
                (one for one in items_of(request) if one.pk != found.pk and not one.verdict), None
            )
            messages.success(request, _("Decided."))
            return redirect("reviews:item", following.pk) if following else redirect("reviews:queue")
    return render(request, "reviews/item.html", _context(request, found, form))


def _context(request: SignedInRequest, found: Item, form: NoteForm) -> dict[str, Any]:
    near = with_words(items_of(request))
    place = next((at for at, one in enumerate(near) if one.pk == found.pk), -1)
    return {
        **evidence_of(request, found),
        "item": with_words([found])[0],
        "near": [_row(one, found) for one in near[:20]],
        "before": near[place - 1].pk if place > 0 else None,
        "after": near[place + 1].pk if place + 1 < len(near) else None,
        "inquiries": found.inquiries.select_related("asked_by"),
        "form": form,
        "may": request.user.role == Role.COMPLIANCE and found.open,
        "independent": request.user.role != Role.COMPLIANCE or not actions.in_line(request.user, found),
    }


def _row(one: Item, found: Item) -> dict[str, Any]:
    return {
        "url": f"/reviews/items/{one.pk}/", "current": one.pk == found.pk, "title": str(one.author or ""),
        "text": ", ".join(map(str, one.why[:2])),  # type: ignore[attr-defined]
        "icon": "alert-triangle" if one.deviation_id else "calendar-event", "tone": "amber" if one.deviation_id else "slate",
    }  # fmt: skip


@allowed(EVERYBODY)
def inquiry(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A reviewer's question; the author answers it here, once."""
    found = get_object_or_404(
        Inquiry.objects.visible_to(request.user).select_related("asked_by", "interaction", "author"), pk=pk
    )
    own = found.author_id == request.user.pk
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and own and form.is_valid():
        try:
            actions.answer_inquiry(found.pk, form.cleaned_data["answer"], by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Compliance has your answer."))
            return redirect("reviews:inquiry", found.pk)
    return render(request, "reviews/inquiry.html", {"inquiry": found, "form": form, "own": own})
