"""A signed record: its versions, its next version, and voiding it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from accounts.reauthentication import SignForm
from compliance.policy import DecisionKind, Intent, Kind, Refused, Role
from compliance.reading import note
from interactions import actions
from interactions.amend_forms import AmendForm, VoidForm
from interactions.amending import Outcome
from interactions.detail import described
from interactions.differences import versions_of
from interactions.facts import gather
from interactions.forms import VisitForm
from interactions.models import Interaction
from interactions.views.visits import ASKED, report_of, side_effect_form, told_in_passing
from interactions.visit_page import context, in_plain_words, said_when
from msl_crm.access import FIELD, MEDICAL, READERS, allowed


def _signed(request: SignedInRequest, pk: UUID) -> Interaction:
    """A signed record of one's own."""
    rows = Interaction.objects.visible_to(request.user).select_related("market", "institution", "author")
    return get_object_or_404(rows, pk=pk, author=request.user, status=Interaction.Status.SIGNED)


@allowed(MEDICAL, FIELD)
def amendment_new(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The visit form once more, with what was wrong, why, and a signature under the next version."""
    record = _signed(request, pk)
    main = record.attendees.filter(kol__isnull=False).order_by("-main").first()
    posted = request.method == "POST"
    data = request.POST.copy() if posted else None
    if data is not None:
        data["change_reason"] = data.get("reason", "")
    form = VisitForm(
        data, user=request.user, kol=main.kol if main else None, kind=Kind(record.kind), record=record
    )
    why = AmendForm(data if posted and not ASKED.intersection(request.POST) else None)
    page = {"why": why, "sign": SignForm(request=request), "title": _("Amend a signed entry")}
    if not posted or ASKED.intersection(request.POST):
        return _form(request, form, page)
    valid = all([form.is_valid(), why.is_valid()])
    page["sign"] = sign = SignForm(request.POST, request=request)
    mentioned = request.POST.get("side_effect") == "yes" or bool(
        request.POST.get("se-what_happened", "").strip()
    )
    side_effect = side_effect_form(request.POST if mentioned else None)
    report = report_of(request, form, side_effect) if mentioned else None
    report = report or told_in_passing(request, form, mentioned=mentioned)
    if not (valid and sign.is_valid()) or (mentioned and report is None):
        return _form(request, form, page, side_effect=side_effect, report=report, status=422)
    version = request.POST.get("version", "")
    try:
        amendment = actions.amend_signed(
            record, by=request.user, code=why.cleaned_data["code"], reason=why.cleaned_data["reason"], proof=sign.proof,
            version=int(version) if version.isdecimal() and len(version) < 9 else None, safety_report=report,
            **form.record_arguments(),
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _forbidden(request, record, form, page, refusal)
    said = (
        _("Amended and signed. The earlier version stays readable.")
        if amendment.outcome == Outcome.DONE
        else _("Signed. It waits for your line and Compliance; until then the version that stands counts.")
    )
    messages.success(request, said)
    return redirect("interactions:detail", record.pk)


def _forbidden(
    request: SignedInRequest, record: Interaction, form: VisitForm, page: dict[str, Any], refusal: Refused
) -> HttpResponse:
    """The rule and the way on: what must not have taken place becomes a deviation, and the record counts no more."""
    deviation = refusal.decision.kind is DecisionKind.DEVIATION
    words = request.POST.get("deviation_words", "").strip()
    if deviation and "deviation" in request.POST and words:
        event = form.event()
        found = gather(
            by=request.user, role=Role(record.author_role), intent=Intent.RECORD, event=event, topics=form.spoken(),
            people=form.present(), given=form.given(), before=record,
        )  # fmt: skip
        # The password was right; the refused act spent no signature.
        actions.turn_into_deviation(
            record, by=request.user, act=found.act, happened_at=event.starts_at, words=words,
            reason=page["why"].cleaned_data["reason"], proof=page["sign"].proof,
        )  # fmt: skip
        messages.success(request, _("Reported as a deviation. Compliance has it; it counts as no activity."))
        return redirect("interactions:detail", record.pk)
    again = {**page, "sign": SignForm(request=request)}
    return _form(
        request, form, again, deviation=deviation, refusal=str(refusal), status=409,
        deviation_words=words or (in_plain_words(form, refusal) if deviation else ""),
    )  # fmt: skip


def _form(
    request: SignedInRequest, form: VisitForm, page: dict[str, Any], *, status: int = 200, **more: Any
) -> HttpResponse:
    side_effect = more.pop("side_effect", None) or side_effect_form(None)
    about = context(request.user, form, side_effect, **page, **more)
    about["forms"] = [*about["forms"], page["why"], page["sign"]]
    about["wrong"] = any(each.errors for each in about["forms"])
    return render(request, "interactions/interaction_form.html", about, status=status)


@allowed(MEDICAL, FIELD)
def voiding_new(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask the line to void a signed record: it was somebody else, or it is entered twice (R-144)."""
    record = _signed(request, pk)
    data = request.POST if request.method == "POST" else None
    why, sign, refusal = VoidForm(data), SignForm(data, request=request), ""
    if request.method == "POST" and why.is_valid() and sign.is_valid():
        try:
            actions.ask_to_void(record, by=request.user, proof=sign.proof, **why.cleaned_data)
        except Refused as refused:
            refusal, sign = str(refused), SignForm(request=request)
        else:
            messages.success(request, _("Signed. Your line decides; until then the entry counts."))
            return redirect("interactions:detail", record.pk)
    context = {
        "record": record,
        "view": described(record),
        "when": said_when(record),
        "forms": [why, sign],
        "refusal": refusal,
        "topbar_title": _("Void an entry"),
        "back_url": reverse("interactions:detail", args=[record.pk]),
    }
    status = 409 if refusal else 422 if request.method == "POST" else 200
    return render(request, "interactions/voiding_form.html", context, status=status)


@allowed(MEDICAL, FIELD, READERS)
def version_list(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Every version that was signed, with its signatures and its differences in words (R-142)."""
    rows = Interaction.objects.visible_to(request.user).select_related("market", "author")
    record = get_object_or_404(rows, pk=pk)
    if record.status not in (Interaction.Status.SIGNED, Interaction.Status.VOIDED):
        raise Http404
    note(request.user, record)
    context = {
        "record": record,
        "view": described(record),
        "when": said_when(record),
        "versions": versions_of(record, request.user),
        "topbar_title": _("Versions"),
        "back_url": reverse("interactions:detail", args=[record.pk]),
    }
    return render(request, "interactions/versions.html", context)
