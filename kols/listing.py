"""The rows of the list: experts and what stands beside each name, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Func, IntegerField, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.acting import current
from accounts.models import User
from compliance.policy import Side, State, Zone, zone_of
from interactions.models import Attendee, Interaction
from kols.filters import UNSEEN_DAYS, Cursor, Filters, narrowed, scope_of, unseen
from kols.models import KOL, Ownership
from kols.models.directory import KOLQuerySet
from kols.search import near
from msl_crm.access import MEDICAL, READERS
from products.models import Use

PAGE = 50
MOST = 99
"""Numbers above this are told as "99+": nobody counts on, and no table is counted through."""
ZONES = {Zone.PRE: ("plum", _("not authorised")), Zone.OPEN: ("green", _("authorised")),
         Zone.CLOSED: ("slate", _("closed"))}  # fmt: skip


def sees_medical(user: User) -> bool:
    """Whether the medical columns and pages are for this person at all."""
    return user.role in MEDICAL or user.role in READERS


@dataclass
class Standing:
    """A use an expert is spoken with about, and who answers for it."""

    product: str
    words: str
    tone: str


@dataclass
class Row:
    """One expert as the list shows her. Everything below `kol` stays empty outside of Medical."""

    kol: KOL
    tier: int | None = None
    last: datetime | None = None
    next: datetime | None = None
    recency: int = 0
    tone: str = "slate"
    uses: list[Standing] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)

    @property
    def tier_words(self) -> str:
        return gettext("Tier %(tier)s") % {"tier": self.tier}

    @property
    def fresh(self) -> str:
        """The colour of the recency bar: the number beside it says the same."""
        return {0: "", 1: "red", 2: "amber"}.get(self.recency, "green")


@dataclass
class Page:
    rows: list[Row]
    next: str = ""
    previous: str = ""
    similar: bool = False


def uses_of(user: User, *, count: str = "") -> list[Use]:
    """The uses this person may name, with their state now: choices of a filter, dots of the rows.

    `count` names a view whose numbers are asked for in the same statement; `capped` reads them.
    """
    uses = Use.objects.visible_to(user).with_state(current().now)
    if count:
        scope = scope_of(user, count)
        uses = uses.annotate(total=_number(scope), late=_number(unseen(scope, current().now, UNSEEN_DAYS)))
    return list(
        uses.select_related("indication__product", "market").order_by(
            "indication__product", "indication", "market"
        )
    )


def _number(kols: KOLQuerySet) -> Func:
    # The cast gives an empty set a type as well.
    found = Cast(ArraySubquery(kols.order_by().values("pk")[: MOST + 1]), ArrayField(UUIDField()))
    return Func(found, function="cardinality", output_field=IntegerField())


def zone_now(use: Use) -> Zone:
    """The zone of a use that was read `with_state`."""
    state = getattr(use, "state", None)
    if not state:
        return Zone.UNLISTED
    from_ = getattr(use, "state_promotable_from", None)
    return zone_of(State(state), promotable=from_ is None or from_ <= current().now)


def medical_page(user: User, filters: Filters, uses: list[Use]) -> Page:
    """A page of the list as Medical and oversight see it."""
    kols = _with_science(narrowed(scope_of(user, filters.view), filters, user), user)
    page = (by_contact if filters.sort == "contact" else by_name)(kols, filters.cursor)
    _add_science(page.rows, uses)
    return page


def similar_page(user: User, query: str, uses: list[Use], *, medical: bool) -> Page:
    """The nearest spellings where nothing is spelt like that, whatever the other filters say."""
    kols = near(KOL.objects.visible_to(user).listed(), query).select_related("main_institution")
    kols = _with_science(kols, user) if medical else _with_relations(kols, user)
    page = Page([Row(kol) for kol in kols[:20]], similar=True)
    if medical:
        _add_science(page.rows, uses)
    else:
        _add_relations(page.rows, uses)
    return page


def _with_science(kols: KOLQuerySet, user: User) -> KOLQuerySet:
    planned = Attendee.objects.filter(
        kol=OuterRef("pk"),
        at__gte=current().now,
        interaction__status=Interaction.Status.PLANNED,
        interaction__in=Interaction.objects.visible_to(user).values("pk"),
    )
    return (
        _with_relations(kols, user)
        .select_related("main_institution", "science", "last_contact")
        .annotate(next_at=Subquery(planned.order_by("at").values("at")[:1]))
    )


def _add_science(rows: list[Row], uses: list[Use]) -> None:
    _add_relations(rows, uses)
    for row in rows:
        row.tier = row.kol.science.tier if hasattr(row.kol, "science") else None
        row.last = row.kol.last_contact.at if hasattr(row.kol, "last_contact") else None
        row.next = getattr(row.kol, "next_at", None)
        row.recency = recency(row.last)
        row.tone = "plum" if row.uses else "slate"


def directory_page(user: User, filters: Filters, uses: list[Use]) -> Page:
    """A page of the directory for everybody else: names and places; for field service also its own."""
    kols = narrowed(KOL.objects.visible_to(user).listed(), filters, user).select_related("main_institution")
    own = user.side is Side.COMMERCIAL
    page = by_name(_with_relations(kols, user) if own else kols, filters.cursor)
    if own:
        _add_relations(page.rows, uses)
    return page


def _with_relations(kols: KOLQuerySet, user: User) -> KOLQuerySet:
    """Who answers for which use, as far as this person may know, in the statement of the rows."""
    held = Ownership.objects.visible_to(user).current(current().now).filter(relation__kol=OuterRef("pk"))
    return kols.annotate(
        held=ArraySubquery(
            held.order_by("relation__use", "id").values(
                json=JSONObject(
                    use=Cast("relation__use", CharField()),
                    given="owner__given_name",
                    family="owner__family_name",
                )
            )
        )
    )


def _add_relations(rows: list[Row], uses: list[Use]) -> None:
    known = {str(use.pk): _standing(use) for use in uses}
    for row in rows:
        for one in row.kol.held:  # type: ignore[attr-defined]
            name = f"{one['given']} {one['family']}".strip()
            if name not in row.owners:
                row.owners.append(name)
            if (standing := known.get(one["use"])) is not None:
                row.uses.append(standing)


def _standing(use: Use) -> Standing:
    tone, words = ZONES.get(zone_now(use), ("slate", _("not listed")))
    product = use.indication.product.name
    return Standing(product, f"{product}, {use.indication.name}, {use.market.code}: {words}", tone)


def recency(last: datetime | None) -> int:
    """How fresh the last contact is, from 0 (never) to 5 (this fortnight)."""
    if last is None:
        return 0
    days = (current().now - last).days
    return next((5 - step for step, limit in enumerate((14, 30, 60, 90)) if days <= limit), 1)


def by_name(kols: KOLQuerySet, cursor: Cursor | None, size: int = PAGE) -> Page:
    """A page in the order of the family name, from a cursor on or back from it."""
    back = cursor is not None and cursor.back
    if cursor is not None:
        beyond, at = ("lt", "lte") if back else ("gt", "gte")
        kols = kols.filter(**{f"sort_name__{at}": cursor.place}).filter(
            Q(**{f"sort_name__{beyond}": cursor.place}) | Q(**{f"id__{beyond}": cursor.pk})
        )
    found = list(kols.order_by(*(("-sort_name", "-id") if back else ("sort_name", "id")))[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    page = Page([Row(kol) for kol in found])
    if found and (more or back):
        page.next = Cursor(found[-1].sort_name, found[-1].pk).encode()
    if found and cursor is not None and (more or not back):
        page.previous = Cursor(found[0].sort_name, found[0].pk, back=True).encode()
    return page


NEVER = "never"


def by_contact(kols: KOLQuerySet, cursor: Cursor | None, size: int = PAGE) -> Page:
    """Those whose last contact lies longest ago first; then, by name, those never met."""
    found: list[KOL] = []
    if cursor is None or not cursor.place.startswith(NEVER):
        seen = kols.filter(last_contact__isnull=False)
        if cursor is not None:
            since = datetime.fromisoformat(cursor.place)
            seen = seen.filter(last_contact__at__gte=since).filter(
                Q(last_contact__at__gt=since) | Q(last_contact__kol__gt=cursor.pk)
            )
        found = list(seen.order_by("last_contact__at", "last_contact__kol")[: size + 1])
        cursor = None
    if len(found) <= size:
        never = kols.filter(last_contact=None)
        if cursor is not None:
            place = cursor.place.removeprefix(NEVER)
            never = never.filter(sort_name__gte=place).filter(Q(sort_name__gt=place) | Q(id__gt=cursor.pk))
        found += never.order_by("sort_name", "id")[: size + 1 - len(found)]
    page = Page([Row(kol) for kol in found[:size]])
    if len(found) > size:
        last = found[size - 1]
        met = getattr(last, "last_contact", None)
        page.next = Cursor(met.at.isoformat() if met else NEVER + last.sort_name, last.pk).encode()
    return page


def capped(user: User, view: str, uses: list[Use]) -> tuple[str, str]:
    """How many are in this view, and how many of them were not seen for 90 days; "99+" beyond that."""
    if uses:
        return _capped(getattr(uses[0], "total", 0) or 0), _capped(getattr(uses[0], "late", 0) or 0)
    total = list(scope_of(user, view).order_by().values("pk")[: MOST + 1])
    return _capped(len(total)), _capped(len(total))


def _capped(number: int) -> str:
    return f"{MOST}+" if number > MOST else str(number)
