"""Signing for many: the MSL's own list, preparing and approving in one batch each."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.http import SignedInRequest, as_uuid
from accounts.reauthentication import SignForm, signed_by
from compliance.policy import HandoverState
from handovers import actions, board, dossier, long, words
from handovers.models import Handover, HandoverStep
from handovers.timers import due_on
from kols.models import OpenMatter
from msl_crm.access import MSLS, allowed
from msl_crm.answers import stands_now

S = HandoverState
LIMIT = 200
CHOSEN = 1000


@allowed(MSLS)
def mine(request: SignedInRequest) -> HttpResponse:
    """The accounts this person answers for: to prepare first, then where the others stand."""
    rows = (
        Handover.objects.visible_to(request.user)
        .with_rules()
        .filter(preparer=request.user)
        .select_related(*board.WITH_NAMES, "campaign__use")
        .order_by("state_since", "pk")
    )
    due = list(rows.filter(state__in=[S.DUE, S.FROZEN])[:LIMIT])
    others = list(rows.exclude(state__in=[S.DUE, S.FROZEN]).order_by("-state_since", "pk")[: board.PER_PAGE])
    open_now = matters_of(due)
    context = {
        "due": [{"row": row, "matters": open_now.get(row.relation_id, []), "state": board.state_tag(row, request.user),
                 "by": due_on(row, row.market)} for row in due],
        "others": [{"row": row, "state": board.state_tag(row, request.user)} for row in others],
        "bar_actions": [{"text": _("Check and prepare"), "icon": "eye", "kind": "primary",
                         "formaction": reverse("handovers:preparation")}],
    }  # fmt: skip
    return render(request, "handovers/mine.html", context)


def matters_of(rows: list[Handover]) -> dict[UUID, list[str]]:
    """What is still open about each relation, in words. Medical only: row security repeats it."""
    found: dict[UUID, dict[str, int]] = {}
    matters = OpenMatter.objects.filter(relation__in=[row.relation_id for row in rows], closed_at=None)
    for relation, kind in matters.values_list("relation", "kind"):
        found.setdefault(relation, {}).setdefault(kind, 0)
        found[relation][kind] += 1
    said = {
        "DRAFT": lambda n: ngettext("%d draft to sign", "%d drafts to sign", n) % n,
        "SAFETY": lambda n: (
            ngettext("%d side effect report not yet passed on", "%d side effect reports not yet passed on", n)
            % n
        ),
        "INQUIRY": lambda n: ngettext("%d open question", "%d open questions", n) % n,
        "FOLLOW_UP": lambda n: ngettext("%d open follow-up", "%d open follow-ups", n) % n,
    }
    return {
        relation: [said[kind](count) for kind, count in sorted(kinds.items())]
        for relation, kinds in found.items()
    }


@allowed(MSLS)
def preparation(request: SignedInRequest) -> HttpResponse:
    """Look at what goes over, tick the checklist, sign once for all chosen (T-02)."""
    return _sign(
        request,
        states=[S.DUE],
        template="handovers/preparation.html",
        step=actions.prepare_handover,
        transition="T-02",
        done=lambda n: ngettext("%d handover prepared and signed", "%d handovers prepared and signed", n) % n,
        arguments=lambda post: {
            "previewed": post.get("previewed") == "on",
            "drafts_listed": post.get("drafts") == "on",
        },
    )


@allowed(MSLS)
def approval(request: SignedInRequest) -> HttpResponse:
    """The lead's signature under accepted handovers (T-05). The policy refuses everybody else."""
    return _sign(
        request,
        states=[S.ACCEPTED],
        template="handovers/approval.html",
        step=actions.approve_handover,
        transition="T-05",
        done=lambda n: ngettext("%d handover approved", "%d handovers approved", n) % n,
        arguments=lambda post: {},
    )


def chosen(request: SignedInRequest, states: list[HandoverState]) -> list[Handover]:
    """The handovers ticked on the page, as far as they are this person's and in the fitting state."""
    wanted = [pk for pk in request.POST.getlist("item")[:CHOSEN] if as_uuid(pk)]
    rows = Handover.objects.visible_to(request.user).filter(pk__in=wanted, state__in=states)
    rows = rows.select_related(*board.WITH_NAMES).prefetch_related("relation__kol__practices__market")
    return list(rows.order_by("relation__kol__sort_name", "pk"))


