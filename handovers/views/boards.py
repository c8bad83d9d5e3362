"""The list of campaigns, the board of one, its release and its record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.reauthentication import SignForm, signed_by
from compliance.policy import Column, HandoverState, Refused, Role
from handovers import actions, board, words
from handovers.counts import CAP
from handovers.models import Campaign, Handover
from msl_crm.access import MSLS, READERS, allowed
from msl_crm.answers import stands_now
from msl_crm.dates import date_in_words

BOARD = (MSLS, READERS, Role.FIELD_LEAD)


@allowed(*BOARD)
def campaign_list(request: SignedInRequest) -> HttpResponse:
    """Every opening of a use, with how far its handovers are."""
    cards = board.campaigns_for(request.user)
    actions_: list[dict[str, Any]] = []
    if request.user.role in MSLS:
        actions_ = [{"url": reverse("handovers:mine"), "text": _("My handovers"), "icon": "clipboard-check"}]
    elif request.user.role == Role.FIELD_LEAD:
        actions_ = [{"url": reverse("handovers:assignments"), "text": _("Choose reps"), "icon": "users"}]
    if request.user.role in (Role.MSL_LEAD, *READERS):
        actions_ += [
            {"url": reverse("reports:rehearsal"), "text": _("Rehearse a decision day"), "icon": "eye"}
        ]
    context = {"cards": cards, "actions": actions_, "to_approve": _to_approve(request)}
    return render(request, "handovers/campaign_list.html", context)


def _to_approve(request: SignedInRequest) -> list[Handover]:
    """What the number in the side bar counts for an MSL lead: accepted, and waiting for her signature."""
    if request.user.role != Role.MSL_LEAD:
        return []
    rows = Handover.objects.visible_to(request.user).filter(state=HandoverState.ACCEPTED)
    return list(rows.select_related(*board.WITH_NAMES).order_by("state_since", "pk")[:CAP])


@allowed(*BOARD)
def campaign_board(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The board of one campaign: columns for managers, the own accounts for an MSL."""
    campaign = _campaign(request, pk)
    wanted = {name: request.GET.get(name, "").replace("\x00", "")[:40] for name in board.FILTERS}
    rows = board.handovers_for(request.user).filter(campaign=campaign)
    counts = board.counts_of(board.filtered(rows, wanted), [campaign.pk])[campaign.pk]
    one = request.GET.get("column", "")
    if one in set(Column):
        context = _one_column(request, board.filtered(rows, wanted), one, counts)
    else:
        context = {"columns": _columns(request, board.filtered(rows, wanted), counts), "single": False}
    return render(
        request,
        "handovers/campaign_board.html",
        {
            **context,
            "campaign": campaign,
            "title": _("Handover: %(use)s") % {"use": _name(campaign)},
            "topbar_title": _name(campaign),
            "back_url": reverse("handovers:list"),
            "lead": _lead(campaign),
            "progress": board.progress_of(counts),
            "pace": board.pace_of(counts, campaign.opened_at, campaign.market, now()),
            "parts": board.parts_of(counts),
            "aside": counts.get(Column.SET_ASIDE, 0) if request.user.role != Role.FIELD_LEAD else 0,
            "filters": board.filter_options(rows, wanted),
            "hidden": [{"name": "column", "value": one}] if one else [],
            "tabs": _tabs(campaign, counts, one, request.user.role),
            "crumbs": [{"url": reverse("handovers:list"), "text": _("Handovers")}, {"text": _name(campaign)}],
            "actions": _actions(campaign, request.user.role),
            "released": campaign.released_by,
            "bar_actions": _bar_actions(request.user.role),
            "bar_sentence": _("Structured fields only. No notes cross over."),
        },
    )


def _campaign(request: SignedInRequest, pk: UUID) -> Campaign:
    visible = Campaign.objects.visible_to(request.user).select_related(
        "use__indication__product", "use__market", "market", "released_by"
    )
    return get_object_or_404(visible, pk=pk)


def _name(campaign: Campaign) -> str:
    return f"{campaign.use.indication.product}, {campaign.market}"


def _lead(campaign: Campaign) -> str:
    said = {
        "indication": campaign.use.indication.name,
        "day": date_in_words(campaign.market.local_day(campaign.opened_at)),
    }
    if campaign.released_at:
        return _("For %(indication)s. Open since %(day)s. Ownership moves when a rep has accepted.") % said
    return (
        _(
            "For %(indication)s. Open since %(day)s. Ownership moves when a rep has accepted and a lead approved."
        )
        % said
    )


def _columns(request: SignedInRequest, rows: Any, counts: dict[str, int]) -> list[dict[str, Any]]:
    found = board.first_of_each(rows)
    shown = [
        column
        for column in board.SHOWN
        if request.user.role != Role.FIELD_LEAD or column != Column.TO_PREPARE
    ]
    every = board.cards_of([row for column in shown for row in found.get(column, [])], request.user)
    cards = {card["id"]: card for card in every}
    return [
        _column(column, [cards[str(row.pk)] for row in found.get(column, [])], counts.get(column, 0), request)
        for column in shown
    ]


