"""Two entries of one person become one: found, compared, put together (R-123)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest, as_uuid
from compliance import audit
from compliance.policy import Refused, Role
from kols import actions
from kols.models import KOL
from kols.search import matching
from kols.views.editing import editable
from msl_crm.access import allowed

SHOWN = 20


@allowed(Role.MSL_LEAD)
def kol_merge(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Which entry is the same person as this one; everything of this one goes there."""
    user, kol = request.user, editable(request.user, pk)
    others = KOL.objects.visible_to(user).listed().exclude(pk=kol.pk).select_related("main_institution")
    refusal = ""
    if request.method == "POST":
        kept = get_object_or_404(others, pk=as_uuid(request.POST.get("into", "")))
        try:
            actions.merge_kols(kol, kept, by=user)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("%(name)s is one entry now.") % {"name": kept.name})
            return redirect("kols:detail", pk=kept.pk)
    words = request.GET.get("q", "").strip()[:200] or kol.family_name
    if request.GET.get("q"):
        audit.searched(request.user, words, "merging")
    back = reverse("kols:detail", args=[kol.pk])
    context = {
        "kol": kol,
        "words": words,
        "found": matching(others, words).order_by("sort_name", "pk")[:SHOWN],
        "refusal": refusal,
        "crumbs": [
            {"url": reverse("kols:list"), "text": _("KOLs")}, {"url": back, "text": kol.name},
            {"url": "", "text": _("Same person")},
        ],
    }  # fmt: skip
    return render(request, "kols/kol_merge.html", context, status=422 if refusal else 200)
