"""R-123: two entries of one person become one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import product

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from kols.actions.ownership import lock_relation
from kols.models import KOL, Ownership, Relation
from products.models import Use


@dataclass(frozen=True)
class Meeting:
    """Where both entries have a relation for one use at the same time."""

    use: Use
    gone: Relation
    kept: Relation
    agree: bool
    known_longer: bool

    @property
    def hinders(self) -> str:
        """The code of the sentence that says why this cannot be put together; empty where it can."""
        if not self.agree:
            return "owners_disagree"
        return "known_longer" if self.known_longer else ""


def meetings(duplicate: KOL, kept: KOL) -> list[Meeting]:
    """Every use for which both have a relation at one instant, and whether the owners agreed all that time.

    The caller answers for who reads it: owners of both sides are compared.
    """
    held = Relation.objects.filter(kol__in=[duplicate, kept]).select_related(
        "use__market", "use__indication__product"
    )
    relations = {kol.pk: [row for row in held if row.kol_id == kol.pk] for kol in (duplicate, kept)}
    found = []
    for gone, stays in product(relations[duplicate.pk], relations[kept.pk]):
        if gone.use_id == stays.use_id and _overlap(gone.during, stays.during):
            agree = all(
                (one.owner_id, one.side) == (other.owner_id, other.side)
                for one, other in product(_owners(gone), _owners(stays))
                if _overlap(one.during, other.during)
            )
            longer = gone.during.lower < stays.during.lower or stays.during.upper is not None
            found.append(Meeting(gone.use, gone, stays, agree, longer))
    return found


def _owners(relation: Relation) -> list[Ownership]:
    return list(Ownership.objects.filter(relation=relation))


def _overlap(one: DateTimeTZRange, other: DateTimeTZRange) -> bool:
    def before(first: datetime | None, second: datetime | None) -> bool:
        return first is None or second is None or first < second

    return before(one.lower, other.upper) and before(other.lower, one.upper)


@audit.action
def merge_kols(duplicate: KOL, kept: KOL, *, by: User) -> KOL:
    """Put what is known of a double entry to the entry that stays; its page leads there from now on.

    Relations for one use are put together only where owners agreed in every overlap and the entry that stays
    was known first; the rest is for people to settle (`Refused`, R-123). Compartments, authors and sides of
    every row stay as they are, and each row's history tells where it stood before.
    """
    audit.permit(Deed.MERGE_KOLS, on=duplicate, by=by)
    verb = "was refused to merge"
    locked = {
        kol.pk: kol
        for kol in KOL.objects.visible_to(by).select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[duplicate.pk, kept.pk]).order_by("pk")
    }  # fmt: skip
    if len(locked) < 2 or any(kol.status == KOL.Status.MERGED for kol in locked.values()):
        audit.refuse("R-123", "not_two_entries", verb=verb, on=duplicate, by=by)
    duplicate, kept = locked[duplicate.pk], locked[kept.pk]
    with acting_as(system("compare whom both entries belong to", by=by)):
        met = meetings(duplicate, kept)
    for meeting in met:
        if meeting.hinders:
            audit.refuse("R-123", meeting.hinders, verb=verb, on=duplicate, by=by, use=str(meeting.use))
    duplicate.status, duplicate.merged_into = KOL.Status.MERGED, kept
    with acting_as(system("put two entries together", by=by)):
        ends = {meeting.gone.pk for meeting in met}
        for relation in Relation.objects.filter(kol=duplicate).order_by("use", "pk"):
            relation = lock_relation(relation)
            if relation.pk not in ends:
                relation.kol = kept
                relation.save(update_fields=["kol"])
            elif relation.during.upper is None:
                _end(relation)
        duplicate.save(update_fields=["status", "merged_into"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT crm_merge_expert(%s, %s)", [duplicate.pk, kept.pk])
            [moved] = cursor.fetchone()
    audit.record("merged", duplicate, by=by, into=str(kept), kept=str(kept.pk), rows=moved)
    return kept


def _end(relation: Relation) -> None:
    """The entry that stays has the same owner for it: this one's row ends here."""
    at = now()
    Ownership.objects.filter(relation=relation, during__startswith__gte=at).delete()
    last = Ownership.objects.get(relation=relation, during__contains=at)
    for row in (last, relation):
        row.during = DateTimeTZRange(row.during.lower, at)
        row.save(update_fields=["during"])
