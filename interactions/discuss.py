"""What a person may discuss with an expert, and why: read for the form and the chips of the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from compliance.policy import Kind, Panel, Role, Side, Standing, Zone, options
from kols.models import KOL, Contract, Ownership, ScientificContact, StudyRole
from msl_crm.dates import date_in_words
from products.models import Period, PlanItem, Use


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A use that may come up with an expert: where it stands, who answers for it, and as what."""

    use: Use
    zone: Zone
    state: str
    since: datetime | None
    standing: Standing
    owner: User | None = None
    with_field: bool = False
    since_owned: datetime | None = None
    relation: UUID | None = None

    @property
    def name(self) -> str:
        return self.use.indication.product.name

    @property
    def handover_due(self) -> bool:
        """Authorised, and Medical still answers for it."""
        return self.zone is Zone.OPEN and self.owner is not None and not self.with_field

    @property
    def tone(self) -> str:
        if self.zone is Zone.OPEN:
            return "green" if self.with_field else "amber"
        return {Zone.CLOSED: "red", Zone.PRE: "amber" if self.state == "SUBMITTED" else "plum"}.get(
            self.zone, "plum"
        )

    @property
    def said(self) -> str:
        """The state in a few words, with the market."""
        market = self.use.market.code
        words = {
            Zone.OPEN: _("Authorised in %(market)s"),
            Zone.CLOSED: _("Closed in %(market)s"),
            Zone.UNLISTED: _("Not authorised in %(market)s"),
        }
        before = (
            _("In review in %(market)s") if self.state == "SUBMITTED" else _("Investigational in %(market)s")
        )
        return words.get(self.zone, before) % {"market": market}

    @property
    def tag(self) -> dict[str, str]:
        icon = "rosette-discount-check" if self.zone is Zone.OPEN else "flask"
        return {"text": self.said, "tone": self.tone, "icon": icon}

    @property
    def summary(self) -> dict[str, str]:
        """A line of "What you may discuss"."""
        if self.with_field:
            who = _("%(name)s since %(day)s") % {"name": self.owner, "day": date_in_words(self.since_owned)}
            return {"label": self.name, "text": who, "tone": "green", "tag": _("Field service")}
        if self.zone is Zone.OPEN and self.standing is Standing.OWNER:
            return {"label": self.name, "text": self.said, "tone": "green", "tag": _("Yours")}
        return {"label": self.name, "text": self.said, "tone": self.tone, "tag": _("If asked")}

    @property
    def chip(self) -> dict[str, str]:
        if self.with_field:
            text, icon = _("%(product)s: field service"), "rosette-discount-check"
        elif self.zone is Zone.OPEN and self.standing is Standing.OWNER:
            text, icon = _("%(product)s: yours"), "rosette-discount-check"
        else:
            text, icon = _("%(product)s if asked"), "flask"
        return {"text": text % {"product": self.name}, "tone": self.summary["tone"], "icon": icon}


def matters(user: User, kols: Iterable[KOL], at: datetime) -> dict[UUID, list[Matter]]:
    """By expert, the uses of the relations this person may see, at that instant. Three statements."""
    rows = list(
        Ownership.objects.visible_to(user)
        .current(at)
        .filter(relation__kol__in=[kol.pk for kol in kols])
        .select_related(
            "owner",
            "relation__use__market",
            "relation__use__indication__product",
            "relation__use__indication__area",
        )
        .order_by("relation__use__indication__product__brand", "relation_id")
    )
    periods = _periods([row.relation.use_id for row in rows], at)
    contacts: set[UUID] = set()
    if any(row.owner_id != user.pk for row in rows) and user.side == Side.MEDICAL:
        contacts = set(
            ScientificContact.objects.filter(
                msl=user, during__contains=at, relation__in=[row.relation_id for row in rows]
            ).values_list("relation_id", flat=True)
        )
    found: dict[UUID, list[Matter]] = {}
    for row in rows:
        if row.owner_id == user.pk:
            standing = Standing.OWNER
        else:
            standing = Standing.SCIENTIFIC_CONTACT if row.relation_id in contacts else Standing.NON_OWNER
        found.setdefault(row.relation.kol_id, []).append(
            _matter(
                row.relation.use,
                periods,
                at,
                standing=standing,
                owner=row.owner,
                with_field=row.side == Side.COMMERCIAL,
                since_owned=row.during.lower,
                relation=row.relation_id,
            )
        )
    return found


