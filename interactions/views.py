"""The pages of contacts: log, plan, read, change, take back, follow up."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance.actions import report_deviation
from compliance.policy import DecisionKind, Intent, Kind, Refused, Role, Side
from compliance.reading import note
from interactions import actions
from interactions.detail import described, history_of
from interactions.facts import Event, Present, gather
from interactions.forms import KINDS_OF, FollowUpForm, PlanForm, QuestionForm, VisitForm, market_of
from interactions.models import FollowUp, Interaction
from interactions.visit_page import chooser, context, said_when
from kols.models import KOL
from msl_crm.access import FIELD, MEDICAL, READERS, allowed
from safety.actions import report_side_effect
from safety.forms import SideEffectForm
from safety.models import SafetyReport

logger = logging.getLogger(__name__)
PAGE = 50


@allowed(MEDICAL, FIELD)
def interaction_new(request: SignedInRequest) -> HttpResponse:
    """Log a contact. The side effect is reported first and kept whatever becomes of the rest (R-127)."""
    asked = request.POST if request.method == "POST" else request.GET
    plan = _plan(request, asked.get("plan", ""))
    kol = _kol(request, asked.get("kol", ""), plan)
    kind = _kind(request, asked.get("kind", ""), plan)
    if kol is None and kind in (Kind.VISIT, Kind.CONGRESS_CONTACT, Kind.PRODUCT_CALL):
        return _choose(request, kind)
    form = VisitForm(
        request.POST if request.method == "POST" else None, user=request.user, kol=kol, kind=kind, plan=plan
    )
    if request.method == "POST" and "add_topic" not in request.POST:
        return _save(request, form)
    if added := request.GET.getlist("added"):
        form = _with_added(request, form, added)
    return _page(request, form, _side_effect(request, None))


def _with_added(request: SignedInRequest, form: VisitForm, added: list[str]) -> VisitForm:
    from django.http import QueryDict

    data = QueryDict(mutable=True)
    data.setlist("added", added)
    form.data = data
    from interactions.topics_form import TopicForm

    form.topics = [TopicForm(None, block=block) for block in form._blocks()]
    form.data = QueryDict()
    return form


def _save(request: SignedInRequest, form: VisitForm) -> HttpResponse:
    mentioned = request.POST.get("side_effect") == "yes" or bool(
        request.POST.get("se-what_happened", "").strip()
    )
    side_effect = _side_effect(request, request.POST if mentioned else None)
    report = _report(request, form, side_effect) if mentioned else None
    valid = form.is_valid()
    if mentioned and report is None:
        return _page(request, form, side_effect, status=422)
    if not valid:
        return _page(request, form, side_effect, report=report, status=422)
    try:
        record = _write(request, form, report, bool(mentioned))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _refused(request, form, side_effect, refusal, report)
    except Exception:
        if report is None:
            raise
        # The report is kept in any case; what went wrong with the visit is for the log.
        logger.exception("a visit was not saved beside its side effect report")
        form.add_error(
            None, _("The side effect is reported. The visit could not be saved; please try again.")
        )
        return _page(request, form, side_effect, report=report, status=422)
    _follow_up(request, form, record)
    undo = reverse("interactions:withdrawal", args=[record.pk])
    text = _("Saved. Still missing: see the record.") if record.missing else _("Visit saved")
    messages.success(request, text, extra_tags=f"undo:{undo}")
    if record.missing:
        return redirect("interactions:detail", record.pk)
    return redirect("home" if request.user.role == Role.MSL else "interactions:list")


def _write(
    request: SignedInRequest, form: VisitForm, report: SafetyReport | None, mentioned: bool
) -> Interaction:
    if form.record is not None:
        version = request.POST.get("version", "")
        return actions.amend_interaction(
            form.record,
            by=request.user,
            version=int(version) if version.isdigit() else None,
            **form.record_arguments(),
        )
    return actions.log_interaction(
        by=request.user,
        side_effect=mentioned,
        safety_report=report,
        follows_plan=form.plan,
        client_ref=form.cleaned_data["client_ref"],
        **form.record_arguments(),
    )


def _report(request: SignedInRequest, form: VisitForm, side_effect: SideEffectForm) -> SafetyReport | None:
    """The report comes first; nothing about the visit can stop it. None: only that nobody wrote what happened."""
    if not side_effect.is_valid():
        return None
    facts = side_effect.facts(request.user)
    facts["learned_at"] = facts["learned_at"] or min(form._starts_at(), now())
    ref = request.POST.get("client_ref", "")
    return report_side_effect(
        by=request.user,
        kol=form.kol,
        market=form.market,
        client_ref=UUID(ref) if _is_uuid(ref) else None,
        **facts,
    )


def _refused(
    request: SignedInRequest,
    form: VisitForm,
    side_effect: SideEffectForm,
    refusal: Refused,
    report: SafetyReport | None,
) -> HttpResponse:
    """The rule and the way on; what already happened can be told as a deviation in the same form."""
    deviation = refusal.decision.kind is DecisionKind.DEVIATION
    words = request.POST.get("deviation_words", "").strip()
    if deviation and "deviation" in request.POST and words:
        event = form.event()
        found = gather(
            by=request.user,
            role=Role(request.user.role),
            intent=Intent.RECORD,
            event=event,
            topics=form.spoken(),
            people=form.present(),
        )
        report_deviation(found.act, words, happened_at=event.starts_at, by=request.user)
        messages.success(request, _("Reported as a deviation. Compliance has it; it counts as no activity."))
        return redirect("interactions:list")
    return _page(
        request,
        form,
        side_effect,
        report=report,
        deviation=deviation,
        deviation_words=words,
        refusal=str(refusal),
        status=409,
    )


def _follow_up(request: SignedInRequest, form: VisitForm, record: Interaction) -> None:
    data = form.cleaned_data
    if data["follow_up_what"] and data["follow_up_on"]:
        relation = next((t.block.matter.relation for t in form.topics if t.chosen and t.block.matter), None)
        from kols.models import Relation

        actions.add_follow_up(
            by=request.user,
            what=data["follow_up_what"],
            due_on=data["follow_up_on"],
            promised=data["follow_up_promised"],
            market=form.market,
            kol=form.kol,
            interaction=record,
            relation=Relation.objects.visible_to(request.user).filter(pk=relation).first()
            if relation
            else None,
        )


def _page(
    request: SignedInRequest, form: VisitForm, side_effect: SideEffectForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(
        request,
        "interactions/interaction_form.html",
        context(request.user, form, side_effect, **more),
        status=status,
    )


def _choose(request: SignedInRequest, kind: Kind) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    return render(
        request,
        "interactions/interaction_person.html",
        {
            "kols": chooser(request.user, query),
            "query": query,
            "kind": kind,
            "topbar_title": _("Log visit"),
            "close_url": reverse("home"),
        },
    )


@allowed(MEDICAL, FIELD)
def interaction_edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Change a draft of one's own; every version is kept."""
    record = get_object_or_404(
        Interaction.objects.visible_to(request.user).select_related("market"), pk=pk, author=request.user
    )
    if record.status != Interaction.Status.DRAFT:
        raise Http404
    main = record.attendees.filter(kol__isnull=False).order_by("-main").first()
    form = VisitForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        kol=main.kol if main else None,
        kind=Kind(record.kind),
        record=record,
    )
    if request.method == "POST" and "add_topic" not in request.POST:
        return _save(request, form)
    return _page(request, form, _side_effect(request, None), title=_("Change the entry"))