def _column(
    column: Column, cards: list[dict[str, Any]], count: int, request: SignedInRequest
) -> dict[str, Any]:
    title, tone = words.COLUMN[column]
    more = count - len(cards)
    query = request.GET.copy()
    query["column"] = column
    return {
        "id": f"column-{column.lower()}",
        "title": title,
        "tone": tone,
        "count": count,
        "cards": cards,
        "select": sum(card["selectable"] for card in cards),
        "more": {"url": f"?{query.urlencode()}", "text": ngettext("%d more", "%d more", more) % more}
        if more > 0
        else None,
    }


def _one_column(request: SignedInRequest, rows: Any, column: str, counts: dict[str, int]) -> dict[str, Any]:
    found, after = board.page_of(rows, column, request.GET.get("after", "").replace("\x00", ""))
    shown = _column(Column(column), board.cards_of(found, request.user), 0, request)
    shown["count"] = counts.get(column, 0)
    query = request.GET.copy()
    query["after"] = after
    return {"columns": [shown], "single": True, "next_url": f"?{query.urlencode()}" if after else ""}


def _tabs(campaign: Campaign, counts: dict[str, int], one: str, role: str) -> list[dict[str, Any]]:
    columns = [column for column in board.SHOWN if role != Role.FIELD_LEAD or column != Column.TO_PREPARE]
    return [
        {
            "url": f"?column={column}",
            "text": words.SHORT[column],
            "count": counts.get(column, 0),
            "current": column == (one or columns[0]),
        }
        for column in columns
    ]


def _actions(campaign: Campaign, role: str) -> list[dict[str, Any]]:
    found = []
    if role == Role.MSL_LEAD and campaign.released_at is None:
        found.append(
            {
                "url": reverse("handovers:release", args=[campaign.pk]),
                "text": _("Release"),
                "icon": "signature",
            }
        )
    if role == Role.FIELD_LEAD:
        found.append(
            {
                "url": f"{reverse('handovers:assignments')}?campaign={campaign.pk}",
                "text": _("Choose reps"),
                "icon": "users",
            }
        )
    if role != Role.FIELD_LEAD:
        found.append(
            {
                "url": reverse("handovers:record", args=[campaign.pk]),
                "text": _("Record to print"),
                "icon": "printer",
            }
        )
    return found


def _bar_actions(role: str) -> list[dict[str, Any]]:
    prepare = {
        "text": _("Check and prepare"),
        "icon": "eye",
        "kind": "primary",
        "formaction": reverse("handovers:preparation"),
    }
    approve = {
        "text": _("Approve"),
        "icon": "check",
        "kind": "secondary",
        "formaction": reverse("handovers:approval"),
    }
    if role == Role.MSL_LEAD:
        return [approve, prepare]
    return [prepare] if role == Role.MSL else []


@allowed(Role.MSL_LEAD)
def campaign_release(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The lead signs once; accepted items without a flag are approved from then on."""
    campaign = _campaign(request, pk)
    form = SignForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            actions.release_campaign(
                campaign, by=request.user, signature=actions.Signature(request.user, signed_by(request))
            )
        except Refused as refused:
            return stands_now(request, refused, campaign_board, campaign.pk)
        messages.success(request, _("Released. Accepted handovers are now approved by themselves."))
        return redirect("handovers:board", campaign.pk)
    counts = board.counts_of(board.handovers_for(request.user), [campaign.pk])[campaign.pk]
    context = {
        "campaign": campaign,
        "form": form,
        "progress": board.progress_of(counts),
        "name": _name(campaign),
        "back_url": reverse("handovers:board", args=[campaign.pk]),
    }
    return render(request, "handovers/campaign_release.html", context)


@allowed(MSLS, READERS)
def campaign_record(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The campaign on paper: each handover, its state, and who prepared, took and approved it."""
    campaign = _campaign(request, pk)
    after = as_uuid(request.GET.get("after", ""))
    rows = (
        board.handovers_for(request.user).filter(campaign=campaign).order_by("relation__kol__sort_name", "pk")
    )
    last = rows.filter(pk=after).values_list("relation__kol__sort_name", flat=True).first() if after else None
    if last is not None:
        name = "relation__kol__sort_name"
        rows = rows.filter(Q(**{f"{name}__gt": last}) | Q(**{name: last, "pk__gt": after}))
    found = list(rows.select_related(*board.WITH_NAMES, "prepared_by", "approver")[:201])
    context = {
        "campaign": campaign,
        "rows": [(row, words.STATE[HandoverState(row.state)]) for row in found[:200]],
        "name": _name(campaign),
        "next": found[199].pk if len(found) > 200 else "",
        "printed_at": now(),
    }
    return render(request, "handovers/campaign_record.html", context)
