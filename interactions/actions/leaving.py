"""Somebody leaves: what she had still to do goes to whoever leads her, in the transaction of her leaving (R-116)."""

from __future__ import annotations

from accounts.acting import acting_as, system
from accounts.models import User
from accounts.people import custodian_of, leads_of, people_with
from compliance import audit
from compliance.policy import Role, Side
from interactions.models import Compartment, FollowUp
from kols.actions import deactivate_user
from kols.models import OpenMatter


@audit.action
def leave(user: User, *, by: User) -> User:
    """Close an account: experts to the custodian, follow-ups to the lead, drafts to the lead's list, access to nobody.

    Drafts stay her own text; her lead closes each with a statement (R-117). Plans are called off with the ownership.
    The administrator learns of no record and of no number.
    """
    leads = leads_of(user)
    with acting_as(system("give what a leaver had to do to her lead", by=by)):
        rows = list(
            FollowUp.objects.open().filter(owner=user).select_related("market").order_by("due_on", "id")
        )
        for row in rows:
            medical = row.compartment == Compartment.MEDICAL
            heir = _heir(row, leads, medical)
            if heir is None or heir.pk == user.pk:
                continue
            row.owner = heir
            row.save(update_fields=["owner"])
            if medical:
                OpenMatter.objects.filter(kind=OpenMatter.Kind.FOLLOW_UP, source=row.pk).update(person=heir)
            audit.record(
                "took over a follow-up of a leaver", row, by=None, market=row.market.code, owner=heir.name
            )
    return deactivate_user(user, by=by)


def _heir(row: FollowUp, leads: list[User], medical: bool) -> User | None:
    side = Side.MEDICAL if medical else Side.COMMERCIAL
    for lead in leads:
        if lead.side == side:
            return lead
    if medical:
        return custodian_of(row.market)
    return next(iter(people_with(Role.FIELD_LEAD, row.market)), None)
