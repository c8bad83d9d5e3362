"""The list as a file: exactly the rows and columns on the screen, and noted in the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.acting import current
from accounts.models import User
from jobs.exports import Asked, Export, Page, register
from kols.filters import Filters, home_view, narrowed, scope_of
from kols.listing import sees_medical, uses_of
from kols.models import KOL, Ownership
from kols.models.directory import KOLQuerySet

COLUMNS = [
    "id", "sort_name", "title", "given_name", "family_name", "suffix", "specialty",
    "main_institution__name", "main_institution__city",
]  # fmt: skip
MEDICAL_COLUMNS = ["science__tier", "last_contact__at"]


def asked_of(filters: Filters) -> dict[str, Any]:
    """The filters as they are kept with a job and told in the trail."""
    return {
        "view": filters.view,
        "q": filters.q,
        "tier": filters.tiers,
        "use": str(filters.use or ""),
        "region": filters.region,
        "since": filters.since,
    }


def _filters(user: User, asked: Asked) -> Filters:
    """The same filters, read again as an address is read: what a job keeps is no more than that."""
    query = QueryDict(mutable=True)
    for name, value in asked.items():
        query.setlist(name, value if isinstance(value, list) else [str(value)] if value else [])
    medical = sees_medical(user)
    return Filters.read(query, home=home_view(user) if medical else "all", medical=medical)


def _columns(user: User, _asked: Asked) -> list[object]:
    columns: list[object] = [_("Name"), _("Specialty"), _("Place"), _("City"), _("Product"), _("Owner")]
    return columns + ([_("Tier"), _("Last contact")] if sees_medical(user) else [])


def _page(user: User, asked: Asked, cursor: Any, limit: int) -> Page:
    """Plain values in the order of the list, and the place of the last one where there are more."""
    medical = sees_medical(user)
    kols = _rows(user, _filters(user, asked), medical)
    if cursor is not None:
        name, pk = cursor
        kols = kols.filter(sort_name__gte=name).filter(Q(sort_name__gt=name) | Q(id__gt=UUID(pk)))
    columns = [*COLUMNS, *MEDICAL_COLUMNS] if medical else COLUMNS
    found = list(kols.order_by("sort_name", "id").values_list(*columns)[: limit + 1])
    rows = found[:limit]
    uses = {
        use.pk: f"{use.indication.product.name} ({use.indication.name}, {use.market.code})"
        for use in uses_of(user)
    }
    held = _held(user, [row[0] for row in rows], uses)
    cells = [_cells(row, held.get(row[0], ([], []))) for row in rows]
    return cells, [rows[-1][1], str(rows[-1][0])] if len(found) > limit else None


def _rows(user: User, filters: Filters, medical: bool) -> KOLQuerySet:
    return narrowed(
        scope_of(user, filters.view) if medical else KOL.objects.visible_to(user).listed(), filters, user
    )


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


def _cells(row: tuple[Any, ...], held: tuple[list[str], list[str]]) -> list[object]:
    _pk, _sort, title, given, family, suffix, specialty, place, city, *medical = row
    name = KOL(title=title, given_name=given, family_name=family, suffix=suffix).name
    cells: list[object] = [name, specialty, place, city, "; ".join(held[0]), "; ".join(held[1])]
    if medical:
        tier, met = medical
        cells += [tier, timezone.localtime(met).date() if met else None]
    return cells


KOLS = register(
    Export(
        name="kols",
        title=lambda: _("The list of experts as a file"),
        verb="exported the list of experts",
        columns=_columns,
        page=_page,
    )
)
