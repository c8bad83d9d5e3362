"""The visit form: log a contact, change a draft. A side effect is reported first, whatever becomes of the rest."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.reauthentication import SignForm
from compliance import audit
from compliance.actions import report_deviation
from compliance.policy import DecisionKind, Intent, Kind, Refused, Role
from interactions import actions, words_form
from interactions.amend_forms import AmendForm
from interactions.facts import gather
from interactions.forms import KINDS_OF, VisitForm
from interactions.models import Interaction, standing_record_of
from interactions.prefill import companions
from interactions.views._rows import choose, kol_of, plan_of, taken_back
from interactions.visit_page import context, in_plain_words
from interactions.words import blocked, of_text, said, settle
from kols.models import Relation
from msl_crm.access import FIELD, MEDICAL, allowed
from safety.actions import report_side_effect
from safety.forms import SideEffectForm
from safety.listening import heard
from safety.models import SafetyReport

logger = logging.getLogger(__name__)


@allowed(MEDICAL, FIELD)
def interaction_new(request: SignedInRequest) -> HttpResponse:
    """Log a contact. The side effect is reported first and kept whatever becomes of the rest (R-127)."""
    asked = request.POST if request.method == "POST" else request.GET
    again = taken_back(request, asked.get("again", ""))
    plan = plan_of(request, asked.get("plan", "")) or (again.follows_plan if again else None)
    if request.method == "GET" and plan is not None and (logged := standing_record_of(plan).first()):
        messages.info(request, _("This visit is logged already."))
        return redirect("interactions:detail", logged.pk)
    kol = kol_of(request, asked.get("kol", ""), again or plan)
    kind = _kind(request, asked.get("kind", ""), again or plan)
    if kol is None and kind in (Kind.VISIT, Kind.CONGRESS_CONTACT, Kind.PRODUCT_CALL):
        return choose(request, kind)
    form = VisitForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        kol=kol,
        kind=kind,
        plan=plan,
        again=again,
        added=request.GET.getlist("added"),
    )
    if request.method == "POST" and not ASKED.intersection(request.POST):
        return _save(request, form)
    return _page(request, form, side_effect_form(None))


# Presses that ask the page for more and save nothing.
ASKED = frozenset({"add_topic", "find_person"})


def _save(request: SignedInRequest, form: VisitForm) -> HttpResponse:
    mentioned = request.POST.get("side_effect") == "yes" or any(
        request.POST.get(f"se-{name}", "").strip() for name in SideEffectForm.SAYS
    )
    side_effect = side_effect_form(request.POST if mentioned else None)
    report = report_of(request, form, side_effect) if mentioned else None
    report = report or told_in_passing(request, form, mentioned=mentioned)
    valid = form.is_valid()
    if mentioned and report is None:
        if "with_side_effect" not in request.POST:
            # The first press asks what happened; only the next one finds that nobody wrote it.
            side_effect = _asked_now(side_effect)
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
    undo = reverse("interactions:withdrawal", args=[record.pk]) + ("?again=1" if form.record is None else "")
    text = _("Saved. Still missing: see the record.") if record.missing else _("Visit saved")
    if report is not None:
        text = _("%(saved)s. The side effect is with Safety.") % {"saved": text.rstrip(".")}
    messages.success(request, text, extra_tags=f"undo:{undo}")
    if "another" in request.GET:
        return redirect("interactions:new")
    if record.missing:
        return redirect("interactions:detail", record.pk)
    return redirect("home" if request.user.role == Role.MSL else "interactions:list")


def _write(
    request: SignedInRequest, form: VisitForm, report: SafetyReport | None, mentioned: bool, **more: Any
) -> Interaction:
    data = form.cleaned_data
    settle(
        request.user, form.market, data["follow_up_what"], reason=data["words_reason"],
        verb="was refused to follow up", people=[str(form.kol)],
    )  # fmt: skip
    if form.record is not None:
        version = request.POST.get("version", "")
        return actions.amend_interaction(
            form.record,
            by=request.user,
            version=int(version) if version.isdecimal() and len(version) < 9 else None,
            change_reason=form.cleaned_data["change_reason"],
            **form.record_arguments(),
        )
    contact = {
        "by": request.user,
        "side_effect": mentioned,
        "safety_report": report,
        "follows_plan": form.plan,
        "client_ref": form.cleaned_data["client_ref"],
        **form.record_arguments(),
        **more,
    }
    if form.sample is not None and (sample := form.sample.handed(form.kol)) is not None:
        return actions.log_with_sample(sample=sample, smpc=form.sample.cleaned_data["smpc"], **contact)[0]
    return actions.log_interaction(**contact)


def report_of(request: SignedInRequest, form: VisitForm, side_effect: SideEffectForm) -> SafetyReport | None:
    """The report comes first; nothing about the visit can stop it. None: only that nobody wrote what happened."""
    if not side_effect.is_valid():
        return None
    facts = side_effect.facts(request.user)
    facts["learned_at"] = facts["learned_at"] or min(form._starts_at(), now())
    return report_side_effect(
        by=request.user,
        kol=form.kol,
        market=form.market,
        client_ref=as_uuid(request.POST.get("client_ref", "")),
        **facts,
    )


def told_in_passing(request: SignedInRequest, form: VisitForm, *, mentioned: bool) -> SafetyReport | None:
    """What the texts tell though nobody said so, reported before anything is saved, unless rebutted (R-127)."""
    if mentioned:
        return None
    texts = [one.text for one in words_form.texts(form)] + [request.POST.get("deviation_words", "")]
    record = form.record
    return heard(
        request, texts, "visit", base=record.client_ref or record.pk if record is not None else None, kol=form.kol,
        market=form.market, learned_at=min(form._starts_at(), now()),
        about=("interaction", record.pk) if record is not None else None,
    )  # fmt: skip


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
    if deviation and "deviation" in request.POST and words and _explained(request, form, words):
        event = form.event()
        found = gather(
            by=request.user,
            role=Role(request.user.role),
            intent=Intent.RECORD,
            event=event,
            topics=form.spoken(),
            people=form.present(),
            given=form.given(),
        )
        report_deviation(found.act, words, happened_at=event.starts_at, by=request.user,
                         words_reason=form.cleaned_data["words_reason"])  # fmt: skip
        messages.success(request, _("Reported as a deviation. Compliance has it; it counts as no activity."))
        return redirect("interactions:list")
    return _page(
        request,
        form,
        side_effect,
        report=report,
        deviation=deviation,
        deviation_words=words or (in_plain_words(form, refusal) if deviation else ""),
        refusal=str(refusal),
        status=409,
    )


def _explained(request: SignedInRequest, form: VisitForm, words: str) -> bool:
    """What stands out in a deviation's words is shown once more, and stays with a reason; nothing of it is refused."""
    found = of_text(request.user, form.market, words, people=[str(form.kol)])
    return not (said(found) or blocked(found)) or bool(form.cleaned_data["words_reason"].strip())


