"""The trail of one record, and the check of the whole of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from compliance import chain, desk, differences, reading, verification
from compliance.models import AuditEntry, RowChange, Seal
from msl_crm.access import READERS, allowed
from msl_crm.dates import moment_in_words


@allowed(READERS)
def record_trail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Everything that was ever done with one record: who, when, what was and what is. The newest hundred."""
    entries = list(
        AuditEntry.objects.visible_to(request.user)
        .filter(subject_id=pk)
        .order_by("-sequence")[: desk.PAGE * 2]
    )
    rows = list(RowChange.objects.filter(row=pk).order_by("-sequence")[: desk.PAGE * 2])
    if not entries and not rows:
        raise Http404
    for entry in entries:
        desk.name_role(entry)
    title = next((entry.subject_words for entry in entries if entry.subject_words), str(pk))
    record = differences.record_of(pk, entries, rows)
    if record is not None and record._meta.app_label in ("interactions", "safety"):
        reading.note(request.user, record, words=f"{title}, its trail")
    context = {"items": differences.of_record(entries, rows), "title": title, "record": pk}
    return render(request, "compliance/record_trail.html", context)


@allowed(READERS)
def trail_verification(request: SignedInRequest) -> HttpResponse:
    """Whether the chain is whole: the last result, how far seals and anchors are, and the button that checks it now."""
    if request.method == "POST":
        job = verification.begin_verification(by=request.user, key=request.POST.get("key", "")[:60])
        return redirect("jobs:detail", job.pk)
    last = verification.last_result()
    context = {"result": in_words(last), "health": chain.health(), "key": uuid4(), "last": last}
    return render(request, "compliance/trail_verification.html", context)


def seal_of(entry: AuditEntry) -> dict[str, Any] | None:
    """The link of the chain that holds an entry, if it is sealed by now."""
    seal = Seal.objects.filter(kind="E", key=entry.sequence).first()
    return {"sequence": seal.sequence, "digest": bytes(seal.hash).hex()} if seal is not None else None


def in_words(entry: AuditEntry | None) -> dict[str, Any] | None:
    """The result of a check as the card shows it."""
    if entry is None:
        return None
    facts = entry.facts
    if facts["unbroken"] and not facts["count"]:
        title, text = _("Unbroken"), _("Nothing was sealed yet.")
    elif facts["unbroken"]:
        text = _("%(count)s entries, sealed from %(first)s to %(last)s. Anchored outside up to %(anchored)s.") % {
            "count": f"{facts['count']:,}", "first": facts["first_at"][:16].replace("T", " "),
            "last": facts["last_at"][:16].replace("T", " "), "anchored": f"{facts['anchored']:,}",
        }  # fmt: skip
        title = _("Unbroken")
    else:
        at, what = facts["problems"][0]
        title = _("Broken at entry %(at)s") % {"at": f"{at:,}"}
        text = f"{what}. " + _(
            "Stop changes to the database, keep a copy of it and of the anchors, and compare with the last backup."
        )
        text += "".join(f" {number:,}: {digest[:16]}" for number, digest in facts["neighbours"])
    return {"ok": facts["unbroken"], "title": f"{title}, {moment_in_words(entry.at)}", "text": text,
            "fingerprint": facts["head"], "at": entry.at}  # fmt: skip