def _sign(
    request: SignedInRequest,
    *,
    states: list[HandoverState],
    template: str,
    step: Any,
    transition: str,
    done: Any,
    arguments: Any,
) -> HttpResponse:
    back = _back(request)
    if request.method != "POST":
        return redirect("handovers:mine")
    rows = chosen(request, states)
    if not rows:
        if _sent_before(request, transition):
            return redirect(back)
        if beaten(request, states):
            return _standing(request)
        messages.info(request, _("Choose at least one handover that waits for this step."))
        return redirect(back)
    signing = "password" in request.POST
    form = SignForm(request.POST if signing else None, request=request)
    if signing and form.is_valid():
        batch = as_uuid(request.POST.get("batch", "")) or uuid4()
        items = [actions.Item(row, _version(request, row)) for row in rows]
        if len(items) > long.AT_ONCE:
            job = long.begin(
                items, by=request.user, batch=batch, transition=transition, signed=signed_by(request), next_url=back,
                arguments=arguments(request.POST),
            )  # fmt: skip
            return redirect("jobs:detail", job.pk)
        outcomes = actions.run_batch(
            step, items, by=request.user, batch_id=batch, transition=transition, signed=signed_by(request),
            **arguments(request.POST),
        )  # fmt: skip
        return redirect(back) if tell(request, outcomes, done) else _standing(request)
    matters = matters_of(rows)
    context = {
        "form": form,
        "batch": request.POST.get("batch") if signing else uuid4(),
        "items": [_item(row, matters) for row in rows],
        "has_drafts": any(matters.values()),
        "back_url": back,
        "words": words,
        "drafts": request.POST.get("drafts"),
        "previewed": request.POST.get("previewed"),
    }
    return render(request, template, context, status=422 if signing else 200)


def _item(row: Handover, matters: dict[UUID, list[str]]) -> dict[str, Any]:
    return {"row": row, "matters": matters.get(row.relation_id, []), "package": package_for(row)}


def package_for(row: Handover) -> dict[str, Any]:
    """The signed package, or the one that signing now would make."""
    return row.package or dossier.package_of(row)


def _sent_before(request: SignedInRequest, transition: str) -> bool:
    """Whether this very batch of hers was carried out already: sent twice, it is done once and no conflict."""
    batch = as_uuid(request.POST.get("batch", ""))
    done = HandoverStep.objects.filter(batch=batch, transition=transition, by=request.user)
    return batch is not None and done.exists()


def beaten(request: SignedInRequest, states: list[HandoverState]) -> bool:
    """Whether something was ticked and none of it waits for this step any more: somebody was faster."""
    wanted = [pk for pk in request.POST.getlist("item")[:CHOSEN] if as_uuid(pk)]
    rows = Handover.objects.visible_to(request.user).filter(pk__in=wanted)
    if not rows.exists() or rows.filter(state__in=states).exists():
        return False
    messages.error(request, _("None of them waits for this step any more. Here is how they stand now."))
    return True


def tell(request: HttpRequest, outcomes: list[actions.Outcome], done: Any) -> bool:
    """How the batch ended: what is done, and each that is not, by name and reason. Whether any was done."""
    count = sum(outcome.result in (actions.Result.DONE, actions.Result.ALREADY) for outcome in outcomes)
    if count:
        messages.success(request, done(count))
    for outcome in [o for o in outcomes if o.words][:5]:
        messages.warning(request, f"{outcome.handover.relation.kol}: {outcome.words}")
    return bool(count)


def _version(request: HttpRequest, row: Handover) -> int:
    """The version the page showed; without it, the present one."""
    shown = request.POST.get(f"version-{row.pk}", "")
    return int(shown) if shown.isdecimal() and len(shown) < 9 else row.version


def _standing(request: SignedInRequest) -> HttpResponse:
    """The page it came from, as it stands now."""
    from handovers.views.boards import campaign_board

    if campaign := as_uuid(request.POST.get("campaign", "")):
        return stands_now(request, None, campaign_board, campaign)
    return stands_now(request, None, mine)


def _back(request: HttpRequest) -> str:
    """Where to go afterwards: the board it came from, or the own list."""
    campaign = as_uuid(request.POST.get("campaign", ""))
    return reverse("handovers:board", args=[campaign]) if campaign else reverse("handovers:mine")
