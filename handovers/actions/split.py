"""R-016: a label that is granted narrower than it was asked for becomes two uses, before its entry is confirmed."""

from __future__ import annotations

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Deed, Side, State, Zone
from handovers.actions._step import lock_use, product_acts, step_action
from kols.models import Ownership, Relation
from products.actions import add_indication, add_use, propose_entry
from products.models import Theme, Use


@step_action
def split_use(use: Use, *, name: str, label: str, by: User) -> Use:
    """Take out of a use what the authority does not grant, as a use of its own in the same market.

    The use that is there goes on as what is granted; the rest, returned, is proposed in the state of today
    and has none before a second regulatory person confirms it, so that nobody raises it meanwhile. Who
    answers to an expert for the one answers for the other from now on, as Medical; handovers follow the
    granted one alone (R-016). Raises `Refused` once the use is or was open: then it is too late.
    """
    audit.permit(Deed.REGISTER_PRODUCT, on=use, by=by)
    locked = lock_use(use.pk)
    assert locked is not None  # noqa: S101 - the caller's use exists
    ever = locked.periods.filter(state__in=("AUTHORISED", "CONDITIONAL")).exists()
    if ever or locked.zone(now()) is not Zone.PRE:
        audit.refuse("R-016", "split_too_late", verb="was refused to split", on=locked, by=by)
    period = locked.standing(now())
    assert period is not None  # noqa: S101 - a use in PRE has one
    indication = add_indication(
        locked.indication.product, name=name, label=label, area=locked.indication.area, by=by
    )
    Theme.objects.bulk_create(
        Theme(name=theme.name, indication=indication) for theme in locked.indication.themes.all()
    )
    rest = add_use(indication, locked.market, by=by)
    propose_entry(
        rest, State(period.state), effective_at=period.effective_at, by=by,
        evidence=f"What was not granted of {locked.indication}; {period.entry.evidence}",
    )  # fmt: skip
    with product_acts("answer for both parts of a use", by):
        copied = _answer_for_both(locked, rest)
    audit.record("split", locked, by=by, market=locked.market.code, into=str(rest), relations=copied)
    return rest


def _answer_for_both(use: Use, rest: Use) -> int:
    at = now()
    held = Ownership.objects.filter(
        relation__use=use, relation__during__contains=at, side=Side.MEDICAL, during__contains=at
    ).select_related("relation")
    relations = {
        row: Relation(kol_id=row.relation.kol_id, use=rest, during=DateTimeTZRange(at, None))
        for row in held.order_by("pk")
    }
    Relation.objects.bulk_create(relations.values(), batch_size=1000)
    Ownership.objects.bulk_create(
        (
            Ownership(
                relation=relation, side=Side.MEDICAL, owner_id=row.owner_id, market_id=row.market_id,
                during=DateTimeTZRange(at, None),
            )
            for row, relation in relations.items()
        ),
        batch_size=1000,
    )  # fmt: skip
    return len(relations)
