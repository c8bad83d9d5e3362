"""Drafts that nobody signs: after days their author is reminded, after weeks her lead is told (R-145)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from accounts.models import Market, User
from accounts.notices import tell_all
from accounts.people import leads_of
from compliance import audit
from interactions.models import Closing, Interaction
from safety.routing import number

Told = tuple[User, str, str, str, dict[str, object]]


def nag_of_drafts(at: datetime) -> int:
    """Once a week and person as long as it lasts. Found by a query: a night without workers is caught up."""
    told: list[Told] = []
    for market in Market.objects.filter(active=True).order_by("code"):
        week = market.local_day(at).isocalendar()
        key = f"{market.code} {week.year}-{week.week}"
        soon = number(market, "R-145 nag_after_days", at)
        late = number(market, "R-145 escalate_after_days", at)
        drafts = reverse("interactions:signing")
        for author, count in _unsigned(market, at - timedelta(days=soon)):
            facts: dict[str, object] = {"count": count, "days": soon}
            told.append((author, "drafts_to_sign", f"drafts {key}", drafts, facts))
        for author, count in _unsigned(market, at - timedelta(days=late)):
            facts = {"name": author.name, "count": count, "days": late}
            url = f"{reverse('interactions:list')}?author={author.pk}"
            told += [
                (lead, "drafts_unsigned_long", f"drafts of {author.pk} {key}", url, facts)
                for lead in leads_of(author)
            ]
    tell_all(told)
    if told:
        audit.record("reminded of unsigned drafts", by=None, count=len(told))
    return len(told)


def _unsigned(market: Market, before: datetime) -> list[tuple[User, int]]:
    """Who has how many open drafts of before; what a leaver left is her lead's already (R-117)."""
    closed = Closing.objects.filter(interaction=OuterRef("pk"))
    rows = (
        Interaction.objects.filter(~Exists(closed), status=Interaction.Status.DRAFT, market=market, recorded_at__lte=before,
                                   author__is_active=True)
        .values("author")
        .annotate(drafts=Count("pk"))
        .order_by("author")
    )  # fmt: skip
    counts: dict[UUID, int] = {row["author"]: row["drafts"] for row in rows}
    return [(user, counts[user.pk]) for user in User.objects.filter(pk__in=counts).order_by("pk")]
