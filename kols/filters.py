"""What the list of experts may be narrowed to: read from an address, told back as chips.

An unusable value narrows nothing and is named on the page; it is never an error of the server.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.acting import current
from accounts.models import Market, Post, User
from accounts.people import team_of
from compliance.policy import Channel, Role
from kols.forms import LANGUAGES
from kols.models import KOL, Consent, Ownership, Relation, ScientificContact, ScientificProfile
from kols.models.directory import KOLQuerySet
from kols.search import cleaned, matching
from products.models import Use

UNSEEN_DAYS = 90
FEW = 2000
"""Up to so many KOLs of a person or team are named one by one in a query."""
DAYS = (30, 60, 90, 180)
VIEWS = {
    "mine": gettext_lazy("Mine"),
    "team": gettext_lazy("Team"),
    "unseen": gettext_lazy("Unseen 90 days"),
    "tier1": gettext_lazy("Tier 1"),
    "all": gettext_lazy("All"),
}
SORTS = ("name", "contact")
MAIL = {"yes": gettext_lazy("agreed to mail"), "no": gettext_lazy("not agreed to mail")}
SPOKEN = dict(LANGUAGES)
TIERS = {str(tier.value): tier.label for tier in ScientificProfile.Tier}


@dataclass(frozen=True)
class Cursor:
    """A place in the list: the last row somebody saw, and which way she goes on."""

    place: str
    pk: UUID
    back: bool = False

    def encode(self) -> str:
        words = json.dumps([self.place, str(self.pk), self.back]).encode()
        return base64.urlsafe_b64encode(words).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Raises ValueError for anything this product has not written."""
        try:
            words = base64.urlsafe_b64decode(text[:2000].encode() + b"=" * (-len(text[:2000]) % 4))
            place, pk, back = json.loads(words)
        except (binascii.Error, json.JSONDecodeError, TypeError, UnicodeError) as error:
            raise ValueError("not a cursor") from error
        if (
            not isinstance(place, str)
            or "\x00" in place
            or not isinstance(pk, str)
            or not isinstance(back, bool)
        ):
            raise ValueError("not a cursor")
        return cls(place, UUID(pk), back)


@dataclass
class Filters:
    """What somebody asked to see. `problems` names what could not be understood."""

    view: str
    q: str = ""
    tiers: list[str] = field(default_factory=list)
    use: UUID | None = None
    region: str = ""
    since: int | None = None
    language: str = ""
    mail: str = ""
    sort: str = "name"
    cursor: Cursor | None = None
    problems: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, query: QueryDict, *, home: str, medical: bool) -> Filters:
        """From an address. `home` is the view where none is named; without `medical` only search is known."""
        filters = cls(view=home, q=cleaned(query.get("q", "")))
        if medical:
            filters._read_medical(query)
        if cursor := query.get("cursor"):
            try:
                filters.cursor = Cursor.decode(cursor)
            except ValueError:
                filters.problems.append(_("That page no longer exists. You are on the first one."))
        return filters

    def _read_medical(self, query: QueryDict) -> None:
        self.view = self._one(query, "view", VIEWS, self.view)
        self.sort = self._one(query, "sort", SORTS, "name")
        self.tiers = [tier for tier in query.getlist("tier")[:9] if tier in TIERS]
        if len(self.tiers) != len([tier for tier in query.getlist("tier")[:9] if tier]):
            self.problems.append(_("There is no such tier."))
        if days := query.get("since"):
            if days in map(str, DAYS):
                self.since = int(days)
            else:
                self.problems.append(_("The number of days is one of the offered ones."))
        if use := query.get("use"):
            try:
                self.use = UUID(use)
            except ValueError:
                self.problems.append(_("There is no such product."))
        self.language = query.get("language", "") if query.get("language", "") in SPOKEN else ""
        self.mail = query.get("mail", "") if query.get("mail", "") in MAIL else ""
        region = query.get("region", "").strip()
        if region and not (region.isascii() and len(region) <= 8 and region.replace("-", "").isalnum()):
            self.problems.append(_("There is no such region."))
        else:
            self.region = region

    def _one(self, query: QueryDict, name: str, known: object, otherwise: str) -> str:
        value = query.get(name, "")
        if not value:
            return otherwise
        if value in known:  # type: ignore[operator]
            return value
        self.problems.append(_("That view is not known, so the usual one is shown."))
        return otherwise

    @property
    def narrowed(self) -> bool:
        return bool(
            self.q or self.tiers or self.use or self.region or self.since or self.language or self.mail
        )

    def as_query(self) -> str:
        """The address's part behind the question mark, always in one order, without a place in the list."""
        said = [("view", self.view), ("q", self.q), *(("tier", tier) for tier in sorted(self.tiers))]
        said += [("use", str(self.use or "")), ("region", self.region), ("since", str(self.since or ""))]
        said += [("language", self.language), ("mail", self.mail)]
        said += [("sort", self.sort if self.sort != "name" else "")]
        return urlencode([(name, value) for name, value in said if value])


