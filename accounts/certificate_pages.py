"""One's own certificates, and those of the team, with what a lead or Compliance may add and end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.certificate_actions import REMIND_BEFORE, record_certificate, revoke_certificate
from accounts.certificate_forms import CertificateForm, RevocationForm
from accounts.http import SignedInRequest
from accounts.models import Certificate, User
from compliance.policy import Deed, Refused, Role, may
from msl_crm.access import FIELD, MEDICAL, READERS, allowed
from products.models import Use

RECORDERS = (Role.MSL_LEAD, Role.FIELD_LEAD, Role.COMPLIANCE)
SHOWN = 200


@allowed(MEDICAL, FIELD, READERS)
def certificate_list(request: SignedInRequest) -> HttpResponse:
    """What is held, what ends soon and what has ended, by person."""
    user = request.user
    may_write = may(user.role, Deed.RECORD_CERTIFICATE).allowed
    form = CertificateForm(request.POST or None, user=user) if may_write else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            record_certificate(**form.facts(user.tz), by=user)
        except Refused as refused:
            form.add_error(None, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Recorded."))
            return redirect("accounts:certificates")
    context = {"form": form, "rows": described(user), "user_pk": user.pk}
    wrong = bool(form is not None and form.errors)
    return render(request, "accounts/certificates.html", context, status=422 if wrong else 200)


def described(user: User) -> list[dict[str, Any]]:
    """Each certificate in words. A use that this person may not know of has no name."""
    rows = list(
        Certificate.objects.visible_to(user)
        .select_related("person", "use__indication__product", "use__market", "market", "recorded_by")
        .order_by("person__family_name", "person__given_name", "person", "-valid_from", "id")[:SHOWN]
    )
    named = {row.use_id for row in rows if row.use_id}
    known = (
        set(Use.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True)) if named else ()
    )
    return [
        {
            "row": row,
            "about": str(row.use) if row.use_id in known else str(row.market or ""),
            "standing": _standing(row),
            "own": row.person_id == user.pk,
        }
        for row in rows
    ]


def _standing(row: Certificate) -> str:
    last = row.last_day
    if last is not None and last < now():
        return "revoked" if row.revoked_at else "ended"
    if row.valid_from > now():
        return "ahead"
    return "ending" if last is not None and last < now() + REMIND_BEFORE else "held"


@allowed(*RECORDERS)
def certificate_revocation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """End a certificate now, with the reason."""
    user = request.user
    row = get_object_or_404(
        Certificate.objects.visible_to(user)
        .filter(revoked_at=None)
        .exclude(person=user)
        .select_related("person"),
        pk=pk,
    )
    form = RevocationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            revoke_certificate(pk, reason=form.cleaned_data["reason"], by=user)
        except Refused as refused:
            messages.error(request, " ".join(refused.told(_)))
        else:
            messages.success(request, _("Ended."))
        return redirect("accounts:certificates")
    return render(request, "accounts/certificate_revocation.html", {"form": form, "row": row})