@allowed(MEDICAL, FIELD, READERS)
def interaction_list(request: SignedInRequest) -> HttpResponse:
    """One's own contacts, newest first; a lead or Compliance may name an author."""
    rows = (
        Interaction.objects.visible_to(request.user)
        .exclude(status__in=[Interaction.Status.CANCELLED, Interaction.Status.WITHDRAWN])
        .select_related("author", "market")
        .prefetch_related("attendees__kol", "topics__use__indication__product", "topics__area")
        .order_by("-starts_at", "-id")
    )
    author = request.GET.get("author", "")
    if request.user.role not in READERS:
        rows = rows.filter(author=author) if _is_uuid(author) else rows.filter(author=request.user)
    elif _is_uuid(author):
        rows = rows.filter(author=author)
    before = parse_datetime(request.GET.get("before", "").replace(" ", "+")[:40] or "x")
    after_id = request.GET.get("id", "")
    if before is not None and before.tzinfo is not None and _is_uuid(after_id):
        from django.db.models import Q

        rows = rows.filter(Q(starts_at__lt=before) | Q(starts_at=before, id__lt=after_id))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    keep = f"&author={author}" if _is_uuid(author) else ""
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
            "topbar_title": _("Visits"),
        },
    )


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
            "history": history_of(record, reader=request.user) if own or oversight else [],
            "follow_ups": FollowUp.objects.visible_to(request.user).filter(interaction=record),
            "topbar_title": record.get_kind_display(),
            "back_url": reverse("interactions:list"),
        },
    )


