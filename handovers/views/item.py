"""One handover: the dossier for field service; the way so far and what may be done for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.reauthentication import SignForm, signed_by
from compliance import audit, reading
from compliance.policy import ExemptReason, HandoverState, Refused, Role
from handovers import actions, board, words
from handovers.eligibility import rules_of
from handovers.forms import ExemptForm, SendBackForm
from handovers.models import ExitProposal, Handover
from handovers.readiness import lacks_of
from handovers.suggest import candidates_for
from handovers.timers import first_call_from
from handovers.views.batches import matters_of, package_for
from kols.models import Ownership
from msl_crm.access import FIELD, MSLS, READERS, allowed
from msl_crm.answers import stands_now

S = HandoverState
IN_THE_LINE = [S.ASSIGNED, S.ACCEPTED, S.APPROVED, S.EFFECTIVE, S.CLOSED]


def _row(request: SignedInRequest, pk: UUID) -> Handover:
    rows = Handover.objects.visible_to(request.user).with_rules()
    rows = rows.select_related(*board.WITH_NAMES, "approver")
    return get_object_or_404(rows, pk=pk)


@allowed(FIELD, MSLS, READERS)
def dossier(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What this person sees of the handover."""
    row = _row(request, pk)
    if request.user.role in FIELD:
        return _for_field(request, row)
    reading.note(request.user, row)
    return _for_medical(request, row)


def _for_field(request: SignedInRequest, row: Handover) -> HttpResponse:
    """The whitelist, and that it was opened. What left the line is withdrawn, and no more is said."""
    lead = request.user.role == Role.FIELD_LEAD
    shown = row.state in IN_THE_LINE or (lead and row.state == S.PREPARED)
    if (
        not shown
        and not Ownership.objects.visible_to(request.user)
        .filter(relation=row.relation_id, during__contains=now())
        .exists()
    ):
        return render(request, "handovers/withdrawn.html", {"row": row}, status=200)
    audit.record("opened dossier of", row, by=request.user, words=str(row), market=row.market.code)
    context = {
        "row": row,
        "package": row.package,
        "words": words,
        "state": board.state_tag(row, request.user),
        "opened_at": now(),
        "lacks": lacks_of([row]).get(row.pk, []),
        "may_answer": row.state == S.ASSIGNED and row.recipient_id == request.user.pk,
        "back_url": reverse("handovers:inbox"),
        "topbar_title": row.relation.kol.name,
    }
    return render(request, "handovers/dossier.html", context)


def _for_medical(request: SignedInRequest, row: Handover) -> HttpResponse:
    steps = [
        {"text": words.STEP.get(step.transition, step.transition), "step": step,
         "reason": _reason(step.transition, step.reason)}
        for step in actions_steps(row)
    ]  # fmt: skip
    context = {
        "row": row,
        "package": package_for(row),
        "words": words,
        "state_text": words.STATE[HandoverState(row.state)],
        "state": board.state_tag(row, request.user),
        "steps": steps,
        "matters": matters_of([row]).get(row.relation_id, []) if row.state == S.DUE else [],
        "lacks": _lacks(row),
        "first_call": _first_call(row),
        "flags": list(row.flags.filter(cleared_at=None)),
        "proposal": row.proposals.filter(settled_at=None).select_related("proposed_by").first(),
        "doings": _doings(request, row),
        "back_url": reverse("handovers:board", args=[row.campaign_id]),
        "crumbs": [
            {"url": reverse("handovers:list"), "text": _("Handovers")},
            {
                "url": reverse("handovers:board", args=[row.campaign_id]),
                "text": str(row.relation.use.indication.product),
            },
            {"text": row.relation.kol.name},
        ],
        "topbar_title": row.relation.kol.name,
    }
    return render(request, "handovers/handover_detail.html", context)


def _lacks(row: Handover) -> list[Any]:
    """What is missing, of the recipient or of whom the product would name."""
    hint = board.hint_for(row, candidates_for([row]).get(row.pk, [])) if row.state == S.PREPARED else None
    return lacks_of([row], {row.pk: hint.user_id} if hint else None).get(row.pk, [])


def _first_call(row: Handover) -> Any:
    """The first day on which field service may call, while it still lies ahead (R-125)."""
    if row.state != S.EFFECTIVE:
        return None
    at = first_call_from(row, rules_of(row.relation.use.market, now()))
    return row.market.local_day(at) if at > now() else None


def actions_steps(row: Handover) -> list[Any]:
    return list(row.steps.select_related("by").order_by("version"))


def _reason(transition: str, reason: str) -> Any:
    if transition == "T-08":
        return words.DECLINE.get(reason, reason)
    if transition == "T-10":
        return words.EXEMPT.get(reason, reason)
    return reason


def _doings(request: SignedInRequest, row: Handover) -> list[dict[str, Any]]:
    """The pages that lead from here, for this role and state. The policy has the last word."""
    role, state = request.user.role, row.state
    found = []
    if role == Role.MSL_LEAD and state in (S.ACCEPTED, S.APPROVED):
        found.append(("send_back", _("Send back"), "arrow-back-up"))
    if role == Role.MSL_LEAD and state in (S.DUE, S.PREPARED, S.ASSIGNED, S.ACCEPTED, S.APPROVED):
        found.append(("exemption", _("Leave with Medical"), "ban"))
    if role == Role.MSL_LEAD and state in (S.EXEMPT, S.NO_FIELD):
        found.append(("resumption", _("Take up again"), "history"))
    if role == Role.COMPLIANCE and state in (S.EFFECTIVE, S.CLOSED):
        found.append(("reversal", _("Give back to Medical"), "arrow-back-up"))
    if role == Role.COMPLIANCE and state in (S.DUE, S.PREPARED, S.ASSIGNED, S.ACCEPTED, S.APPROVED):
        found.append(("hold", _("Hold"), "hourglass"))
    if role == Role.COMPLIANCE and row.held:
        found.append(("release_hold", _("Lift the hold"), "history"))
    if role == Role.COMPLIANCE and row.flags.filter(cleared_at=None).exists():
        found.append(("clearance", _("Sign the flags"), "signature"))
    return [
        {"url": reverse(f"handovers:{name}", args=[row.pk]), "text": text, "icon": icon}
        for name, text, icon in found
    ]


