"""For the doors: read what somebody writes before it is saved, and tell her what was reported from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from safety.detection import listen
from safety.models import SafetyReport
from safety.routing import best

REBUTTAL = "no_side_effect_because"


def heard(
    request: SignedInRequest, texts: Sequence[str], source: str, base: UUID | None = None, **facts: Any
) -> SafetyReport | None:
    """The report made of these texts, if they tell of a side effect and nobody rebuts it (R-127)."""
    today = f"{source} {now():%Y-%m-%d}"
    base = base or as_uuid(request.POST.get("client_ref", "")) or uuid5(request.user.pk, today)
    rebuttal = request.POST.get(REBUTTAL, "")
    report = best(
        lambda: listen(by=request.user, texts=texts, source=source, base=base, rebuttal=rebuttal, **facts),
        None,
    )
    if report is not None:
        text = _(
            "Your words read as if a side effect was told. It is reported as %(number)s; say there if it is none."
        )
        messages.warning(request, text % {"number": report.number})
    return report


def texts_of(cleaned: Mapping[str, Any]) -> list[str]:
    """What somebody wrote in a form."""
    return [value for value in cleaned.values() if isinstance(value, str)]
