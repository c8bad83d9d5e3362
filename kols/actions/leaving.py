"""Somebody leaves: nothing she answered for stays without an owner (R-116)."""

from __future__ import annotations

from django.db.models import Q

from accounts.acting import acting_as, now, system
from accounts.actions import close_account
from accounts.models import User
from accounts.people import custodian_of
from compliance import audit
from compliance.policy import Deed, Side
from kols.actions.ownership import _move, lock_relation
from kols.models import Ownership


@audit.action
def deactivate_user(user: User, *, by: User) -> User:
    """Close an account; what she owns for Medical goes to the custodian in the same transaction.

    Refused where she owns for field service, which her lead reassigns first, and where a market has no other
    custodian. The administrator learns of no expert and of no number.
    """
    audit.permit(Deed.GRANT_APPOINTMENT, on=user, by=by)
    verb = "was refused to close the account of"
    with acting_as(system("give what a leaver owned to the custodian", by=by)):
        held = list(
            Ownership.objects.filter(Q(during__endswith__gt=now()) | Q(during__upper_inf=True), owner=user)
            .select_related("relation__use__market")
            .order_by("relation__use_id", "relation_id")
        )
        for row in held:
            if row.side == Side.COMMERCIAL:
                audit.refuse("R-116", "still_owns", verb=verb, on=user, by=by, person=user.name)
            custodian = custodian_of(row.market)
            if custodian is None or custodian.pk == user.pk:
                audit.refuse("R-116", "still_custodian", verb=verb, on=user, by=by, person=user.name)
            relation = lock_relation(row.relation)
            row.refresh_from_db()
            _move(
                relation,
                row,
                to=custodian,
                side=Side.MEDICAL,
                at=max(now(), row.during.lower),
                began_with=None,
                by=by,
            )
    return close_account(user, by=by)
