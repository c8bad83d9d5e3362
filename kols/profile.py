"""What an expert's page shows, read in a fixed number of statements. Nothing here decides or writes.

`read` brings the expert with everything of the directory and of science; the other functions add who talks
about what, what took place, and what is open. Each starts from rows the reader may see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject
from django.utils.dateparse import parse_datetime

from accounts.acting import current
from accounts.models import User
from compliance.policy import HandoverState, Side
from handovers.models import Handover
from interactions.models import FollowUp, Interaction
from kols.models import (
    KOL,
    Affiliation,
    Consent,
    Contract,
    Identifier,
    Ownership,
    Practice,
    ScientificContact,
    Seat,
    StudyRole,
    VisitGoal,
)
from products.models import Period, PlanItem, Use

# A goal's period is a year at most.
AS_FAR = timedelta(days=366)
COUNTED = [Interaction.Status.PLANNED, Interaction.Status.DRAFT, Interaction.Status.SIGNED]


def _listed(rows: QuerySet[Any], **columns: Any) -> ArraySubquery:
    return ArraySubquery(rows.filter(kol=OuterRef("pk")).values(json=JSONObject(**columns)))


def _directory(kols: QuerySet[KOL]) -> QuerySet[KOL]:
    """With the parts of the directory, each as a list of plain values, in the same statement."""
    since, until = {"since": "during__startswith"}, {"until": "during__endswith"}
    return kols.select_related("main_institution", "merged_into").annotate(
        works_at=_listed(
            Affiliation.objects.order_by("-main", "-during__startswith", "id"),
            name="institution__name", city="institution__city", function="function",
            main="main", **since, **until,
        ),
        numbers=_listed(Identifier.objects.order_by("scheme", "value"), scheme="scheme", value="value"),
        markets=_listed(
            Practice.objects.order_by("-main", "market__code"),
            code="market__code", name="market__name", main="main",
        ),
    )  # fmt: skip


def read(pk: UUID, user: User) -> KOL | None:
    """The expert with her directory entry, or None: does not exist and not yours are the same."""
    return _directory(KOL.objects.visible_to(user)).annotate(agreed=_agreed(user)).filter(pk=pk).first()


def read_medical(pk: UUID, user: User) -> KOL | None:
    """The same with science, committees, study roles, contracts and the present goal, for Medical."""
    during = {"since": "during__startswith", "until": "during__endswith"}
    use = {"use": Cast("use", CharField()), "product": "use__indication__product__brand",
           "inn": "use__indication__product__inn"}  # fmt: skip
    today = current().now.date()
    return (
        _directory(KOL.objects.visible_to(user))
        .select_related("science__updated_by", "last_contact__interaction__author")
        .annotate(
            seats_on=_listed(
                Seat.objects.order_by("-during__startswith", "id"),
                id=Cast("id", CharField()),
                name="committee__name",
                kind="committee__kind",
                role="role",
                **during,
            ),
            studies=_listed(
                StudyRole.objects.order_by("trial", "id"), trial="trial", role="role", **use, **during
            ),
            services=_listed(
                Contract.objects.order_by("-signed_at", "id"), reference="reference", **use, **during
            ),
            agreed=_agreed(user),
            contacts=_contacts(user),
            promises=_promises(user),
            goals_set=_listed(
                VisitGoal.objects.filter(starts_on__lte=today, ends_on__gte=today).order_by("-starts_on"),
                starts="starts_on",
                ends="ends_on",
                visits="visits",
            ),
        )
        .filter(pk=pk)
        .first()
    )


def _agreed(user: User) -> ArraySubquery:
    """What the expert has agreed to, as the reader's side may know it."""
    standing = Consent.objects.standing()
    if user.side is not Side.OVERSIGHT:
        standing = standing.filter(side=user.side)
    return _listed(
        standing.order_by("channel", "market__code", "id"), channel="channel", purpose="purpose",
        market="market__name",
    )  # fmt: skip


def _contacts(user: User) -> ArraySubquery:
    """What took place or is planned with the expert, as far back as the profile counts."""
    return ArraySubquery(
        Interaction.objects.visible_to(user)
        .filter(attendees__kol=OuterRef("pk"), starts_at__gte=current().now - AS_FAR)
        .filter(status__in=COUNTED)
        .order_by("starts_at", "id")
        .values(
            json=JSONObject(
                id=Cast("id", CharField()),
                at="starts_at",
                status="status",
                kind="kind",
                channel="channel",
                place="place",
                institution="institution__name",
            )
        )[:500]
    )


