"""Looking at rights, and saying that one has (R-161)."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.acting import now
from accounts.models import User
from accounts.rights import RightsReview, rights_of
from compliance import audit
from compliance.policy import Deed


@audit.action
def review(people: Iterable[User], *, outcome: RightsReview.Outcome, by: User) -> int:
    """Note that `by` has looked at these people's rights as they stand now. Her own are left out."""
    audit.permit(Deed.REVIEW_RIGHTS, on=None, by=by, words="rights of people")
    rows = [row for row in rights_of(people, now()) if row.person.pk != by.pk]
    RightsReview.objects.bulk_create(
        RightsReview(person=row.person, reviewer=by, outcome=outcome, rights=row.as_facts(), at=now())
        for row in rows
    )
    audit.record_all([
        {"verb": "reviewed the rights of", "subject": row.person, "by": by, "outcome": str(outcome), **row.as_facts()}
        for row in rows
    ])  # fmt: skip
    return len(rows)
