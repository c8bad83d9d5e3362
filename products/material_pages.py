"""The register of materials, the versions of labels, and the items of the medical plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance.policy import Deed, Refused, Role, may
from msl_crm.access import COMMERCIAL, MEDICAL, MSLS, READERS, allowed
from products import material_actions as actions
from products.material_forms import ApprovalForm, LabelForm, MaterialForm, PlanItemForm, RecallForm
from products.models import MaterialVersion, PlanItem, Use

SHOWN = 200
STANDINGS = {
    "review": (gettext_lazy("in review"), "amber"),
    "usable": (gettext_lazy("may be used"), "green"),
    "ahead": (gettext_lazy("valid later"), "slate"),
    "ended": (gettext_lazy("no longer valid"), "slate"),
    "recalled": (gettext_lazy("recalled"), "red"),
    "retired": (gettext_lazy("out of use"), "slate"),
    "quarantine": (gettext_lazy("in quarantine"), "red"),
}


def standing_of(one: Any) -> str:
    """Where a version stands now, in one word; the gravest first."""
    at = now()
    if one.recalled_at:
        return "recalled"
    if one.retired_at:
        return "retired"
    if one.approved_at is None:
        return "review"
    if one.quarantined_at is not None and one.quarantined_at <= at:
        return "quarantine"
    if one.valid_to is not None and one.valid_to <= at:
        return "ended"
    return "ahead" if one.valid_from > at else "usable"


def _described(one: Any) -> dict[str, Any]:
    text, tone = STANDINGS[standing_of(one)]
    return {"one": one, "tag": {"text": text, "tone": tone}}


@allowed(MEDICAL, COMMERCIAL, READERS, Role.REGULATORY)
def material_list(request: SignedInRequest) -> HttpResponse:
    """What may be shown, what waits for review, and what is out of use."""
    rows = MaterialVersion.objects.visible_to(request.user).quarantined().select_related("material")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if words:
        rows = rows.filter(material__name__icontains=words) | rows.filter(material__number__icontains=words)
    ordered = rows.prefetch_related("markets").order_by("material__name", "-valid_from", "pk")
    found = [_described(one) for one in ordered[:SHOWN]]
    context = {
        "rows": found,
        "q": words,
        "waiting": sum(standing_of(row["one"]) == "review" for row in found),
        "registers": may(request.user.role, Deed.REGISTER_MATERIAL).allowed,
        "plans": request.user.role in MSLS,
        "topbar_title": _("Materials"),
    }
    return render(request, "products/material_list.html", context)


@allowed(Role.MSL_LEAD, Role.MEDICAL_INFORMATION, Role.PRODUCT_MANAGER, Role.REGULATORY)
def material_new(request: SignedInRequest) -> HttpResponse:
    """Register a version for review by somebody else."""
    form = MaterialForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.register_material(**form.facts(), by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Registered. Somebody else reviews it before it is used."))
            return redirect("products:material", found.pk)
    return _form(request, form, _("Register material"), back="products:materials")


@allowed(MEDICAL, COMMERCIAL, READERS, Role.REGULATORY)
def material(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One version: what it is for, how it stands, and who received it, as far as this person reads it."""
    from interactions.models import MaterialGiven

    visible = MaterialVersion.objects.visible_to(request.user).quarantined()
    found = get_object_or_404(
        visible.select_related("material", "registered_by", "approved_by", "recalled_by").prefetch_related(
            "markets", "uses__indication__product", "uses__market"
        ),
        pk=pk,
    )
    role, state = request.user.role, standing_of(found)
    given = MaterialGiven.objects.visible_to(request.user).filter(version=found)
    context = {
        **_described(found),
        "uses": Use.objects.visible_to(request.user).filter(materials=found).select_related("indication__product", "market"),
        "given": given.select_related("kol", "author", "interaction__market")[:SHOWN],
        "approve": ApprovalForm() if state == "review" and may(role, Deed.APPROVE_MATERIAL).allowed
        and found.registered_by_id != request.user.pk else None,
        "recall": RecallForm() if state not in ("recalled", "retired") and may(role, Deed.RECALL_MATERIAL).allowed else None,
        "retires": state not in ("recalled", "retired") and may(role, Deed.REGISTER_MATERIAL).allowed,
        "topbar_title": str(found),
    }  # fmt: skip
    return render(request, "products/material_detail.html", context)


