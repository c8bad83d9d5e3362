"""Field service: the lead names reps, the rep finds, accepts or declines what waits for her."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.models import User
from compliance.policy import DeclineReason, HandoverState, Refused, Role
from handovers import actions, board, long, words
from handovers.forms import DeclineForm
from handovers.models import Handover
from handovers.readiness import Lack, candidates_lack
from handovers.suggest import candidates_for
from handovers.views.batches import beaten, chosen, tell
from msl_crm.access import FIELD, allowed
from msl_crm.answers import stands_now

S = HandoverState


@allowed(FIELD)
def inbox(request: SignedInRequest) -> HttpResponse:
    """What waits for this person, what she took, and what was withdrawn."""
    rows = (
        Handover.objects.visible_to(request.user)
        .with_rules()
        .filter(recipient=request.user)
        .select_related(*board.WITH_NAMES)
        .order_by("state_since", "pk")
    )
    waiting = list(rows.filter(state=S.ASSIGNED)[:100])
    taken = list(
        rows.filter(state__in=[S.ACCEPTED, S.APPROVED]).order_by("relation__kol__sort_name", "pk")[:100]
    )
    moved = list(rows.filter(state__in=[S.EFFECTIVE, S.CLOSED]).order_by("-effective_at", "pk")[:10])
    to_assign = 0
    if request.user.role == Role.FIELD_LEAD:
        to_assign = len(
            Handover.objects.visible_to(request.user).filter(state=S.PREPARED).values_list("pk")[:100]
        )
    oldest = max((_days(row) for row in waiting), default=0)
    context = {
        "waiting": [
            {"row": row, "days": _days(row), "state": board.state_tag(row, request.user)} for row in waiting
        ],
        "taken": [{"row": row, "state": board.state_tag(row, request.user)} for row in taken],
        "moved": [{"row": row, "state": board.state_tag(row, request.user)} for row in moved],
        "to_assign": to_assign,
        "lead": _sentence(len(waiting), oldest),
        "batch": uuid4(),
        "bar_actions": [{"text": _("Accept"), "icon": "check", "kind": "primary"}],
    }
    return render(request, "handovers/inbox.html", context)


def _days(row: Handover) -> int:
    """How many of the market's days ago it was sent; the tag of the row says the same number."""
    return (row.market.local_day(now()) - row.market.local_day(row.state_since)).days


def _sentence(count: int, oldest: int) -> str:
    if not count:
        return ""
    first = ngettext("%d account from Medical", "%d accounts from Medical", count) % count
    return first + ", " + ngettext("the oldest waits %d day", "the oldest waits %d days", oldest) % oldest


@allowed(FIELD)
def acceptance(request: SignedInRequest, pk: UUID | None = None) -> HttpResponse:
    """Accept one, or all that are ticked. The press is the signature (decision 28)."""
    if request.method != "POST":
        return redirect("handovers:inbox")
    rows = [_mine(request, pk)] if pk else chosen(request, [S.ASSIGNED])
    if not rows:
        if beaten(request, [S.ASSIGNED]):
            return stands_now(request, None, inbox)
        messages.info(request, _("Choose at least one account."))
        return redirect("handovers:inbox")
    batch = as_uuid(request.POST.get("batch", "")) or uuid4()
    items = [actions.Item(row, row.version) for row in rows]
    if len(items) > long.AT_ONCE:
        job = long.begin(
            items, by=request.user, batch=batch, transition="T-04", signed="session",
            next_url=reverse("handovers:inbox"), arguments={},
        )  # fmt: skip
        return redirect("jobs:detail", job.pk)
    outcomes = actions.run_batch(
        actions.accept_handover, items, by=request.user, batch_id=batch, transition="T-04"
    )
    if tell(request, outcomes, lambda n: ngettext("%d account accepted", "%d accounts accepted", n) % n):
        return redirect("handovers:inbox")
    return stands_now(request, None, inbox)