def _follow_up(request: SignedInRequest, form: VisitForm, record: Interaction) -> None:
    data = form.cleaned_data
    if data["follow_up_what"] and data["follow_up_on"]:
        relation = next((t.block.matter.relation for t in form.topics if t.chosen and t.block.matter), None)
        actions.add_follow_up(
            by=request.user,
            what=data["follow_up_what"],
            words_reason=data["words_reason"],
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


@allowed(MEDICAL, FIELD)
def interaction_edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Change a draft of one's own; every version is kept."""
    record = get_object_or_404(
        Interaction.objects.visible_to(request.user).select_related("market"), pk=pk, author=request.user
    )
    if record.status == Interaction.Status.SIGNED:
        return _signed_meanwhile(request, record)
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
    if request.method == "POST" and not ASKED.intersection(request.POST):
        return _save(request, form)
    return _page(request, form, side_effect_form(None), title=_("Change the entry"))


def _signed_meanwhile(request: SignedInRequest, record: Interaction) -> HttpResponse:
    """Signed while the form was open: what was written stays on the page, and goes on as an amendment."""
    if request.method != "POST":
        return redirect("interactions:amendment", record.pk)
    main = record.attendees.filter(kol__isnull=False).order_by("-main").first()
    form = VisitForm(request.POST, user=request.user, kol=main.kol if main else None, kind=Kind(record.kind),
                     record=record)  # fmt: skip
    form.is_valid()
    form.add_error(None, _("This entry is signed and locked. Say why it changes, and sign again."))
    return _page(
        request, form, side_effect_form(None), title=_("Amend a signed entry"), why=AmendForm(),
        sign=SignForm(request=request), action=reverse("interactions:amendment", args=[record.pk]), status=409,
    )  # fmt: skip


@allowed(MEDICAL, FIELD)
def companion_list(request: SignedInRequest) -> HttpResponse:
    """Who else may have been there, as somebody types: those chosen stay, the rest answers to the letters."""
    query = request.GET.get("person", "").strip()[:100]
    audit.searched(request.user, query, "companions")
    kol = kol_of(request, request.GET.get("kol", ""))
    found = companions(request.user, kol, request.GET.getlist("others"), query)
    more = {"name": "others", "others": found["picked"], "suggestions": found["likely"], "query": query}
    return render(request, "components/companions.html", more)


def _kind(request: SignedInRequest, word: str, plan: Interaction | None) -> Kind:
    kinds = KINDS_OF.get(request.user.side, (Kind.VISIT,))
    if plan is not None and not word:
        word = plan.kind
    return Kind(word) if word in set(map(str, kinds)) else kinds[0]


def _asked_now(empty: SideEffectForm) -> SideEffectForm:
    """The questions after a side effect, opened, with the cursor in the first."""
    fresh = side_effect_form(None)
    fresh.initial = {name: empty[name].value() for name in empty.fields}
    fresh.fields["what_happened"].widget.attrs["autofocus"] = True
    fresh.asked = True
    return fresh


def side_effect_form(data: Any) -> SideEffectForm:
    return SideEffectForm(data, prefix="se", auto_id="id_%s")