@require_POST
@allowed(Role.COMPLIANCE, Role.REGULATORY)
def material_approval(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _do(request, pk, ApprovalForm, actions.approve_material, _("Approved."))


@require_POST
@allowed(Role.COMPLIANCE, Role.REGULATORY)
def material_recall(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _do(
        request, pk, RecallForm, actions.recall_material, _("Recalled. Who received it is listed below.")
    )


@require_POST
@allowed(Role.MSL_LEAD, Role.MEDICAL_INFORMATION, Role.PRODUCT_MANAGER, Role.REGULATORY)
def material_retirement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _do(request, pk, forms.Form, actions.retire_material, _("Out of use."))


def _do(
    request: SignedInRequest, pk: UUID, form_class: type[forms.Form], act: Callable[..., Any], done: str
) -> HttpResponse:
    found = get_object_or_404(MaterialVersion.objects.visible_to(request.user), pk=pk)
    form = form_class(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("products:material", pk)
    try:
        act(found, **form.cleaned_data, by=request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.told(_)))
    else:
        messages.success(request, done)
    return redirect("products:material", pk)


# Labels and the medical plan ---------------------------------------------------------------------------------------


@allowed(Role.REGULATORY)
def label_new(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Note from when a version of the label holds."""
    use = get_object_or_404(Use.objects.select_related("indication__product", "market"), pk=pk)
    form = LabelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.enter_label(
                use, version=data["version"], effective_at=use.market.start_of(data["first_day"]),
                evidence=data["evidence"], by=request.user,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(
                request, _("Entered. Training and materials on the label before it end on that day.")
            )
            return redirect("products:detail", use.indication.product_id)
    title = _("New label of %(use)s") % {"use": use}
    return _form(request, form, title, back="products:list")


@allowed(MSLS)
def plan_items(request: SignedInRequest) -> HttpResponse:
    """On what Medical may raise a use unasked; a lead adds and ends."""
    lead = request.user.role == Role.MSL_LEAD
    form = PlanItemForm(request.POST if request.method == "POST" and lead else None, user=request.user)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        market = data["use"].market
        try:
            actions.approve_plan_item(
                data["use"], reference=data["reference"], purpose=data["purpose"], by=request.user,
                from_=market.start_of(data["first_day"]) if data["first_day"] else now(),
                until=market.start_of(data["last_day"] + timedelta(days=1)),
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Approved."))
            return redirect("products:plan")
    rows = PlanItem.objects.visible_to(request.user).select_related(
        "use__indication__product", "use__market", "approved_by"
    )
    context = {
        "rows": [
            {"one": row, "holds": now() in row.during, "ahead": row.during.lower > now()}
            for row in rows.order_by("-during", "pk")[:SHOWN]
        ],
        "form": form if lead else None,
        "topbar_title": _("Medical plan"),
    }  # fmt: skip
    return render(request, "products/plan.html", context, status=422 if form.errors else 200)


@require_POST
@allowed(Role.MSL_LEAD)
def plan_item_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    item = get_object_or_404(PlanItem.objects.visible_to(request.user).select_related("use"), pk=pk)
    try:
        actions.end_plan_item(item, by=request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.told(_)))
    else:
        messages.success(request, _("Ended."))
    return redirect("products:plan")


def _form(request: SignedInRequest, form: forms.Form, title: str, *, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back_url": back}
    return render(request, "products/short_form.html", context, status=422 if form.errors else 200)
