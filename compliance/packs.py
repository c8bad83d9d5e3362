"""Which version of its rules is in force in a market at an instant (R-014, R-160)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.acting import now
from accounts.models import Market
from compliance.models import PackActivation
from compliance.policy.packs import packs


def in_force(at: datetime, known_at: datetime | None = None, *, of: str = "pk") -> Subquery:
    """For a query over markets: the version that holds there at that instant; NULL where none does.

    With `known_at`, as far as it was settled by then. `of` names the market in a query over something else.
    """
    rows = PackActivation.objects.in_force(at).filter(market=OuterRef(of))
    if known_at is not None:
        rows = rows.filter(Q(opening=True) | Q(settled_at__lte=known_at))
    return Subquery(rows.values("version")[:1])


def demanded(market: Market, at: datetime, number: str) -> int:
    """A number of the rules in force in a market at an instant; nothing where there are no rules."""
    held = PackActivation.objects.in_force(at).filter(market=market).first()
    pack = packs().get((market.code, held.version)) if held else None
    return pack.parameters[number] if pack else 0


def has_rules(market: Market, at: datetime) -> bool:
    """Whether any version is in force there at that instant (R-014)."""
    return PackActivation.objects.in_force(at).filter(market=market).exists()


def open_with(market: Market, version: str, at: datetime) -> None:
    """The rules a market starts with, where it is founded and not changed: demo companies and tests alone."""
    PackActivation.objects.create(
        market=market, version=version, effective_at=at, status=PackActivation.Status.CONFIRMED, opening=True,
        proposed_at=now(),
    )  # fmt: skip


def history_of_rules() -> QuerySet[PackActivation]:
    """Every version of every market's rules that was proposed, the newest first: no secret of anybody."""
    rows = PackActivation.objects.select_related("market", "proposed_by", "settled_by")
    return rows.order_by("-proposed_at", "pk")
