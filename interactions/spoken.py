"""What a door hands over of a contact: what was talked about, who was there, and when, where and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Market, User
from compliance.policy import Audience, Basis, Channel, Document, Kind, Subject
from kols.models import KOL
from products.models import Product, Theme, TherapeuticArea, Use

__all__ = ["Event", "Present", "Spoken"]


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One thing that was, or is to be, talked about, as a door hands it over.

    `documents` is evidence by code, such as `{Document.REQ: {"question": "…", "asked_at": "…"}}`.
    """

    subject: Subject
    use: Use | None = None
    product: Product | None = None
    area: TherapeuticArea | None = None
    basis: Basis | None = None
    themes: tuple[Theme, ...] = ()
    shared: str = ""
    heard: str = ""
    documents: Mapping[Document, Mapping[str, object]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a refusal calls it."""
        return str(self.use.indication) if self.use else str(self.product or self.area or "")

    @property
    def product_ref(self) -> str:
        """The id of the product, as the boundary knows it."""
        return str(self.use.indication.product_id if self.use else self.product.pk if self.product else "")

    @property
    def key(self) -> tuple[str, UUID | None]:
        """What it is about; two topics of one record never share it."""
        about = self.use or self.product or self.area
        return str(self.subject), about.pk if about else None


@dataclass(frozen=True, kw_only=True)
class Present:
    """Somebody who is or was there: a KOL, a colleague, or a person who is only named."""

    kol: KOL | None = None
    colleague: User | None = None
    name: str = ""
    function: str = ""
    audience: Audience = Audience.PROFESSIONAL
    main: bool = False

    @property
    def key(self) -> tuple[UUID | None, UUID | None, str]:
        return self.kol.pk if self.kol else None, self.colleague.pk if self.colleague else None, self.name


@dataclass(frozen=True, kw_only=True)
class Event:
    """When, where and how; `market` is that of the place, instants are aware."""

    kind: Kind
    channel: Channel
    starts_at: datetime
    ends_at: datetime
    market: Market
    late_reason: str = ""
    joint_request: str = ""

    @property
    def during(self) -> DateTimeTZRange:
        return DateTimeTZRange(self.starts_at, self.ends_at, "[]")