@allowed(MSLS, READERS)
def preview(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The rep's page, as the rep will see it: the very same template."""
    row = _row(request, pk)
    reading.note(request.user, row)
    context = {
        "row": row,
        "package": package_for(row),
        "words": words,
        "preview": True,
        "back_url": reverse("handovers:dossier", args=[row.pk]),
        "topbar_title": row.relation.kol.name,
    }
    return render(request, "handovers/dossier.html", context)


def _ask(
    request: SignedInRequest,
    pk: UUID,
    title: str,
    text: str,
    do: Callable[[Handover, Any], object],
    done: str,
    form_class: Any = None,
    signed: bool = False,
) -> HttpResponse:
    """One question on a page of its own: fill in, sign where needed, act, show."""
    row = _row(request, pk)
    data = request.POST if request.method == "POST" else None
    form = form_class(data) if form_class else None
    signature = SignForm(data, request=request) if signed else None
    forms = [each for each in (form, signature) if each is not None]
    if request.method == "POST" and all(each.is_valid() for each in forms):
        try:
            do(row, form.cleaned_data if form else {})
        except Refused as refused:
            return stands_now(request, refused, dossier, row.pk)
        messages.success(request, done)
        return redirect("handovers:dossier", row.pk)
    context = {"row": row, "title": title, "text": text, "forms": forms,
               "back_url": reverse("handovers:dossier", args=[row.pk])}  # fmt: skip
    return render(
        request, "handovers/question.html", context, status=422 if request.method == "POST" else 200
    )


def _signature(request: SignedInRequest) -> actions.Signature:
    return actions.Signature(request.user, signed_by(request))


@allowed(Role.MSL_LEAD)
def send_back(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Not approved, or taken back before it takes effect (T-09)."""
    return _ask(
        request, pk, _("Send back"), _("The rep learns that it was withdrawn, and no more."),
        lambda row, data: actions.send_back_handover(row, reason=data["reason"], by=request.user),
        _("Sent back. Field service chooses anew."), SendBackForm,
    )  # fmt: skip


@allowed(Role.MSL_LEAD)
def exemption(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask Compliance to leave the expert with Medical (T-10)."""
    return _ask(
        request,
        pk,
        _("Leave with Medical"),
        _("Compliance decides. Field service learns nothing of the reason."),
        lambda row, data: actions.propose_exemption(
            row, reason=ExemptReason(data["reason"]), by=request.user
        ),
        _("Asked. Compliance decides."),
        ExemptForm,
    )


@allowed(Role.MSL_LEAD, Role.COMPLIANCE)
def exit_decision(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The second signature under an exit (T-10, T-11)."""
    agree = request.POST.get("answer") != "no"

    def settle(row: Handover, data: Any) -> None:
        proposal = get_object_or_404(ExitProposal, handover=row, settled_at=None)
        actions.settle_exit(proposal, agree=agree, by=request.user, signature=_signature(request))

    return _ask(
        request,
        pk,
        _("Leave with Medical"),
        _("Your signature makes it so, until its review."),
        settle,
        _("Signed."),
        signed=True,
    )


@allowed(Role.MSL_LEAD)
def resumption(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The reason no longer holds: due again (T-12)."""
    return _ask(request, pk, _("Take up again"), _("The handover is due again and is prepared anew."),
                lambda row, data: actions.return_to_due(row, by=request.user), _("Due again."))  # fmt: skip


@allowed(Role.COMPLIANCE)
def reversal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Compliance gives an expert back to Medical, now (T-16)."""
    return _ask(
        request,
        pk,
        _("Give back to Medical"),
        _("Ownership moves back at this moment."),
        lambda row, data: actions.order_reversal(
            row, cause="order", by=request.user, signature=_signature(request)
        ),
        _("Back with Medical."),
        signed=True,
    )


@allowed(Role.COMPLIANCE)
def hold(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Stop one handover (T-13)."""
    return _ask(
        request,
        pk,
        _("Hold"),
        _("It stops until the hold is lifted; old signatures are void then."),
        lambda row, data: actions.hold_handover(row, by=request.user, reason="hold"),
        _("Held."),
    )


@allowed(Role.COMPLIANCE)
def release_hold(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The hold is over (T-14)."""
    return _ask(request, pk, _("Lift the hold"), _("The handover is due again and is prepared anew."),
                lambda row, data: actions.lift_hold(row, by=request.user), _("Due again."))  # fmt: skip


@allowed(Role.COMPLIANCE)
def clearance(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Compliance has looked at the flags and signs (T-05)."""
    return _ask(
        request, pk, _("Sign the flags"), _("You have looked, and the handover may go on."),
        lambda row, data: actions.clear_flags(row, by=request.user, signature=_signature(request)),
        _("Signed."), signed=True,
    )  # fmt: skip
