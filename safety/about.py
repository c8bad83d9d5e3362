"""The record a side effect was told from, whatever its kind, as far as the person may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps

from accounts.acting import now
from accounts.http import as_uuid
from accounts.models import Market, User
from kols.models import KOL

# Looked up by name: Safety stands below what it is told from, and stores an identifier alone.
KINDS = {
    "interaction": "interactions.Interaction",
    "follow-up": "interactions.FollowUp",
    "question": "interactions.Preclearance",
    "deviation": "compliance.Deviation",
    "handover": "handovers.Handover",
    "expert": "kols.KOL",
}


@dataclass(frozen=True)
class Told:
    """What a record says of itself: its kind and id, whom it concerned, where, and when."""

    about: tuple[str, UUID] | None = None
    kol: KOL | None = None
    market: Market | None = None
    at: datetime | None = None


def told_from(user: User, words: str) -> Told:
    """Read "kind:id". Without one, or where the record is not hers, only her own market is known."""
    kind, _colon, key = words.partition(":")
    pk = as_uuid(key)
    row: Any = None
    if kind in KINDS and pk is not None:
        row = apps.get_model(KINDS[kind])._default_manager.all().visible_to(user).filter(pk=pk).first()
    home = Market.objects.filter(pk__in=user.market_ids).first()
    if row is None or pk is None:
        return Told(market=home)
    kol = row if kind == "expert" else _kol(row)
    market = getattr(row, "market", None) or _market(kol) or home
    at = getattr(row, "starts_at", None) or getattr(row, "happened_at", None)
    return Told((kind, pk), kol, market, at if at is not None and at < now() else None)


def _market(kol: KOL | None) -> Market | None:
    main = kol.practices.filter(main=True).select_related("market").first() if kol is not None else None
    return main.market if main is not None else None


def _kol(row: Any) -> KOL | None:
    if hasattr(row, "attendees"):
        there = row.attendees.filter(kol__isnull=False).select_related("kol").order_by("-main").first()
        return there.kol if there is not None else None
    relation = getattr(row, "relation", None)
    found: KOL | None = getattr(row, "kol", None) or getattr(relation, "kol", None)
    return found
