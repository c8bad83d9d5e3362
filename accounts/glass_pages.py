"""Break-glass on a page: asked, granted, ended, and seen by all who oversee."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import glass_actions
from accounts.acting import now
from accounts.glass import LONGEST, BreakGlass
from accounts.http import SignedInRequest
from accounts.models import User
from compliance.policy import Refused, Role
from msl_crm.access import allowed

SHOWN = 50
READERS = (Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR)


class GlassForm(forms.Form):
    """Why, for how long, and whose records."""

    reason = forms.CharField(label=gettext_lazy("Why you have to read it"), max_length=300)
    minutes = forms.IntegerField(
        label=gettext_lazy("For how many minutes"), min_value=5, max_value=LONGEST, initial=30
    )
    concerning = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Whose records"), required=False,
        help_text=gettext_lazy("She is told as soon as it opens."),
    )  # fmt: skip
    untold_because = forms.CharField(
        label=gettext_lazy("Why she must not be told"), max_length=300, required=False,
        help_text=gettext_lazy("Only where the law or an investigation forbids it."),
    )  # fmt: skip

    def __init__(self, *args: object, asker: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = User.objects.exclude(pk=asker.pk).order_by("family_name", "given_name", "id")
        self.fields["concerning"].queryset = people  # type: ignore[attr-defined]


@allowed(*READERS)
def glass(request: SignedInRequest) -> HttpResponse:
    """Every opening, the newest first; an administrator asks here, Compliance decides here."""
    form = None
    if request.user.role == Role.ADMIN:
        form = GlassForm(request.POST if request.method == "POST" else None, asker=request.user)
    if form is not None and form.is_valid():
        try:
            glass_actions.ask_glass(**form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Asked. Compliance decides."))
            return redirect("accounts:glass")
    rows = BreakGlass.objects.visible_to(request.user).select_related("person", "concerning", "decided_by")
    shown = [(row, row.is_open(now())) for row in rows.order_by("-asked_at", "id")[:SHOWN]]
    return render(request, "accounts/glass.html", {"form": form, "rows": shown})


@require_POST
@allowed(Role.COMPLIANCE)
def glass_decision(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(BreakGlass.objects.visible_to(request.user), pk=pk)
    glass_actions.decide_glass(row, grant="grant" in request.POST, by=request.user)
    messages.success(request, _("Decided."))
    return redirect("accounts:glass")


@require_POST
@allowed(*READERS)
def glass_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(BreakGlass.objects.visible_to(request.user), pk=pk)
    glass_actions.end_glass(row, by=request.user)
    messages.success(request, _("Ended."))
    return redirect("accounts:glass")
