"""Who of the line answers for a record: a lead of its author, and Compliance where nobody leads her (R-143, R-144)."""

from __future__ import annotations

from accounts.models import User
from accounts.people import leads_of, team_of
from compliance.policy import Role
from compliance.signing import Meaning
from interactions.left import LEADS
from interactions.models import Interaction


def is_line(record: Interaction, by: User) -> bool:
    """Whether this person may sign for the line of the record's author; nobody does for herself."""
    if by.pk == record.author_id:
        return False
    if by.role in LEADS and by.side == record.author_side:
        return record.author_id in team_of(by)
    return by.role == Role.COMPLIANCE and not leads_of(record.author)


def may_answer(record: Interaction, by: User) -> bool:
    """Whether she may approve an amendment: the line, or Compliance; never the author herself."""
    return by.pk != record.author_id and (by.role == Role.COMPLIANCE or is_line(record, by))


def meaning_for(by: User) -> Meaning:
    """What the line's signature says."""
    return Meaning.APPROVED_MEDICAL if by.role == Role.MSL_LEAD else Meaning.REVIEWED
