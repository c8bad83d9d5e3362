"""What a door hands over beside the talk: values and samples, and how they become facts and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from compliance.policy import Intent, Side
from compliance.policy.things import Sample, Value, ValueCategory
from interactions.contacts import Known
from interactions.models import Interaction, SampleGiven, ValueGiven
from kols.models import KOL
from products.models import Use

if TYPE_CHECKING:
    from interactions.facts import Event


@dataclass(frozen=True, kw_only=True)
class HandedValue:
    """A meal, a fee, a journey, a thing: for whom, how much, who pays."""

    kol: KOL
    category: ValueCategory
    amount: Decimal
    currency: str
    payer: str
    in_practice: bool | None = None
    taxed: bool = False


@dataclass(frozen=True, kw_only=True)
class HandedSample:
    """Packs of a lot, on a request."""

    kol: KOL
    use: Use
    quantity: int
    requested_at: datetime
    signed: bool
    lot: str
    expires_on: date
    controlled: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """Everything that changed hands at a contact."""

    values: tuple[HandedValue, ...] = ()
    samples: tuple[HandedSample, ...] = ()


NOTHING = Given()


def value_facts(given: Given, event: Event, intent: Intent, side: Side) -> Iterable[Value]:
    for each in given.values:
        yield Value(
            category=each.category,
            amount=str(each.amount),
            currency=each.currency,
            host_market=event.market.code,
            person=str(each.kol.pk),
            planned=intent is Intent.PLAN,
            budget_side=side,
            in_practice=each.in_practice,
        )


def sample_facts(
    given: Given, event: Event, known: Mapping[UUID, Known], first: Mapping[tuple[UUID, UUID], datetime]
) -> Iterable[Sample]:
    """`first` is when an expert first asked for a product, as far as that was before (PP-09)."""
    for each in given.samples:
        before = known[each.kol.pk].samples if each.kol.pk in known else {}
        yield Sample(
            use=str(each.use.pk),
            person=str(each.kol.pk),
            requested_at=each.requested_at,
            signed=each.signed,
            lot=each.lot,
            expires=event.market.start_of(each.expires_on),
            quantity=each.quantity,
            given_this_year=before.get(each.use.indication.product_id, 0),
            controlled=each.controlled,
            first_requested_at=first.get((each.kol.pk, each.use.indication.product_id)),
        )


def of(interaction: Interaction) -> Given:
    """What the record holds, for an edit that does not speak of it."""
    values = interaction.valuegivens.select_related("kol")
    samples = interaction.samplegivens.select_related("kol", "use__indication")
    return Given(
        values=tuple(
            HandedValue(
                kol=row.kol, category=ValueCategory(row.category), amount=row.amount, currency=row.currency,
                payer=row.payer, in_practice=row.in_practice, taxed=row.taxed,
            )
            for row in values
        ),
        samples=tuple(
            HandedSample(
                kol=row.kol, use=row.use, quantity=row.quantity, requested_at=row.requested_at, signed=row.signed,
                lot=row.lot, expires_on=row.expires_on, controlled=row.controlled,
            )
            for row in samples
        ),
    )  # fmt: skip


def keep(interaction: Interaction, given: Given) -> None:
    """Write the ledger of a record anew; what stood there before is kept in the history (R-088)."""
    if interaction.version > 1:
        interaction.valuegivens.all().delete()
        interaction.samplegivens.all().delete()
    day = interaction.market.local_day(interaction.starts_at)
    part = {"interaction": interaction, "compartment": interaction.compartment, "author": interaction.author}
    if given.values:
        ValueGiven.objects.bulk_create(
            ValueGiven(
                **part, kol=each.kol, category=str(each.category), amount=each.amount, currency=each.currency,
                given_on=day, in_practice=each.in_practice, taxed=each.taxed, payer=each.payer,
            )
            for each in given.values
        )  # fmt: skip
    if given.samples:
        SampleGiven.objects.bulk_create(
            SampleGiven(
                **part, kol=each.kol, use=each.use, given_at=interaction.starts_at, quantity=each.quantity,
                requested_at=each.requested_at, signed=each.signed, lot=each.lot, expires_on=each.expires_on,
                controlled=each.controlled,
            )
            for each in given.samples
        )  # fmt: skip


def told(interaction: Interaction) -> list[str]:
    """What whoever reads a record of values should know: who was a guest, and who is engaged repeatedly (R-086, R-087).

    Counted are the fees this side has recorded within a year of the contact. Ask with values and attendees prefetched;
    a record without a meal or a fee asks nothing.
    """
    values = list(interaction.valuegivens.all())
    said = []
    guests = [one.name for one in interaction.attendees.all() if one.name]
    if guests and any(one.category == ValueCategory.MEAL for one in values):
        said.append(_("No meal for guests: %(names)s (R-086)") % {"names": ", ".join(guests)})
    paid = {one.kol_id: one.kol for one in values if one.category == ValueCategory.FEE}
    if paid:
        day, year = interaction.market.local_day(interaction.starts_at), timedelta(days=365)
        rows = ValueGiven.objects.filter(
            kol__in=paid, category=str(ValueCategory.FEE), compartment=interaction.compartment,
            given_on__gt=day - year, given_on__lte=day,
            interaction__status__in=[Interaction.Status.DRAFT, Interaction.Status.SIGNED],
        )  # fmt: skip
        counts = Counter(rows.values_list("kol", flat=True))
        said += [
            _("%(name)s: %(n)s paid engagements within a year (R-087)") % {"name": kol, "n": counts[pk]}
            for pk, kol in paid.items()
            if counts[pk] > 1
        ]
    return said
