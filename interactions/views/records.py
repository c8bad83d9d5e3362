"""Records: one's own and the ones one may read, one by one, taken back and restored."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest, as_uuid
from compliance.policy import Deed, Side, may
from compliance.reading import note
from compliance.signing import signatures_of
from interactions import actions, handed, words
from interactions.amending import Outcome
from interactions.detail import described, history_of
from interactions.exports import VISITS, listed
from interactions.left import LEADS
from interactions.models import Attendee, FollowUp, Interaction, standing_record_of
from interactions.moved import awaits_approval
from interactions.today import EVENTS
from interactions.views._rows import own
from interactions.visit_page import said_when
from jobs.exports import answer
from msl_crm.access import FIELD, MEDICAL, MSLS, READERS, allowed
from safety.models import SafetyReport

PAGE = 50
SIGNED = {Interaction.Status.SIGNED, Interaction.Status.VOIDED}
GONE = (Interaction.Status.CANCELLED, Interaction.Status.WITHDRAWN, Interaction.Status.VOIDED)


@allowed(MEDICAL, FIELD, READERS)
def interaction_list(request: SignedInRequest) -> HttpResponse:
    """One's own contacts, newest first; a lead or Compliance may name an author."""
    rows = listed(request.user, request.GET.get("author", ""))
    asked = as_uuid(request.GET.get("author", ""))
    before = parse_datetime(request.GET.get("before", "").replace(" ", "+")[:40] or "x")
    after_id = as_uuid(request.GET.get("id", ""))
    if before is not None and before.tzinfo is not None and after_id:
        rows = rows.filter(Q(starts_at__lt=before) | Q(starts_at=before, id__lt=after_id))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    keep = f"&author={asked}" if asked else ""
    return render(
        request,
        "interactions/interaction_list.html",
        {
            "rows": [described(row) for row in found[:PAGE]],
            "shown": len(found[:PAGE]),
            "next_url": f"?before={last.starts_at.isoformat()}&id={last.pk}{keep}".replace("+", "%2B")
            if last
            else "",
            "may_log": request.user.role not in READERS,
            "leads": request.user.role in LEADS,
            "may_export": may(request.user.role, Deed.EXPORT_OWN_LIST).allowed,
            "author": asked or "",
            "topbar_title": _("Visits"),
        },
    )


@allowed(MEDICAL, FIELD, READERS)
def interaction_export(request: SignedInRequest) -> HttpResponse:
    """The same rows as a file; many of them become a job."""
    author = as_uuid(request.GET.get("author", ""))
    return answer(request, VISITS, {"author": str(author or "")})


