"""Drafts whose author left: nobody signs for her, and nobody changes them. Her lead closes each with a statement (R-117)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from interactions.left import left_to
from interactions.models import Closing
from kols.actions import close_matter
from kols.models import OpenMatter
from safety.actions import report_side_effect


@audit.action
def close_left_draft(
    record: UUID, *, statement: str, by: User, side_effect: Mapping[str, Any] | None = None
) -> Closing:
    """Close a draft of somebody who left, as "unsigned, author left", with what the lead can say of it.

    The draft stays as it stands and goes on counting. A side effect that is told of in it is reported first.
    """
    row = left_to(by).select_for_update(of=("self",), no_key=True).select_related("market").get(pk=record)
    verb = "was refused to close"
    audit.permit(Deed.CLOSE_LEFT_DRAFT, on=row, by=by)
    if not statement.strip():
        audit.refuse("R-117", "statement_missing", verb=verb, on=row, by=by)
    report = None
    if side_effect is not None:
        main = row.attendees.filter(kol__isnull=False).order_by("-main").first()
        report = report_side_effect(
            by=by, kol=main.kol if main else None, market=row.market, client_ref=row.pk, **side_effect
        )
    closing = Closing.objects.create(
        interaction=row, compartment=row.compartment, author=row.author, closed_by=by,
        statement=statement.strip()[:1000], safety_report=report, at=now(),
    )  # fmt: skip
    close_matter(OpenMatter.Kind.DRAFT, source=row.pk)
    audit.record("closed unsigned, author left,", row, by=by, market=row.market.code)
    return closing