def _promises(user: User) -> ArraySubquery:
    """What is still open with the expert."""
    return ArraySubquery(
        FollowUp.objects.visible_to(user)
        .open()
        .filter(kol=OuterRef("pk"))
        .order_by("due_on", "id")
        .values(
            json=JSONObject(
                what="what", due_on="due_on", given="owner__given_name", family="owner__family_name"
            )
        )[:20]
    )


def instant(value: str | None) -> datetime | None:
    """An instant out of a JSON value."""
    return parse_datetime(value) if value else None


@dataclass
class Line:
    """A use an expert is spoken with about: its periods, and who has answered for it."""

    use: Use
    owned: list[Ownership] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    handover: Handover | None = None
    has_plan: bool = False
    in_contact: bool = False

    @property
    def now(self) -> Ownership | None:
        """Who answers now; None once the relation has ended."""
        return next((one for one in self.owned if current().now in one.during), None)

    @property
    def period(self) -> Period | None:
        return next((one for one in self.periods if current().now in one.during), None)

    @property
    def stays_with_medical(self) -> bool:
        """That somebody has decided that no handover follows."""
        return self.handover is not None and self.handover.state in (
            HandoverState.EXEMPT,
            HandoverState.NO_FIELD,
        )


def lines_of(kol: KOL, user: User) -> list[Line]:
    """One line per use, in three statements: ownerships, periods, handovers."""
    at = current().now
    plans = PlanItem.objects.filter(use=OuterRef("relation__use"), during__contains=at)
    contact = ScientificContact.objects.filter(relation=OuterRef("relation"), msl=user, during__contains=at)
    owned = (
        Ownership.objects.visible_to(user)
        .filter(relation__kol=kol)
        .select_related("owner", "relation__use__market", "relation__use__indication__product")
        .annotate(has_plan=Exists(plans), in_contact=Exists(contact))
        .order_by(
            "relation__use__indication__product", "relation__use__indication", "relation__use", "during", "id"
        )
    )
    lines: dict[UUID, Line] = {}
    for one in owned:
        line = lines.setdefault(one.relation.use_id, Line(one.relation.use))
        line.owned.append(one)
        line.has_plan |= one.has_plan
        line.in_contact |= one.in_contact
    if not lines:
        return []
    for period in Period.objects.filter(use__in=list(lines)).order_by("effective_at"):
        lines[period.use_id].periods.append(period)
    relations = {one.relation_id: line for line in lines.values() for one in line.owned}
    latest = (
        Handover.objects.visible_to(user).filter(relation__in=list(relations)).select_related("recipient")
    )
    for handover in latest.order_by("due_since", "id"):
        relations[handover.relation_id].handover = handover
    return list(lines.values())


@dataclass
class Year:
    """The contacts of the present goal's period, and what comes next."""

    made: int = 0
    goal: int = 0
    next: dict[str, Any] | None = None


def year_of(kol: KOL) -> Year:
    """How many contacts took place against the goal, and the next planned one, out of `read_medical`."""
    at = current().now
    goal = next(iter(kol.goals_set), None)  # type: ignore[attr-defined]
    start, end = (goal["starts"], goal["ends"]) if goal else (f"{at.year}-01-01", f"{at.year}-12-31")
    year = Year(goal=goal["visits"] if goal else 0)
    for one in kol.contacts:  # type: ignore[attr-defined]
        begins = instant(one["at"])
        if begins is None:
            continue
        if one["status"] == Interaction.Status.PLANNED:
            if begins >= at and year.next is None:
                year.next = {**one, "at": begins}
        elif start <= begins.date().isoformat() <= end:
            year.made += 1
    return year


def open_items(kol: KOL) -> list[dict[str, Any]]:
    """What is promised or to be done, the most urgent first, out of `read_medical`."""
    return [
        {**one, "due_on": date.fromisoformat(one["due_on"]), "owner": f"{one['given']} {one['family']}"}
        for one in kol.promises  # type: ignore[attr-defined]
    ]