def home_view(user: User) -> str:
    """Where the list opens: her own for an MSL, the team's for a lead, everybody otherwise."""
    return {Role.MSL: "mine", Role.MSL_LEAD: "team"}.get(Role(user.role), "all") if user.role else "all"


def scope_of(user: User, view: str) -> KOLQuerySet:
    """The listed KOLs of a view, before any filter."""
    kols = KOL.objects.visible_to(user).listed()
    at = current().now
    if view in ("unseen", "tier1"):
        kols = scope_of(user, home_view(user))
        return unseen(kols, at, UNSEEN_DAYS) if view == "unseen" else of_tiers(kols, ["1"])
    if view == "mine":
        return kols.filter(_held_by(at, owner=user))
    if view == "team":
        return kols.filter(_held_by(at, owner__in=_team(user, at)))
    return kols


def _team(user: User, at: datetime) -> object:
    if user.role == Role.MSL_LEAD:
        return team_of(user)
    mine = Post.objects.filter(user=user, during__contains=at).values("territory")
    return Post.objects.filter(territory__in=mine, during__contains=at).values("user")


def _held_by(at: datetime, **owner: object) -> Q:
    """Owns a relation with the KOL now, or stays in scientific contact.

    Few KOLs are named one by one, so that the database goes straight to them. Of many, it asks along the
    names until a page is full: finding all of them first would take as long as the whole list.
    """
    held = Ownership.objects.current(at).filter(**owner)
    contact = {key.replace("owner", "msl"): value for key, value in owner.items()}
    kept = ScientificContact.objects.filter(during__contains=at, **contact)
    memo, key, column = current().memo, ("held by", str(owner)), "relation__kol"
    if key not in memo:
        memo[key] = kept.values_list(column).union(held.values_list(column), all=True)[: FEW + 1]
    if len(memo[key]) <= FEW:
        return Q(pk__in={kol for (kol,) in memo[key]})
    key = ("in contact", str(owner))
    if key not in memo:
        memo[key] = list(kept.values_list("relation", flat=True))
    of_kol = Relation.objects.filter(kol=OuterRef("pk")).values("pk")
    hers = held.filter(relation__kol=OuterRef("pk")).values("pk")
    # The union is asked for each row as it comes. Without one, the planner would gather all of hers beforehand.
    kept_ids = memo[key] or [UUID(int=0)]
    return Q(Exists(hers.union(of_kol.filter(pk__in=kept_ids), all=True)))


def of_tiers(kols: KOLQuerySet, tiers: list[str]) -> KOLQuerySet:
    """Of these tiers.

    Looked up per row and compared by order, because a join or an equality makes the planner expect few and
    sort a third of the directory to show fifty names.
    """
    wanted = {int(tier) for tier in tiers}
    tier = ScientificProfile.objects.filter(kol=OuterRef("pk")).values("tier")[:1]
    kols = kols.alias(of_tier=Subquery(tier)).filter(of_tier__gte=min(wanted))
    if max(wanted) < max(ScientificProfile.Tier.values):
        kols = kols.filter(of_tier__lte=max(wanted))
    for between in set(range(min(wanted), max(wanted))) - wanted:
        kols = kols.exclude(of_tier=between)
    return kols