@allowed(MEDICAL, FIELD, READERS)
def interaction_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A record as it stands, what the boundary said, and how it came to be."""
    record = get_object_or_404(
        Interaction.objects.visible_to(request.user)
        .select_related("author", "market", "safety_report", "follows_plan")
        .prefetch_related(
            "attendees__kol",
            "attendees__colleague",
            "topics__use__indication__product",
            "topics__area",
            "topics__product",
            "topics__themes",
            "valuegivens__kol",
            "samplegivens__kol",
            "samplegivens__use__indication__product",
            "changes",
            "wordmarks",
        ),
        pk=pk,
    )
    own = record.author_id == request.user.pk
    oversight = request.user.side == Side.OVERSIGHT
    note(request.user, record)
    return render(
        request,
        "interactions/interaction_detail.html",
        {
            "record": record,
            "when": said_when(record),
            "view": described(record),
            "own": own,
            "logged_as": standing_record_of(record).first()
            if record.status == Interaction.Status.PLANNED
            else None,
            "brief_url": _brief_of(request, record),
            "event": record.kind in EVENTS and record.status not in GONE,
            "date_question": own and awaits_approval(record) is not None,
            "history": history_of(record, reader=request.user) if own or oversight else [],
            "handed": [*record.valuegivens.all(), *record.samplegivens.all()],
            "told_of_values": handed.told(record),
            "reasons": record.changes.all(),
            "marks": words.shown(record),
            "signatures": signatures_of([record.pk], request.user) if record.status in SIGNED else [],
            "safety_reports": _told_of(request, record) if own else [],
            "follow_ups": FollowUp.objects.visible_to(request.user).filter(interaction=record),
            **(proposals_of(record) if record.status in SIGNED else {}),
            "topbar_title": record.get_kind_display(),
            "back_url": reverse("interactions:list"),
        },
    )


def _brief_of(request: SignedInRequest, record: Interaction) -> str:
    """The way from a planned visit to what one should know beforehand; events have no brief."""
    kol = next((one.kol for one in record.attendees.all() if one.kol is not None), None)
    if kol is None or request.user.role not in MSLS or record.kind in EVENTS:
        return ""
    return reverse("kols:brief", args=[kol.pk])


@allowed(MEDICAL, FIELD, READERS)
def attendance_list(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who was, or is to be, at an event; one A4 when printed, with a line for each signature (X6).

    Events alone have one: a visit answers with the page that does not exist.
    """
    record = get_object_or_404(
        Interaction.objects.visible_to(request.user)
        .filter(kind__in=EVENTS)
        .exclude(status__in=GONE)
        .select_related("author", "market", "institution")
        .prefetch_related("attendees__kol__main_institution", "attendees__colleague"),
        pk=pk,
    )
    note(request.user, record)
    people = sorted(record.attendees.all(), key=_by_family_name)
    return render(
        request,
        "interactions/attendance_list.html",
        {
            "record": record,
            "when": said_when(record),
            "rows": [(person, _of_whom(person)) for person in people],
            "place": record.place or str(record.institution or ""),
            "topbar_title": _("Attendance list"),
            "back_url": reverse("interactions:detail", args=[record.pk]),
        },
    )


def _by_family_name(person: Attendee) -> tuple[str, str]:
    return (person.kol.sort_name if person.kol else str(person).rpartition(" ")[2].casefold(), str(person.pk))


def _of_whom(person: Attendee) -> str:
    """Function and house, as far as the record or the directory knows them."""
    house = person.kol.place if person.kol else _("colleague") if person.colleague_id else ""
    return ", ".join(part for part in (person.function, house) if part)


def _told_of(request: SignedInRequest, record: Interaction) -> list[UUID]:
    """The author's own reports of what was heard there: the way to them, and nothing of them (R-134)."""
    mine = (
        SafetyReport.objects.visible_to(request.user).filter(about_id=record.pk).values_list("pk", flat=True)
    )
    first = [record.safety_report_id] if record.safety_report_id else []
    return [*first, *mine]


def proposals_of(record: Interaction) -> dict[str, Any]:
    """What was asked for a signed record: what waits, what was not approved last, and why it is void."""
    asked = sorted([*record.amendments.all(), *record.voidings.all()], key=lambda one: one.asked_at)
    last = asked[-1] if asked else None
    return {
        "waits": next((one for one in asked if one.outcome == Outcome.OPEN), None),
        "rejected": last if last and last.outcome == Outcome.REJECTED else None,
        "voiding": next((one for one in record.voidings.all() if one.outcome == Outcome.DONE), None),
    }


@require_POST
@allowed(MEDICAL, FIELD)
def interaction_withdrawal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take a draft back; the toast offers the way back."""
    record = own(request, pk)
    actions.withdraw_interaction(record, by=request.user)
    if "again" in request.GET:
        messages.success(request, _("Taken back. Everything you wrote is still here."))
        return redirect(f"{reverse('interactions:new')}?again={record.pk}")
    undo = reverse("interactions:restoration", args=[record.pk])
    messages.success(request, _("Taken back. It stays in the record's history."), extra_tags=f"undo:{undo}")
    return redirect("interactions:list")


@require_POST
@allowed(MEDICAL, FIELD)
def interaction_restoration(request: SignedInRequest, pk: UUID) -> HttpResponse:
    record = actions.restore_interaction(own(request, pk), by=request.user)
    messages.success(request, _("Restored"))
    return redirect("interactions:detail", record.pk)
