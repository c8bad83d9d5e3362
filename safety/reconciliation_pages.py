"""The page on which the two lists are compared, and the one on which the result is signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import Market
from accounts.reauthentication import SignForm
from compliance.policy import Refused, Role
from compliance.reading import note
from compliance.signing import signatures_of
from msl_crm.access import READERS, allowed
from safety import reconciling
from safety.reconciliation import Reconciliation

SHOWN = 60
LARGEST = 1_000_000


class CompareForm(forms.Form):
    month = forms.DateField(
        label=gettext_lazy("Month"),
        help_text=gettext_lazy("Any day of it."),
        widget=forms.DateInput(attrs={"type": "date", "class": "x-short"}, format="%Y-%m-%d"),
    )
    market = forms.ModelChoiceField(
        label=gettext_lazy("Market"),
        queryset=Market.objects.none(),
        required=False,
        empty_label=gettext_lazy("All"),
    )
    file = forms.FileField(
        label=gettext_lazy("The list of pharmacovigilance (CSV)"),
        help_text=gettext_lazy("One column with the case numbers. Nothing else of it is kept."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = Market.objects.filter(active=True)  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Small enough to be a list of numbers."""
        if self.cleaned_data["file"].size > LARGEST:
            raise forms.ValidationError(_("This file is too large."))
        return self.cleaned_data["file"]


class ResultForm(SignForm):
    remark = forms.CharField(
        label=gettext_lazy("What follows from the differences"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    field_order = ("remark", "password", "code")


@allowed(Role.SAFETY, READERS)
def reconciliation_list(request: SignedInRequest) -> HttpResponse:
    """The months that were compared; Safety compares another."""
    may = request.user.role == Role.SAFETY
    initial = {"month": now().date().replace(day=1) - timedelta(days=1)}
    form = CompareForm(request.POST or None, request.FILES or None, initial=initial) if may else None
    if form is not None and form.is_bound and form.is_valid():
        found = reconciling.reconcile(
            by=request.user, month=form.cleaned_data["month"], market=form.cleaned_data["market"],
            content=form.cleaned_data["file"].read(),
        )  # fmt: skip
        return redirect("safety:reconciliation", found.pk)
    rows = Reconciliation.objects.visible_to(request.user).select_related("market", "signed_by")[:SHOWN]
    context = {
        "rows": rows,
        "form": form,
        "topbar_title": _("Reconciliation"),
        "back_url": reverse("safety:list"),
    }
    return render(
        request, "safety/reconciliation_list.html", context, status=422 if form is not None and form.is_bound else 200
    )  # fmt: skip


@allowed(Role.SAFETY, READERS)
def reconciliation_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The three lists of one month; Safety signs them."""
    rows = Reconciliation.objects.visible_to(request.user).select_related(
        "market", "compared_by", "signed_by"
    )
    found = get_object_or_404(rows, pk=pk)
    note(request.user, found)
    form = None
    if request.user.role == Role.SAFETY and found.signed_at is None:
        form = ResultForm(request.POST if request.method == "POST" else None, request=request)
        if form.is_bound and form.is_valid():
            try:
                reconciling.sign_reconciliation(
                    found, by=request.user, proof=form.proof, remark=form.cleaned_data["remark"]
                )
            except Refused as refused:
                form.add_error(None, " ".join(refused.told(_)))
            else:
                return redirect("safety:reconciliation", found.pk)
    context = {
        "found": found, "form": form, "signatures": signatures_of([found.pk], request.user),
        "topbar_title": _("Reconciliation"), "back_url": reverse("safety:reconciliations"),
    }  # fmt: skip
    return render(
        request, "safety/reconciliation_detail.html", context,
        status=422 if form is not None and form.is_bound else 200,
    )  # fmt: skip