@allowed(FIELD)
def refusal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Decline with a code; the lead chooses somebody else."""
    row = _mine(request, pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline_handover(row, reason=DeclineReason(form.cleaned_data["reason"]), by=request.user)
        except Refused as refused:
            return stands_now(request, refused, inbox)
        messages.success(request, _("Declined. Your lead chooses somebody else."))
        return redirect("handovers:inbox")
    return render(
        request, "handovers/refusal.html", {"form": form, "row": row}, status=422 if form.errors else 200
    )


def _mine(request: SignedInRequest, pk: UUID | None) -> Handover:
    rows = (
        Handover.objects.visible_to(request.user)
        .filter(recipient=request.user)
        .select_related(*board.WITH_NAMES)
    )
    return get_object_or_404(rows, pk=pk)


@allowed(Role.FIELD_LEAD)
def assignments(request: SignedInRequest) -> HttpResponse:
    """Name who takes over. The one match of the territory is prefilled; one press names all."""
    if request.method != "POST":
        return _to_assign(request)
    found = _prepared(request)
    if not _assign(request, {str(row.pk): row for row in found}, candidates_for(found)):
        return stands_now(request, None, _to_assign)
    if left := len(_all_prepared(request).order_by().values_list("pk")[:1000]):
        still = ngettext("%d account still needs a rep.", "%d accounts still need a rep.", left) % left
        messages.info(request, still)
    return redirect(request.get_full_path())


def _all_prepared(request: SignedInRequest) -> Any:
    rows = Handover.objects.visible_to(request.user).with_rules().filter(state=S.PREPARED)
    campaign = as_uuid(request.GET.get("campaign", ""))
    return rows.filter(campaign=campaign) if campaign else rows


def _prepared(request: SignedInRequest) -> list[Handover]:
    rows = _all_prepared(request).select_related(*board.WITH_NAMES)
    return list(rows.order_by("state_since", "pk")[:100])


def _to_assign(request: SignedInRequest) -> HttpResponse:
    found = _prepared(request)
    people = candidates_for(found)
    lacks = candidates_lack({row: [c.user_id for c in people.get(row.pk, [])] for row in found})
    context = {
        "items": [_item(row, people.get(row.pk, []), lacks, request.user) for row in found],
        "batch": uuid4(),
        "bar_actions": [{"text": _("Name these reps"), "icon": "check", "kind": "primary"}],
    }
    return render(request, "handovers/assignments.html", context)


def _item(row: Handover, candidates: list[Any], lacks: dict[Any, list[Lack]], user: User) -> dict[str, Any]:
    declined = row.decline_reason
    hint = board.hint_for(row, candidates)
    return {
        "row": row,
        "candidates": [(c, lacks.get((row.pk, c.user_id), [])) for c in candidates],
        "hint_lacks": lacks.get((row.pk, hint.user_id), []) if hint else [],
        "hint": hint,
        "state": board.state_tag(row, user),
        "declined": words.DECLINE.get(declined) if declined else None,
    }


def _assign(request: SignedInRequest, rows: dict[str, Handover], people: dict[UUID, Any]) -> bool:
    """One batch per named rep, under one batch id. False where somebody else was faster with all of them."""
    batch = as_uuid(request.POST.get("batch", "")) or uuid4()
    by_rep: dict[str, list[actions.Item]] = defaultdict(list)
    for pk in request.POST.getlist("item"):
        rep = request.POST.get(f"rep-{pk}", "")
        if pk in rows and any(str(c.user_id) == rep for c in people.get(rows[pk].pk, [])):
            by_rep[rep].append(actions.Item(rows[pk], rows[pk].version))
    if not by_rep:
        if beaten(request, [S.PREPARED]):
            return False
        messages.info(request, _("Tick the accounts and choose a rep for each."))
        return True
    done = False
    reps = User.objects.in_bulk(by_rep)
    for rep, items in by_rep.items():
        outcomes = actions.run_batch(
            actions.assign_handover,
            items,
            by=request.user,
            batch_id=batch,
            transition="T-03",
            recipient=reps[UUID(rep)],
        )
        name = reps[UUID(rep)].name
        done |= tell(
            request, outcomes,
            lambda n, name=name: ngettext("%(n)d account for %(name)s", "%(n)d accounts for %(name)s", n)
            % {"n": n, "name": name},
        )  # fmt: skip
    return done


@allowed(Role.FIELD_LEAD)
def no_field(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Declare that nobody in field service can take this expert (T-11)."""
    row = get_object_or_404(Handover.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        try:
            actions.declare_no_field(row, by=request.user)
        except Refused as refused:
            return stands_now(request, refused, _to_assign)
        messages.success(request, _("Told to Medical, who confirm it."))
    return redirect("handovers:assignments")
