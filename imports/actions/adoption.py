"""Saying that a regulator's record is about a product of ours."""

from __future__ import annotations

from datetime import date

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed
from imports.actions.proposing import COVERS, propose_for
from imports.models import Adoption, RegulatorRecord
from imports.readers.words import AuthorisationRecord
from products.actions import add_indication, add_use, register_product
from products.models import Indication, Product, TherapeuticArea


@audit.action
def adopt_record(record: RegulatorRecord, *, by: User, product: Product | None = None) -> Product:
    """Make a record ours: a product, one provisional indication with the whole text, a use per active market.

    `product` adopts it into a product that is in the catalogue already: with one indication, that one is meant;
    with none or several a provisional one is added for a person to sort out. What the record says is proposed, not
    entered. Adopted again, the first adoption stands.
    """
    audit.permit(Deed.ADOPT_RECORD, on=record, by=by)
    RegulatorRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
    if (
        found := Adoption.objects.filter(source=record.source, key=record.key)
        .select_related("product")
        .first()
    ):
        return found.product
    markets = list(Market.objects.filter(active=True, code__in=COVERS[record.source]).order_by("code"))
    if not markets:
        audit.refuse(
            "R-014", "no_market_covered", verb="was refused to adopt", on=record, by=by, source=record.source
        )
    said = as_read(record)
    product = product or register_product(
        brand=said.name[:200], inn=said.inn[:300], atc=said.atc[:10], holder=said.holder[:200], by=by
    )
    indication = _indication(product, said, by)
    for market in markets:
        add_use(indication, market, by=by)
    Adoption.objects.create(source=record.source, key=record.key, product=product, by=by, at=now())
    audit.record("adopted", record, by=by, product=str(product), key=record.key)
    propose_for(product, said, source=record.source, taken_on=record.snapshot.taken_on, by=by)
    return product


def _indication(product: Product, said: AuthorisationRecord, by: User) -> Indication:
    """The one indication the product has, or a provisional one with the record's whole text."""
    known = list(product.indications.all()[:2])
    if len(known) == 1:
        return known[0]
    areas = [area.strip() for area in said.therapeutic_areas if area.strip()]
    area = TherapeuticArea.objects.get_or_create(name=areas[0][:200])[0] if areas else None
    return add_indication(
        product,
        name=_free_name(product, areas[0] if areas else "As in the register"),
        label=said.indication or "Not stated in the register.",
        area=area,
        provisional=True,
        by=by,
    )


def _free_name(product: Product, wanted: str) -> str:
    taken = {name.casefold() for name in product.indications.values_list("name", flat=True)}
    name, number = wanted[:110], 2
    while name.casefold() in taken:
        name, number = f"{wanted[:110]} ({number})", number + 1
    return name


def as_read(record: RegulatorRecord) -> AuthorisationRecord:
    """The record as its reader gave it, from what was kept."""

    mapped = record.mapped
    return AuthorisationRecord(
        key=record.key,
        row=record.row,
        name=record.name,
        status_raw=record.state_words,
        state=record.state or None,
        effective_on=record.effective_on,
        inn=mapped.get("inn") or record.inn,
        atc=mapped.get("atc") or "",
        holder=mapped.get("holder") or record.holder,
        therapeutic_areas=tuple(mapped.get("therapeutic_areas") or ()),
        indication=mapped.get("indication") or "",
        dates={
            name.removeprefix("date:"): date.fromisoformat(day)
            for name, day in mapped.items()
            if name.startswith("date:") and day
        },
    )
