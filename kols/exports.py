"""The list as a file: exactly the rows and columns on the screen, streamed, and noted in the trail."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.acting import acting_as, current
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from kols.filters import Filters, narrowed, scope_of
from kols.listing import uses_of
from kols.models import KOL, Ownership
from kols.models.directory import KOLQuerySet

AT_ONCE = 2000
COLUMNS = [
    "id", "sort_name", "title", "given_name", "family_name", "suffix", "specialty",
    "main_institution__name", "main_institution__city",
]  # fmt: skip
MEDICAL_COLUMNS = ["science__tier", "last_contact__at"]
RISKY = ("=", "+", "-", "@", "\t", "\r")


def export_of(user: User, filters: Filters, *, medical: bool) -> StreamingHttpResponse:
    """What the list shows under these filters, as CSV. Raises Refused for a role that takes no list along."""
    note_export(by=user, filters=replace(filters, problems=[]))
    rows = _lines(user, filters, medical)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kols-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


@audit.action
def note_export(*, by: User, filters: Filters) -> None:
    """That somebody took the list along, and which part of it."""
    audit.permit(Deed.EXPORT_OWN_LIST, on=None, by=by)
    asked = {
        "view": filters.view,
        "q": filters.q,
        "tiers": filters.tiers,
        "use": filters.use,
        "region": filters.region,
        "since": filters.since,
    }
    audit.record("exported the list of experts", by=by, asked={k: v for k, v in asked.items() if v})


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(RISKY) else text


def _lines(user: User, filters: Filters, medical: bool) -> Iterator[bytes]:
    """Written after the request is over, hence in a transaction of its own, in the person's name."""
    german = (get_language() or "").startswith("de")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if german else ",")

    def taken() -> bytes:
        text = buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        return text

    with acting_as(user):
        columns = [_("Name"), _("Specialty"), _("Place"), _("City"), _("Product"), _("Owner")]
        columns += [_("Tier"), _("Last contact")] if medical else []
        writer.writerow(columns)
        yield b"\xef\xbb\xbf" + taken()
        uses = {
            use.pk: f"{use.indication.product.name} ({use.indication.name}, {use.market.code})"
            for use in uses_of(user)
        }
        for chunk in _chunks(_rows(user, filters, medical), medical):
            held = _held(user, [row[0] for row in chunk], uses)
            writer.writerows(_cells(row, held.get(row[0], ([], []))) for row in chunk)
            yield taken()


def _rows(user: User, filters: Filters, medical: bool) -> KOLQuerySet:
    return narrowed(
        scope_of(user, filters.view) if medical else KOL.objects.visible_to(user).listed(), filters, user
    )


def _chunks(kols: KOLQuerySet, medical: bool) -> Iterator[list[tuple[Any, ...]]]:
    """Plain values, 2,000 rows at a time, in the order of the list."""
    columns = [*COLUMNS, *MEDICAL_COLUMNS] if medical else COLUMNS
    last: tuple[Any, ...] | None = None
    while True:
        rest = kols
        if last is not None:
            rest = kols.filter(sort_name__gte=last[1]).filter(Q(sort_name__gt=last[1]) | Q(id__gt=last[0]))
        chunk = list(rest.order_by("sort_name", "id").values_list(*columns)[:AT_ONCE])
        if chunk:
            yield chunk
        if len(chunk) < AT_ONCE:
            return
        last = chunk[-1]


def _held(user: User, kols: list[UUID], uses: dict[UUID, str]) -> dict[UUID, tuple[list[str], list[str]]]:
    """Products and owners per expert, as far as this person may know them."""
    held: dict[UUID, tuple[list[str], list[str]]] = {}
    rows = Ownership.objects.visible_to(user).current(current().now).filter(relation__kol__in=kols)
    for kol, use, given, family in rows.order_by("relation__use", "id").values_list(
        "relation__kol", "relation__use", "owner__given_name", "owner__family_name"
    ):
        products, owners = held.setdefault(kol, ([], []))
        name = f"{given} {family}".strip()
        if use in uses:
            products.append(uses[use])
        if name not in owners:
            owners.append(name)
    return held


def _cells(row: tuple[Any, ...], held: tuple[list[str], list[str]]) -> list[str]:
    _pk, _sort, title, given, family, suffix, specialty, place, city, *medical = row
    name = KOL(title=title, given_name=given, family_name=family, suffix=suffix).name
    cells = [name, specialty, place, city, "; ".join(held[0]), "; ".join(held[1])]
    if medical:
        tier, met = medical
        cells += [tier, timezone.localtime(met).date() if met else ""]
    return [safe(cell) for cell in cells]
