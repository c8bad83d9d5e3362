"""Which version of its rules is in force in a market at an instant (R-014, R-160)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Subquery

from compliance.models import PackActivation


def in_force(at: datetime) -> Subquery:
    """For a query over markets: the version that holds there at that instant; NULL where none does."""
    rows = PackActivation.objects.in_force(at).filter(market=OuterRef("pk"))
    return Subquery(rows.values("version")[:1])
