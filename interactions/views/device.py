"""A visit that was written without network: the form's own action, and a receipt instead of a page.

The device forgets what it holds only for a receipt of exactly that text. The same key with the same body gets
the first answer again; with another body, 422; while the first is still under way, 409 and when to ask again.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.models import IdempotencyKey
from compliance.policy import Refused, Role
from interactions.forms import VisitForm
from interactions.models import Interaction
from interactions.views import visits
from interactions.views._rows import kol_of, plan_of
from msl_crm.access import FIELD, MEDICAL, allowed

AGAIN_AFTER = 1


@allowed(MEDICAL, FIELD)
@require_POST
def visit_from_device(request: SignedInRequest) -> HttpResponse:
    """Log what a device sends, once, judged as of the visit and not of its arrival (R-065)."""
    key = request.headers.get("Idempotency-Key", "")
    ref = as_uuid(key)
    digest = hashlib.sha256(request.body).hexdigest()
    if ref is None or str(ref) != key or request.POST.get("client_ref") != key:
        return JsonResponse({"reasons": [_("The entry and its key do not match.")]}, status=400)
    if not _alone(request, key):
        busy = JsonResponse({"ref": key}, status=409)
        busy.headers["Retry-After"] = str(AGAIN_AFTER)
        return busy
    if (first := _first_answer(request, ref, digest)) is not None:
        return first
    try:
        with transaction.atomic():
            claim = IdempotencyKey.objects.create(
                user=request.user, key=key, request_hash=digest, status=0, body={}, created_at=now()
            )
    except IntegrityError:
        # What she sent on another side is hidden from this one, and its key is taken for ever.
        return _taken(ref)
    answer, status = _log(request)
    said = {"ref": key, "hash": digest, **answer}
    if status == 201:
        claim.status, claim.body = status, said
        claim.save(update_fields=["status", "body"])
    elif "page" in request.GET:
        # The form is sent once more as a page, which shows what is wrong; that attempt is the one that counts.
        transaction.set_rollback(True)
    else:
        claim.delete()
    return JsonResponse(said, status=status)


def _alone(request: SignedInRequest, key: str) -> bool:
    """Whether no other transaction is busy with this entry."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"visit {request.user.pk} {key}"]
        )
        return bool(cursor.fetchone()[0])


def _first_answer(request: SignedInRequest, ref: UUID, digest: str) -> HttpResponse | None:
    """What was answered before; a refusal where the name belongs to another text."""
    first = IdempotencyKey.objects.filter(user=request.user, key=str(ref)).first()
    if first is not None and first.request_hash == digest:
        return JsonResponse(first.body, status=first.status)
    if first is None and not Interaction.objects.filter(author=request.user, client_ref=ref).exists():
        return None
    return _taken(ref)


def _taken(ref: UUID) -> HttpResponse:
    reasons = [_("This entry is already saved with other words. Compare them, then discard this one.")]
    return JsonResponse({"ref": str(ref), "reasons": reasons}, status=422)


def _log(request: SignedInRequest) -> tuple[dict[str, Any], int]:
    try:
        form = _form(request)
    except Http404:
        return {"reasons": [_("The plan or the expert can no longer be reached. Log it anew.")]}, 422
    mentioned = request.POST.get("side_effect") == "yes" or bool(
        request.POST.get("se-what_happened", "").strip()
    )
    side_effect = visits.side_effect_form(request.POST if mentioned else None)
    # Nothing about the visit can stop the report.
    report = visits.report_of(request, form, side_effect) if mentioned else None
    report = report or visits.told_in_passing(request, form, mentioned=mentioned)
    if not form.is_valid() or (mentioned and report is None):
        beside = [form.value, *([form.sample] if form.sample else [])]
        bad = [form, *form.topics, *beside, *([side_effect] if mentioned else [])]
        return {"reasons": _problems(bad)}, 422
    try:
        record = visits._write(request, form, report, mentioned, device=claim_of(request))
    except Refused as refusal:
        return {"reasons": [str(refusal)]}, 409
    visits._follow_up(request, form, record)
    return _receipt(request, record), 201


def _form(request: SignedInRequest) -> VisitForm:
    plan = plan_of(request, request.POST.get("plan", ""))
    kol = kol_of(request, request.POST.get("kol", ""), plan)
    kind = visits._kind(request, request.POST.get("kind", ""), plan)
    return VisitForm(request.POST, user=request.user, kol=kol, kind=kind, plan=plan)


def _receipt(request: SignedInRequest, record: Interaction) -> dict[str, Any]:
    detail = reverse("interactions:detail", args=[record.pk])
    home = reverse("home" if request.user.role == Role.MSL else "interactions:list")
    if "page" in request.GET:
        text = _("Saved. Still missing: see the record.") if record.missing else _("Visit saved")
        undo = reverse("interactions:withdrawal", args=[record.pk]) + "?again=1"
        messages.success(request, text, extra_tags=f"undo:{undo}")
    url = home if "page" in request.GET and not record.missing else detail
    if "another" in request.GET:
        url = reverse("interactions:new")
    return {"id": str(record.pk), "url": url, "received_at": now().isoformat()}


def _problems(bad: list[forms.Form]) -> list[str]:
    """Every error in a sentence, with the field it belongs to."""
    found = []
    for form in bad:
        for name, errors in form.errors.items():
            label = str(form.fields[name].label or "") if name in form.fields else ""
            found += [f"{label}: {error}" if label else str(error) for error in errors]
    return list(dict.fromkeys(found))


def claim_of(request: SignedInRequest) -> dict[str, str]:
    """What the device says of its own clock: kept beside our time of receipt, and never used to judge."""
    said: dict[str, datetime | None] = {
        "made": _instant(request.POST.get("device_made_at", "")),
        "saved": _instant(request.POST.get("device_saved_at", "")),
        "sent": _instant(request.headers.get("X-Sent-At", "")),
    }
    zone = request.POST.get("device_zone", "")[:40]
    claim = {name: at.isoformat() for name, at in said.items() if at is not None}
    return {**claim, "zone": zone} if claim and zone.isprintable() else claim


def _instant(text: str) -> datetime | None:
    try:
        return parse_datetime(text[:40])
    except ValueError:
        return None
