"""Materials at a contact: what may be chosen, the facts the boundary asks for, and who received it (R-080 to R-084)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.acting import current
from accounts.http import as_uuid
from accounts.models import Market, User
from compliance import policy
from compliance.policy import Activity, Audience, Document, MaterialPurpose, Role
from interactions.lifecycle import Lifecycle
from interactions.models import Interaction, MaterialGiven
from products.models import MaterialVersion
from products.supposing import Supposed

if TYPE_CHECKING:
    from interactions.facts import Gathered, Present, Spoken
    from interactions.topics_form import Block


@dataclass(frozen=True, kw_only=True)
class Named:
    """The versions that a contact names and this person may know of; anything else is as if it did not exist."""

    versions: Mapping[UUID, Any] = field(default_factory=dict)

    @property
    def indications(self) -> set[UUID]:
        return {pk for version in self.versions.values() for pk in version.about}

    def evidence(self, given: Mapping[str, object]) -> dict[str, object]:
        """MAT as it is kept: the versions chosen, and what was written where the register has none."""
        chosen = [self.versions[pk] for pk in _ids(given) if pk in self.versions]
        words = str(given.get("words") or "").strip() or ", ".join(str(version) for version in chosen)
        kept = [{"id": str(version.pk), "name": str(version)} for version in chosen]
        return {"words": words, **({"materials": kept} if kept else {})} if words else {}

    def facts(
        self, at: datetime, lifecycle: Lifecycle, markets: Sequence[Market], supposed: Supposed | None = None
    ) -> tuple[policy.Material, ...]:
        if supposed is not None and self.versions:
            for version, at_ in supposed.quarantined():
                if version.pk in self.versions:
                    self.versions[version.pk].quarantined_at = at_
        return tuple(_fact(version, at, lifecycle, markets) for version in self.versions.values())


def _ids(given: Mapping[str, object]) -> list[UUID]:
    """The ids that stand there, whoever wrote them."""
    asked = given.get("materials")
    found = (
        as_uuid(str(one.get("id") if isinstance(one, dict) else one))
        for one in (asked if isinstance(asked, list | tuple) else ())
    )
    return [pk for pk in dict.fromkeys(found) if pk is not None]


def named(by: User, topics: Sequence[Spoken]) -> Named:
    """One statement where anything is named, none otherwise."""
    wanted = {pk for topic in topics for pk in _ids(topic.documents.get(Document.MAT, {}))}
    if not wanted:
        return Named()
    uses = MaterialVersion.uses.through.objects.filter(materialversion=OuterRef("pk"))
    markets = MaterialVersion.markets.through.objects.filter(materialversion=OuterRef("pk"))
    # The product judges anew what somebody showed who may have left since.
    known = MaterialVersion.objects.all() if current().system else MaterialVersion.objects.visible_to(by)
    rows = (
        known.quarantined()
        .filter(pk__in=wanted)
        .select_related("material")
        .annotate(
            mentions=ArraySubquery(uses.order_by("use").values("use")),
            about=ArraySubquery(uses.order_by("use").values("use__indication")),
            codes=ArraySubquery(markets.order_by("market__code").values("market__code")),
        )
        .order_by("pk")
    )
    return Named(versions={row.pk: row for row in rows})


def _fact(version: Any, at: datetime, lifecycle: Lifecycle, markets: Sequence[Market]) -> policy.Material:
    return policy.Material(
        ref=str(version.pk),
        name=str(version),
        version=version.version,
        purpose=MaterialPurpose(version.material.purpose),
        status=version.status_at(at),
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        recalled_at=version.recalled_at,
        quarantined_at=version.quarantined_at,
        uses=tuple(
            policy.MaterialUse(
                ref=str(use),
                zones=tuple(
                    policy.MarketZone(market.code, *lifecycle.of_indication(indication, market))
                    for market in markets
                ),
            )
            for use, indication in zip(version.mentions, version.about, strict=True)
        ),
        markets=tuple(version.codes),
        languages=tuple(version.languages),
        audiences=tuple(Audience(word) for word in version.audiences),
        roles=tuple(Role(word) for word in version.roles),
        activities=tuple(Activity(word) for word in version.activities),
    )


def offer(user: User, blocks: Iterable[Block], at: datetime) -> None:
    """Give each block that asks for material what may be used for it that day; one statement at most."""
    asking = {
        block.matter.use.pk: block for block in blocks if block.matter and Document.MAT in block.documents
    }
    if not asking:
        return
    mentions = MaterialVersion.uses.through.objects.filter(materialversion=OuterRef("pk"), use__in=asking)
    rows = (
        MaterialVersion.objects.visible_to(user)
        .usable(at)
        .filter(uses__in=list(asking), roles__contains=[str(user.role)])
        .select_related("material")
        .annotate(mentions=ArraySubquery(mentions.values("use")))
        .distinct()
    )
    for row in rows:
        for use in row.mentions:
            asking[use].materials.append(row)


def keep(interaction: Interaction, people: Sequence[Present], found: Gathered) -> None:
    """Write to whom each version was shown; what stood there before an edit is kept in the history."""
    if interaction.version > 1:
        interaction.materialgivens.all().delete()
    rows = [
        MaterialGiven(
            interaction=interaction, compartment=interaction.compartment, author=interaction.author,
            version_id=UUID(material.ref), kol=person.kol, name=person.name, method=interaction.channel,
            given_at=interaction.starts_at,
        )
        for material in found.act.materials or ()
        for person in people
        if person.colleague is None
    ]  # fmt: skip
    if rows:
        MaterialGiven.objects.bulk_create(rows)
