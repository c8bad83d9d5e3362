"""The catalogue, the lifecycle of each use, and what waits for Regulatory's second person."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.people import people_with
from compliance.policy import Refused, Role, State
from handovers.actions import countersign_and_enact, enact_entry, open_due_handovers, split_use
from handovers.rehearsal import consequences_of
from msl_crm.access import COMMERCIAL, MEDICAL, OVERSIGHT, allowed
from msl_crm.answers import stands_now
from products import actions, reading
from products.forms import (
    ConfirmForm,
    EntryForm,
    ExpectationForm,
    ProductForm,
    ReasonForm,
    SplitForm,
    UseForm,
)
from products.launch_pages import launch_of
from products.models import LifecycleEntry, Product, Use

READERS = (MEDICAL, COMMERCIAL, OVERSIGHT, Role.REGULATORY, Role.MARKET_ACCESS, Role.SAFETY)


@allowed(*READERS)
def product_list(request: SignedInRequest) -> HttpResponse:
    """Every product this person may know about, with where its uses stand."""
    uses = Use.objects.visible_to(request.user).with_state(now()).select_related("market", "indication")
    products = Product.objects.visible_to(request.user).order_by("brand", "inn", "id")
    if words := request.GET.get("q", "").replace("\x00", "").strip()[:100]:
        products = products.filter(Q(brand__icontains=words) | Q(inn__icontains=words))
    rows = list(
        products.prefetch_related(
            Prefetch(
                "indications__uses",
                queryset=uses.order_by("indication__name", "market__name"),
                to_attr="shown",
            )
        )[:200]
    )
    return render(request, "products/product_list.html", {"products": rows, "q": words})


@allowed(*READERS)
def product_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One product: its lifecycle per market as a band and as a table, and what waits."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    rows = reading.standings(reading.uses_of(product, request.user), now())
    entries = LifecycleEntry.objects.visible_to(request.user).filter(use__indication__product=product)
    context = {
        "product": product,
        "rows": rows,
        "band": reading.band(rows, now()),
        "sentence": reading.sentence(rows),
        "entries": entries.select_related(
            "use__market", "use__indication", "proposed_by", "confirmed_by", "voids"
        ).order_by("-effective_at", "-recorded_at")[:100],
        "regulatory": request.user.role == Role.REGULATORY,
        "readers_of_names": request.user.side not in ("COMMERCIAL",),
    }
    return render(request, "products/product_detail.html", context)


@allowed(Role.REGULATORY)
def product_new(request: SignedInRequest) -> HttpResponse:
    form = ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        product = actions.register_product(**form.cleaned_data, by=request.user)
        messages.success(request, _("%(product)s is in the catalogue.") % {"product": product})
        return redirect("products:use_new", product.pk)
    return render(request, "products/form.html", {"form": form, "title": _("New product")})


@allowed(Role.REGULATORY)
def use_new(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Add an indication and the markets in which it is followed."""
    product = get_object_or_404(Product, pk=pk)
    form = UseForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        indication = actions.add_indication(
            product, name=data["name"], label=data["label"], area=data["area"], by=request.user
        )
        for market in data["markets"]:
            actions.add_use(indication, market, by=request.user)
        messages.success(request, _("Indication added. Its lifecycle begins with the first confirmed entry."))
        return redirect("products:detail", product.pk)
    title = _("New indication of %(product)s") % {"product": product}
    return render(request, "products/form.html", {"form": form, "title": title, "back": product})