@require_POST
@allowed(MEDICAL, FIELD)
def interaction_withdrawal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take a draft back; the toast offers the way back."""
    record = _own(request, pk)
    actions.withdraw_interaction(record, by=request.user)
    undo = reverse("interactions:restoration", args=[record.pk])
    messages.success(request, _("Taken back. It stays in the record's history."), extra_tags=f"undo:{undo}")
    return redirect("interactions:list")


@require_POST
@allowed(MEDICAL, FIELD)
def interaction_restoration(request: SignedInRequest, pk: UUID) -> HttpResponse:
    record = actions.restore_interaction(_own(request, pk), by=request.user)
    messages.success(request, _("Restored"))
    return redirect("interactions:detail", record.pk)


@allowed(MEDICAL, FIELD)
def interaction_plan(request: SignedInRequest) -> HttpResponse:
    """Plan a visit with an expert."""
    kol = _kol(request, (request.POST or request.GET).get("kol", ""), None)
    if kol is None:
        return _choose(request, Kind.VISIT)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = KINDS_OF.get(request.user.side, (Kind.VISIT,))[0]
        try:
            plan = actions.plan_interaction(
                by=request.user,
                event=form.event(market_of(request.user, kol), kind),
                people=[Present(kol=kol, main=True)],
                place=form.cleaned_data["place"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("interactions:cancellation", args=[plan.pk])
            messages.success(request, _("Visit planned"), extra_tags=f"undo:{undo}")
            return redirect("home")
    return render(
        request,
        "interactions/plan_form.html",
        {"form": form, "kol": kol, "topbar_title": _("Plan a visit"), "close_url": reverse("home")},
        status=409 if form.is_bound and form.non_field_errors() else 200,
    )


@require_POST
@allowed(MEDICAL, FIELD)
def plan_cancellation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    plan = actions.cancel_plan(_own(request, pk), by=request.user)
    undo = reverse("interactions:reinstatement", args=[plan.pk])
    messages.success(request, _("Cancelled"), extra_tags=f"undo:{undo}")
    return redirect("home")


@require_POST
@allowed(MEDICAL, FIELD)
def plan_reinstatement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.reinstate_plan(_own(request, pk), by=request.user)
    messages.success(request, _("Planned again"))
    return redirect("home")


@allowed(MEDICAL, FIELD)
def follow_up_list(request: SignedInRequest) -> HttpResponse:
    """What one has still to do, and a form for more."""
    form = FollowUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_follow_up(by=request.user, market=market_of(request.user, None), **form.cleaned_data)
        messages.success(request, _("Noted"))
        return redirect("interactions:follow_ups")
    rows = FollowUp.objects.visible_to(request.user).filter(owner=request.user).select_related("kol")
    return render(
        request,
        "interactions/follow_up_list.html",
        {
            "open": rows.open()[:200],
            "done": rows.exclude(done_at=None).order_by("-done_at")[:10],
            "form": form,
            "topbar_title": _("Follow-ups"),
            "back_url": reverse("home"),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@allowed(MEDICAL, FIELD)
def follow_up_completion(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk, owner=request.user)
    actions.complete_follow_up(row, by=request.user)
    undo = reverse("interactions:follow_up_reopening", args=[pk])
    messages.success(request, _("Done"), extra_tags=f"undo:{undo}")
    return redirect("interactions:follow_ups")


@require_POST
@allowed(MEDICAL, FIELD)
def follow_up_reopening(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk, owner=request.user)
    actions.reopen_follow_up(row, by=request.user)
    return redirect("interactions:follow_ups")


@allowed(FIELD)
def question_new(request: SignedInRequest) -> HttpResponse:
    """Pass a question on to Medical. The answer is the same whatever Medical knows or does (decision 12)."""
    kol = _kol(request, (request.POST or request.GET).get("kol", ""), None)
    if kol is None:
        return _choose(request, Kind.INQUIRY)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        from compliance.policy import Channel

        event = Event(
            kind=Kind.INQUIRY,
            channel=Channel.IN_PERSON,
            starts_at=now(),
            ends_at=now(),
            market=market_of(request.user, kol),
        )
        actions.refer_question(by=request.user, kol=kol, question=form.cleaned_data["question"], event=event)
        messages.success(request, _("Passed on. Medical answers the doctor directly."))
        return redirect("kols:list")
    return render(
        request,
        "interactions/question_form.html",
        {
            "form": form,
            "kol": kol,
            "topbar_title": _("Pass a question to Medical"),
            "close_url": reverse("home"),
        },
    )


# Reaching rows -------------------------------------------------------------------------------------------------


def _own(request: SignedInRequest, pk: UUID) -> Interaction:
    return get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk, author=request.user)


def _plan(request: SignedInRequest, pk: str) -> Interaction | None:
    if not pk:
        return None
    if not _is_uuid(pk):
        raise Http404
    return get_object_or_404(
        Interaction.objects.visible_to(request.user).planned().select_related("market"),
        pk=pk,
        author=request.user,
    )


def _kol(request: HttpRequest, pk: str, plan: Interaction | None) -> KOL | None:
    if plan is not None and not pk:
        main = plan.attendees.filter(kol__isnull=False).order_by("-main").first()
        return main.kol if main else None
    if not pk:
        return None
    if not _is_uuid(pk):
        raise Http404
    known = KOL.objects.visible_to(request.user).select_related("main_institution")  # type: ignore[arg-type]
    return get_object_or_404(known, pk=pk)


def _kind(request: SignedInRequest, word: str, plan: Interaction | None) -> Kind:
    kinds = KINDS_OF.get(request.user.side, (Kind.VISIT,))
    if plan is not None and not word:
        word = plan.kind
    return Kind(word) if word in set(map(str, kinds)) else kinds[0]


def _side_effect(request: HttpRequest, data: Any) -> SideEffectForm:
    return SideEffectForm(data, prefix="se", auto_id="id_%s")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
