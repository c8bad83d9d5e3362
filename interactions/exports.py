"""The list of visits as a file: the rows and what stands in them on the screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.http import as_uuid
from accounts.models import User
from interactions.detail import described
from interactions.models import Interaction, InteractionQuerySet
from jobs.exports import Asked, Export, Page, register
from msl_crm.access import READERS


def listed(user: User, author: str) -> InteractionQuerySet:
    """The rows of the list: one's own, newest first, or those of the author that was named."""
    rows = (
        Interaction.objects.visible_to(user)
        .exclude(status__in=[Interaction.Status.CANCELLED, Interaction.Status.WITHDRAWN])
        .without_taken_plans()
        .select_related("author", "market")
        .prefetch_related("attendees__kol", "topics__use__indication__product", "topics__area")
        .order_by("-starts_at", "-id")
    )
    whose = as_uuid(author) or (None if user.role in READERS else user.pk)
    return rows.filter(author=whose) if whose is not None else rows


def _columns(_user: User, _asked: Asked) -> list[object]:
    return [_("Start"), _("End"), _("With"), _("Kind"), _("How"), _("Topics"), _("State")]


def _page(user: User, asked: Asked, cursor: Any, limit: int) -> Page:
    rows = listed(user, asked.get("author", ""))
    if cursor is not None:
        at, pk = datetime.fromisoformat(cursor[0]), cursor[1]
        rows = rows.filter(Q(starts_at__lt=at) | Q(starts_at=at, id__lt=pk))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    more = [shown[-1].starts_at.isoformat(), str(shown[-1].pk)] if len(found) > limit else None
    return [_cells(row) for row in shown], more


def _cells(row: Interaction) -> list[object]:
    view = described(row)
    state = _("incomplete") if row.missing else str(row.get_status_display())
    topics = "; ".join(tag["text"] for tag in view["tags"])
    return [
        row.starts_at, row.ends_at, view["people"] or str(row.get_kind_display()), str(row.get_kind_display()),
        str(row.get_channel_display()), topics, state,
    ]  # fmt: skip


VISITS = register(
    Export(
        name="visits",
        title=lambda: _("The list of visits as a file"),
        verb="exported the list of visits",
        columns=_columns,
        page=_page,
    )
)