@allowed(Role.REGULATORY)
def entry_new(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Propose a state of a use. Nothing changes before a colleague confirms it."""
    use = get_object_or_404(Use.objects.select_related("indication__product", "market"), pk=pk)
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        entry = actions.propose_entry(
            use,
            State(data["state"]),
            effective_at=use.market.start_of(data["effective_on"]),
            promotable_from=use.market.start_of(data["promotable_on"]) if data["promotable_on"] else None,
            evidence=data["evidence"],
            note=data["note"],
            by=request.user,
        )
        messages.success(request, _("Proposed. A colleague of Regulatory has to confirm it."))
        return redirect("products:entry", entry.pk)
    return render(request, "products/entry_form.html", {"form": form, "use": use})


@allowed(Role.REGULATORY)
def expectation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Note when a decision is expected; it opens nothing."""
    use = get_object_or_404(Use.objects.select_related("indication__product", "market"), pk=pk)
    initial = {"expected_on": use.expected_on, "source": use.expected_source}
    form = ExpectationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.expect_decision(
            use, on=form.cleaned_data["expected_on"], source=form.cleaned_data["source"], by=request.user
        )
        return redirect("products:detail", use.indication.product_id)
    title = _("When is the decision on %(use)s expected?") % {"use": use}
    return render(
        request, "products/form.html", {"form": form, "title": title, "back": use.indication.product}
    )


@allowed(Role.REGULATORY)
def use_split(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take out of a use what the authority does not grant, before its authorisation is confirmed (R-016)."""
    use = get_object_or_404(Use.objects.select_related("indication__product", "market"), pk=pk)
    form = SplitForm(request.POST or None, product=use.indication.product)
    if request.method == "POST" and form.is_valid():
        try:
            rest = split_use(use, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("%(use)s stands for itself now. A colleague of Regulatory confirms its state.")
                % {"use": rest},
            )
            return redirect("products:detail", use.indication.product_id)
    context = {
        "form": form,
        "title": _("The label of %(use)s is granted narrower") % {"use": use},
        "lead": _(
            "What is granted keeps its place and is handed over once it is authorised. What is not granted becomes "
            "a use of its own before authorisation, and whoever answers for the one answers for the other."
        ),
        "back": use.indication.product,
    }
    status = 422 if form.errors else 200
    return render(request, "products/form.html", context, status=status)


@allowed(Role.REGULATORY, OVERSIGHT)
def proposals(request: SignedInRequest) -> HttpResponse:
    """Everything that waits for a second person."""
    return render(request, "products/proposal_list.html", {
        "entries": reading.waiting_for(request.user), "launches": reading.launches_waiting(request.user),
    })  # fmt: skip


@allowed(Role.REGULATORY, OVERSIGHT)
def entry(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One entry with its evidence, what confirming it would move, and what may be done with it."""
    found = _entry(request, pk)
    waiting = not found.confirmed_at and not found.rejected_at
    to_countersign = bool(found.voids_id and found.confirmed_at and not found.countersigned_at)
    context = {
        "entry": found,
        "waiting": waiting,
        "to_countersign": to_countersign and request.user.role == Role.COMPLIANCE,
        "consequences": consequences_of(found) if waiting or to_countersign else None,
        "confirm": ConfirmForm(needs_day=_needs_day(found)),
        "may_confirm": waiting
        and request.user.role == Role.REGULATORY
        and found.proposed_by_id != request.user.pk,
        "confirmers": _confirmers(found, request) if waiting else [],
        "own": waiting and found.proposed_by_id == request.user.pk,
        "may_void": bool(found.confirmed_at and not found.voids_id) and request.user.role == Role.REGULATORY,
        "reject": ReasonForm(),
        **launch_of(found, request),
    }
    return render(request, "products/entry_detail.html", context)


def _confirmers(found: LifecycleEntry, request: SignedInRequest) -> list[str]:
    """Who may be the second person, told to whoever is the first."""
    if found.proposed_by_id != request.user.pk:
        return []
    people = people_with(Role.REGULATORY, found.use.market)
    return sorted(person.name for person in people if person.pk != request.user.pk)


@allowed(Role.REGULATORY)
def confirmation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Confirm a proposal; what it makes unlawful is reversed in the same transaction."""
    found = _entry(request, pk)
    form = ConfirmForm(request.POST, needs_day=_needs_day(found))
    if request.method != "POST" or not form.is_valid():
        messages.error(request, _("Give the day from which it is in force."))
        return redirect("products:entry", found.pk)
    day = form.cleaned_data.get("effective_on")
    try:
        enact_entry(found, by=request.user, effective_at=found.use.market.start_of(day) if day else None)
    except Refused as refused:
        return stands_now(request, refused, entry, found.pk)
    opened = open_due_handovers()
    done = ngettext("Confirmed. %(n)d handover opened.", "Confirmed. %(n)d handovers opened.", opened) % {
        "n": opened
    }
    messages.success(request, done if opened else _("Confirmed."))
    return redirect("products:entry", found.pk)


@allowed(Role.REGULATORY)
def rejection(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Set a proposal aside, with a reason."""
    found, form = _entry(request, pk), ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _try(
            request,
            found,
            lambda: actions.reject_entry(found, reason=form.cleaned_data["reason"], by=request.user),
            _("Set aside."),
        )
    return render(
        request,
        "products/form.html",
        {"form": form, "title": _("Set this proposal aside"), "back": found.use.indication.product},
    )


@allowed(Role.REGULATORY)
def voiding(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Say that a confirmed entry was a mistake."""
    found, form = _entry(request, pk), ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = _("Proposed. A colleague confirms the voiding, and Compliance countersigns it.")
        return _try(
            request,
            found,
            lambda: actions.void_entry(found, evidence=form.cleaned_data["reason"], by=request.user),
            done,
            reverse("products:detail", args=[found.use.indication.product_id]),
        )
    return render(
        request,
        "products/form.html",
        {"form": form, "title": _("Void this entry"), "back": found.use.indication.product},
    )


@allowed(Role.COMPLIANCE)
def countersignature(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Compliance signs under a confirmed voiding; it takes effect now."""
    found = _entry(request, pk)
    if request.method == "POST":
        return _try(
            request,
            found,
            lambda: countersign_and_enact(found, by=request.user),
            _("Countersigned. The entry is void."),
        )
    return redirect("products:entry", found.pk)


def _entry(request: SignedInRequest, pk: UUID) -> LifecycleEntry:
    visible = LifecycleEntry.objects.visible_to(request.user).select_related(
        "use__indication__product",
        "use__market",
        "proposed_by",
        "confirmed_by",
        "countersigned_by",
        "rejected_by",
        "voids",
    )
    return get_object_or_404(visible, pk=pk)


def _needs_day(found: LifecycleEntry) -> bool:
    return found.voids_id is None and found.effective_at is None


def _try(
    request: SignedInRequest, found: LifecycleEntry, act: Callable[[], object], done: str, after: str = ""
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        return stands_now(request, refused, entry, found.pk)
    messages.success(request, done)
    return redirect(after or reverse("products:entry", args=[found.pk]))
