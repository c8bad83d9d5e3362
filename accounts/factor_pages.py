"""Which roles need a second factor, and the two steps that take away one that is lost."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import factor_actions
from accounts.base import choices
from accounts.factors import FactorReset, FactorRule
from accounts.http import SignedInRequest
from accounts.models import User
from compliance.policy import Refused, Role
from msl_crm.access import allowed


class RulesForm(forms.Form):
    """The roles whose people add a second factor before anything else opens."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles that need one"),
        choices=choices(Role),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class LostForm(forms.Form):
    """Why somebody's factors are to be taken away."""

    reason = forms.CharField(
        label=gettext_lazy("What happened, and how you know that it is she"), max_length=300
    )


@allowed(Role.ADMIN)
def factor_rules(request: SignedInRequest) -> HttpResponse:
    """Which roles need a second factor. It holds from their next request on."""
    held = list(FactorRule.objects.values_list("role", flat=True))
    form = RulesForm(request.POST if request.method == "POST" else None, initial={"roles": held})
    if form.is_valid():
        factor_actions.set_factor_rules([Role(role) for role in form.cleaned_data["roles"]], by=request.user)
        messages.success(request, _("Saved."))
        return redirect("accounts:organisation")
    return render(request, "accounts/form.html", {"form": form, "title": _("Second factor")})


@allowed(Role.ADMIN)
def factor_lost(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask that a person's factors be taken away. A second person decides."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    form = LostForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            factor_actions.ask_factor_reset(person, form.cleaned_data["reason"], by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Asked. Another administrator, or Compliance, decides."))
            return redirect("accounts:user", person.pk)
    title = _("Second factor lost: %(name)s") % {"name": person.name}
    return render(request, "accounts/form.html", {"form": form, "title": title})


@allowed(Role.ADMIN, Role.COMPLIANCE)
def factor_reset(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The second person looks at who asks, for whom and why, and decides."""
    rows = FactorReset.objects.visible_to(request.user).select_related("person", "asked_by", "decided_by")
    reset = get_object_or_404(rows, pk=pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            factor_actions.decide_factor_reset(reset, grant="grant" in request.POST, by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Decided. The person is told."))
            return redirect(reverse("accounts:factor_reset", args=[reset.pk]))
    return render(request, "accounts/factor_reset.html", {"reset": reset, "form": form})