def portfolio(user: User, at: datetime, limit: int = 6) -> list[Matter]:
    """What this person talks about elsewhere: offered for an expert nobody answers to yet."""
    own = Ownership.objects.visible_to(user).current(at).filter(owner=user)
    uses = list(
        Use.objects.visible_to(user)
        .filter(pk__in=own.values("relation__use"))
        .select_related("market", "indication__product", "indication__area")[:limit]
    )
    return of_uses(user, uses, at)


def of_uses(user: User, uses: list[Use], at: datetime) -> list[Matter]:
    """Uses without a relation to the expert."""
    standing = Standing.SCIENTIFIC_CONTACT if user.side == Side.MEDICAL else Standing.NON_OWNER
    periods = _periods([use.pk for use in uses], at)
    return [_matter(use, periods, at, standing=standing) for use in uses]


def _periods(uses: list[UUID], at: datetime) -> dict[UUID, Period]:
    return (
        {row.use_id: row for row in Period.objects.filter(use__in=uses, during__contains=at)} if uses else {}
    )


def _matter(use: Use, periods: dict[UUID, Period], at: datetime, **facts: Any) -> Matter:
    period = periods.get(use.pk)
    return Matter(
        use=use,
        zone=period.zone(at) if period else Zone.UNLISTED,
        state=period.state if period else "",
        since=period.effective_at if period else None,
        **facts,
    )


def summaries(found: list[Matter]) -> list[dict[str, str]]:
    """The lines of "What you may discuss"; a product with several uses is told apart by them."""
    names = [matter.name for matter in found]
    return [
        {**matter.summary, "use": matter.use.indication.name if names.count(matter.name) > 1 else ""}
        for matter in found
    ]


@dataclass(frozen=True)
class Grounds:
    """What a conversation about a use may rest on with this expert: plan items, studies, contracts.

    `elsewhere` has, by indication, the same in other markets this person may know about.
    """

    plans: dict[UUID, list[PlanItem]]
    studies: frozenset[UUID]
    contracts: frozenset[UUID]
    elsewhere: dict[UUID, list[Use]] = field(default_factory=dict)

    def panel(self, matter: Matter, role: Role, kind: Kind) -> Panel:
        """The boundary's own answer on what to ask."""
        use = matter.use.pk
        return options(
            role=role,
            zone=matter.zone,
            standing=matter.standing,
            kind=kind,
            has_plan_item=bool(self.plans.get(use)),
            has_study=use in self.studies,
            has_contract=use in self.contracts,
            topic=matter.name,
            market=matter.use.market.name,
        )


def grounds(user: User, kol: KOL | None, found: list[Matter], at: datetime) -> Grounds:
    """Four statements for Medical; field service rests on none of it and is not asked."""
    uses = [matter.use.pk for matter in found]
    if user.side != Side.MEDICAL or not uses:
        return Grounds({}, frozenset(), frozenset())
    plans: dict[UUID, list[PlanItem]] = {}
    for item in PlanItem.objects.filter(use__in=uses, during__contains=at):
        plans.setdefault(item.use_id, []).append(item)
    others: dict[UUID, list[Use]] = {}
    same = Use.objects.visible_to(user).filter(indication__in={matter.use.indication_id for matter in found})
    for other in same.exclude(pk__in=uses).with_state(at).select_related("market"):
        others.setdefault(other.indication_id, []).append(other)
    if kol is None:
        return Grounds(plans, frozenset(), frozenset(), others)
    studies = StudyRole.objects.visible_to(user).filter(kol=kol, use__in=uses, during__contains=at)
    contracts = Contract.objects.visible_to(user).filter(kol=kol, use__in=uses, during__contains=at)
    return Grounds(
        plans,
        frozenset(studies.values_list("use_id", flat=True)),
        frozenset(contracts.values_list("use_id", flat=True)),
        others,
    )
