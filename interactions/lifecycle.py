"""Where uses stand while an event takes place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from accounts.models import Market
from compliance import policy
from compliance.policy import Kind, State, Subject, Zone
from products.models import Period, Use

if TYPE_CHECKING:
    from interactions.facts import Event, Spoken

# From here on the authority has the application.
ASKED_FOR = frozenset({State.SUBMITTED, State.EMERGENCY, State.AUTHORISED, State.CONDITIONAL})


class Lifecycle:
    """Where the uses of the topics, their siblings, and those that materials mention stand during the event."""

    def __init__(self, event: Event, uses: Iterable[Use], periods: Iterable[Period]) -> None:
        self.event, self.uses = event, list(uses)
        self.periods: dict[UUID, list[Period]] = {}
        for period in periods:
            self.periods.setdefault(period.use_id, []).append(period)

    @classmethod
    def of(cls, topics: Sequence[Spoken], markets: list[UUID], event: Event) -> Lifecycle:
        """At another instant than that of the contact; two statements."""
        products = {topic.use.indication.product_id for topic in topics if topic.use is not None}
        areas = {
            topic.area.pk for topic in topics if topic.subject == Subject.DISEASE and topic.area is not None
        }
        about = Q(indication__product__in=products) | Q(indication__area__in=areas)
        uses = list(
            Use.objects.filter(about, market__in=markets).select_related("indication", "market")
            if products or areas
            else ()
        )
        return cls(
            event, uses, Period.objects.filter(use__in=uses, during__overlap=event.during) if uses else ()
        )

    def zones(self, topic: Spoken, markets: Sequence[Market]) -> Iterable[policy.MarketZone]:
        """One entry per applicable market: the zone at the start, and the strictest one after it (R-002)."""
        for market in markets if topic.subject != Subject.ADMIN else ():
            if topic.subject == Subject.UNLISTED:
                yield policy.MarketZone(market.code, Zone.UNLISTED)
            elif topic.use is not None:
                found = self.of_indication(topic.use.indication_id, market)
                yield policy.MarketZone(market.code, *found)
            elif topic.area is not None:
                area = topic.area.pk
                uses = [u for u in self.uses if u.indication.area_id == area and u.market_id == market.pk]
                is_open = any(self._during(use) == (Zone.OPEN, Zone.OPEN) for use in uses)
                yield policy.MarketZone(market.code, Zone.OPEN if is_open else Zone.PRE)

    def of_indication(self, indication: UUID, market: Market) -> tuple[Zone, Zone]:
        """The zone of an indication in a market at the start, and the strictest one after it."""
        uses = [u for u in self.uses if u.indication_id == indication and u.market_id == market.pk]
        return self._during(uses[0]) if uses else (Zone.UNLISTED, Zone.UNLISTED)

    def sibling_open(self, topic: Spoken) -> bool:
        """Is another use of the same product open in the market of this one (R-042)?"""
        if topic.use is None:
            return False
        product, market, own = topic.use.indication.product_id, topic.use.market_id, topic.use.pk
        return any(
            use.pk != own
            and use.indication.product_id == product
            and use.market_id == market
            and self._at(use, self.event.starts_at) is Zone.OPEN
            for use in self.uses
        )

    def asked_for(self, topic: Spoken) -> dict[str, Any]:
        """Whether an authorisation was asked for by then, and when it is expected: for trainings (R-070)."""
        use = next((use for use in self.uses if topic.use is not None and use.pk == topic.use.pk), None)
        if use is None or self.event.kind != Kind.INTERNAL_TRAINING:
            return {}
        held = [p.state for p in self.periods.get(use.pk, []) if self.event.starts_at in p.during]
        expected = use.market.start_of(use.expected_on) if use.expected_on else None
        return {"submitted": bool(set(held) & ASKED_FOR), "expected_at": expected}

    def _at(self, use: Use, at: datetime) -> Zone:
        held = [period for period in self.periods.get(use.pk, []) if at in period.during]
        return held[0].zone(at) if held else Zone.UNLISTED

    def _during(self, use: Use) -> tuple[Zone, Zone]:
        start, end = self.event.starts_at, self.event.ends_at
        changes = {end}
        for period in self.periods.get(use.pk, []):
            changes |= {
                at for at in (period.effective_at, period.promotable_from) if at and start < at <= end
            }
        return self._at(use, start), policy.strictest_zone(self._at(use, at) for at in changes)