def first_day(at: datetime, days: int) -> datetime:
    """The beginning of the day (UTC) so many days before: who was met since counts as seen in that time."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def unseen(kols: KOLQuerySet, at: datetime, days: int) -> KOLQuerySet:
    """Not met by Medical for so many whole days, or never."""
    return kols.filter(Q(last_contact=None) | Q(last_contact__at__lt=first_day(at, days)))


def narrowed(kols: KOLQuerySet, filters: Filters, user: User) -> KOLQuerySet:
    """The KOLs of a scope that answer to every filter."""
    at = current().now
    if filters.tiers:
        kols = of_tiers(kols, filters.tiers)
    if filters.use:
        held = Ownership.objects.visible_to(user).current(at).filter(relation__use=filters.use)
        kols = kols.filter(Exists(held.filter(relation__kol=OuterRef("pk"))))
    if filters.region:
        kols = kols.filter(main_institution__region=filters.region)
    if filters.since:
        kols = unseen(kols, at, filters.since)
    if filters.language:
        kols = kols.filter(languages__contains=[filters.language])
    if filters.mail:
        agreed = Consent.objects.visible_to(user).standing().filter(channel=Channel.EMAIL, kol=OuterRef("pk"))
        kols = kols.filter(Exists(agreed) if filters.mail == "yes" else ~Exists(agreed))
    return matching(kols, filters.q) if filters.q else kols


def chips(filters: Filters, uses: list[Use], markets: list[Market]) -> list[dict[str, object]]:
    """The filters as the filter bar wants them: each a title and what it is set to, in words."""
    from kols.regions import regions_of

    regions = regions_of([market.code for market in markets])
    use = next((use for use in uses if use.pk == filters.use), None)
    return [
        {
            "title": _("Tier"),
            "name": "tier",
            "kind": "checkbox",
            "set": bool(filters.tiers),
            "value_text": _(" or ").join(sorted(filters.tiers)),
            "options": [{"value": v, "text": t, "checked": v in filters.tiers} for v, t in TIERS.items()],
        },
        {
            "title": _("Product"),
            "name": "use",
            "set": use is not None,
            "value_text": use_name(use) if use else "",
            "options": [_any(not filters.use)]
            + [{"value": u.pk, "text": use_name(u), "checked": u is use} for u in uses],
        },
        {
            "title": _("Region"),
            "name": "region",
            "set": bool(filters.region),
            "value_text": regions.get(filters.region, filters.region),
            "options": [_any(not filters.region)]
            + [{"value": v, "text": t, "checked": v == filters.region} for v, t in regions.items()],
        },
        {
            "title": _("Not seen since"),
            "name": "since",
            "set": filters.since is not None,
            "value_text": days_in_words(filters.since) if filters.since else "",
            "options": [_any(filters.since is None)]
            + [{"value": d, "text": days_in_words(d), "checked": d == filters.since} for d in DAYS],
        },
        _choice(_("Language"), "language", filters.language, SPOKEN),
        _choice(_("Consent"), "mail", filters.mail, MAIL),
    ]


def _choice(title: str, name: str, chosen: str, known: dict[str, Any]) -> dict[str, object]:
    return {
        "title": title,
        "name": name,
        "set": bool(chosen),
        "value_text": known.get(chosen, ""),
        "options": [_any(not chosen)]
        + [{"value": v, "text": t, "checked": v == chosen} for v, t in known.items()],
    }


def _any(checked: bool) -> dict[str, object]:
    return {"value": "", "text": _("any"), "checked": checked}


def days_in_words(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def use_name(use: Use) -> str:
    """A use on one line: product, indication, market."""
    return f"{use.indication.product.name}, {use.indication.name}, {use.market.code}"
