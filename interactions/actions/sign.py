"""Signing one's own drafts: one re-authentication, one signature for each record, and the lock after it (R-141)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from compliance.signing import Meaning, Proof, Signature, sign
from interactions.models import Interaction
from interactions.open_drafts import drafts_of, hindrances
from interactions.stated import statement_of


@audit.action
def sign_drafts(seen: Mapping[UUID, str], *, by: User, proof: Proof) -> list[Signature]:
    """Sign drafts of one's own, each as it was seen: `seen` is the hash of its text on the page.

    All are signed or none. What was signed meanwhile by another press is left alone; what was changed meanwhile,
    is incomplete, waits for the line or would be a deviation is refused. From then on the database keeps them.
    """
    audit.permit(Deed.SIGN_OWN, on=None, by=by)
    rows = list(drafts_of(by).filter(pk__in=seen).select_for_update(of=("self",), no_key=True).order_by("pk"))
    found = hindrances(rows, by)
    statements = []
    for row in rows:
        statement = statement_of(row)
        if seen[row.pk] != statement.sha256:
            audit.refuse("R-142", "changed_meanwhile", verb="was refused to sign", on=row, by=by)
        if row.pk in found:
            audit.refuse(found[row.pk].rule, found[row.pk].code, verb="was refused to sign", on=row, by=by)
        statements.append(statement)
    if not statements:
        return []
    signed = sign(statements, by=by, meaning=Meaning.AUTHOR, proof=proof)
    Interaction.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Interaction.Status.SIGNED, updated_at=now()
    )
    return signed
