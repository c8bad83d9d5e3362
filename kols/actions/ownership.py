"""Who answers to an expert for a use. The database holds the invariants; these are the lawful ways to move."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import now
from accounts.models import User
from accounts.people import role_at
from compliance import audit
from compliance.policy import Deed, Role, Side, side_of
from kols.models import KOL, Ownership, Relation
from products.models import Use


def lock_relation(relation: Relation) -> Relation:
    """The relation behind the locks of decision 25: the use first, then the relation."""
    Use.objects.select_for_update(no_key=True).get(pk=relation.use_id)
    return (
        Relation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("use__market", "use__indication__product", "kol")
        .get(pk=relation.pk)
    )


@audit.action
def open_relation(
    kol: KOL, use: Use, *, by: User, owner: User | None = None, at: datetime | None = None
) -> Relation:
    """Begin to answer to an expert for a use, as Medical. An MSL begins her own; a lead may name another MSL."""
    audit.permit(Deed.OPEN_RELATION, on=kol, by=by)
    owner = owner or by
    verb = "was refused to begin a relation with"
    if owner.pk != by.pk:
        audit.permit(Deed.ASSIGN_OWNER, on=kol, by=by)
    at = at or now()
    _check_owner(owner, Side.MEDICAL, use, verb=verb, on=kol, by=by)
    if Relation.objects.filter(kol=kol, use=use, during__overlap=DateTimeTZRange(at, None)).exists():
        audit.refuse("R-115", "relation_exists", verb=verb, on=kol, by=by)
    try:
        with transaction.atomic():
            relation = Relation.objects.create(kol=kol, use=use, during=DateTimeTZRange(at, None))
    except IntegrityError:
        # Somebody began it at the same moment; the constraint is the judge.
        audit.refuse("R-115", "relation_exists", verb=verb, on=kol, by=by)
    Ownership.objects.create(
        relation=relation, side=Side.MEDICAL, owner=owner, market=use.market, during=DateTimeTZRange(at, None)
    )
    audit.record("began relation", relation, by=by, market=use.market.code, owner=owner.name)
    return relation


@audit.action
def end_relation(relation: Relation, *, by: User, at: datetime | None = None) -> Relation:
    """Stop answering to an expert for a use. The last ownership ends with it, at the same instant.

    Whoever answers does so, or a lead; never Medical for what field service has meanwhile taken over.
    """
    audit.permit(Deed.END_RELATION, on=relation, by=by)
    relation = lock_relation(relation)
    at = at or now()
    if relation.during.upper is not None and relation.during.upper <= at:
        audit.refuse("R-115", "relation_ended", verb="was refused to end", on=relation, by=by)
    last = Ownership.objects.get(relation=relation, during__contains=at)
    if last.side != Side.MEDICAL or (last.owner_id != by.pk and by.role != Role.MSL_LEAD):
        audit.refuse("R-115", "not_yours", verb="was refused to end", on=relation, by=by)
    Ownership.objects.filter(relation=relation, during__startswith__gte=at).delete()
    for row in (last, relation):
        row.during = DateTimeTZRange(row.during.lower, at)
        row.save(update_fields=["during"])
    audit.record("ended relation", relation, by=by, market=relation.use.market.code)
    return relation


@audit.action
def reassign_owner(relation: Relation, *, to: User, by: User, at: datetime | None = None) -> Ownership:
    """Give a relation to a colleague of the same side: T-19 by the MSL lead, T-18 by the field lead (R-116)."""
    relation = lock_relation(relation)
    at = at or now()
    held = Ownership.objects.filter(relation=relation, during__contains=at).first()
    if held is None:
        audit.refuse("R-115", "relation_ended", verb="was refused to reassign", on=relation, by=by)
    audit.permit(Deed.ASSIGN_OWNER if held.side == Side.MEDICAL else Deed.REASSIGN_FIELD, on=relation, by=by)
    _check_owner(to, Side(held.side), relation.use, verb="was refused to reassign", on=relation, by=by)
    if held.owner_id == to.pk:
        return held
    return _move(relation, held, to=to, side=Side(held.side), at=at, began_with=None, by=by)


@audit.action
def transfer_ownership(
    relation: Relation, *, to: User, side: Side, at: datetime, began_with: UUID, by: User | None
) -> Ownership:
    """End one ownership and begin the next at the same instant, across the wall.

    Called by handovers when a step takes effect; `began_with` is that step (I-05). Never by anybody else.
    """
    relation = lock_relation(relation)
    held = Ownership.objects.get(relation=relation, during__contains=at)
    return _move(relation, held, to=to, side=side, at=at, began_with=began_with, by=by)


def _move(
    relation: Relation,
    held: Ownership,
    *,
    to: User,
    side: Side,
    at: datetime,
    began_with: UUID | None,
    by: User | None,
) -> Ownership:
    end = held.during.upper
    before = held.owner.name
    if held.during.lower == at:
        held.owner, held.side, held.began_with = to, side, began_with
        held.save(update_fields=["owner", "side", "began_with"])
        taken = held
    else:
        held.during = DateTimeTZRange(held.during.lower, at)
        held.save(update_fields=["during"])
        taken = Ownership.objects.create(
            relation=relation,
            side=side,
            owner=to,
            market=relation.use.market,
            during=DateTimeTZRange(at, end),
            began_with=began_with,
        )
    audit.record(
        "moved ownership of", relation, by=by, market=relation.use.market.code, before=before, to=to.name,
        side=str(side), at=at,
    )  # fmt: skip
    return taken


def _check_owner(owner: User, side: Side, use: Use, *, verb: str, on: object, by: User) -> None:
    held = role_at(owner, now())
    owning = {Role.MSL, Role.MSL_LEAD, Role.FIELD_SERVICE, Role.FIELD_LEAD}
    if (
        not owner.is_active
        or held is None
        or held[0] not in owning
        or side_of(held[0]) != side
        or use.market_id not in held[1]
    ):
        audit.refuse("R-115", "owner_not_eligible", verb=verb, on=on, by=by, person=owner.name)  # type: ignore[arg-type]
