"""The only way to sign: one person, one act, one signature for each record (R-140, R-141; rulebook 4.2).

Whoever asks for a signature states what is signed (`Statement`: one version of one record, in plain fields) and
hands over the proof that the signer has just shown again who she is (`Proof`, made by `accounts.reauthentication`).
The database itself adds who, in which role, when and on which clock, and the hash of the text.

The canonical text is JSON with sorted keys and no white space, so that anybody can recompute what was signed;
docs/signatures.md is its description, and `CANONICALISATION` names that description.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from compliance import audit, policy, software
from compliance.policy import Side
from compliance.signatures import Meaning, Signature

if TYPE_CHECKING:
    from django.db import models

    from accounts.models import User

__all__ = ["CANONICALISATION", "Meaning", "Proof", "Signature", "Statement", "canonical", "hash_of", "manifest_of",
           "sign", "signatures_of"]  # fmt: skip

CANONICALISATION = "msl-crm-json-1"
PROOFS = frozenset({"password", "password+totp", "password+recovery code", "passkey", "single sign-on"})
AT_ONCE = 500
_WRITE = "SELECT * FROM crm_write_signatures(%s::jsonb)"


@dataclass
class Proof:
    """That somebody has just shown again who she is. It is good for one act of signing, and for hers alone."""

    person: User
    how: str = "password"
    at: datetime = field(default_factory=timezone.now)
    deed: UUID = field(default_factory=uuid4)
    spent: bool = False

    def __post_init__(self) -> None:
        if self.how not in PROOFS:
            raise ValueError(f"{self.how} proves nothing")


@dataclass(frozen=True)
class Statement:
    """What is put before the signer: one version of one record, and on whose side of the wall it lives."""

    record: models.Model
    version: int
    fields: Mapping[str, Any]
    side: Side

    @property
    def content(self) -> str:
        return canonical(self.record._meta.label, self.record.pk, self.version, self.fields)

    @property
    def sha256(self) -> str:
        return hash_of(self.content)


def sign(
    statements: Sequence[Statement], *, by: User, meaning: Meaning, proof: Proof, manifest: str = ""
) -> list[Signature]:
    """Put one signature under each, in the transaction of their cause; the trail gets a sentence for each.

    Several records signed at once share the deed and the manifest: the hash over all of them. `manifest` is that of
    the whole batch, where this is a part of one. A proof is spent by this; one of somebody else signs nothing.
    """
    if proof.person.pk != by.pk:
        audit.refuse("R-140", "not_yours", verb="was refused to sign", on=None, by=by)
    if proof.spent:
        audit.refuse("R-141", "signature_missing", verb="was refused to sign", on=None, by=by, step="signed")
    proof.spent = True
    return put(statements, by=by, meaning=meaning, proof=proof, manifest=manifest)


def put(
    statements: Sequence[Statement], *, by: User, meaning: Meaning, proof: Proof, manifest: str = ""
) -> list[Signature]:
    """Sign a part of one deed whose other parts are signed in transactions of their own: a batch of a job."""
    if len(statements) > 1 and not manifest:
        manifest = manifest_of(statements)
    rows = [_row(statement, meaning, proof, manifest) for statement in statements]
    signed: list[Signature] = []
    for start in range(0, len(rows), AT_ONCE):
        part = json.dumps(rows[start : start + AT_ONCE], cls=DjangoJSONEncoder)
        signed += Signature.objects.raw(_WRITE, [part])
    audit.record_all([_sentence(statement, by, meaning, proof) for statement in statements])
    return signed


def signatures_of(records: Iterable[UUID], reader: User) -> list[Signature]:
    """The signatures under these records that this person may see, the oldest first; one statement."""
    return list(Signature.objects.visible_to(reader).filter(record_id__in=list(records)).order_by("at", "id"))


def canonical(record_type: str, record_id: UUID, version: int, fields: Mapping[str, Any]) -> str:
    """The text that is signed. The same record gives the same text on every machine."""
    document = {"canonicalisation": CANONICALISATION, "fields": fields,
                "record": {"id": record_id, "type": record_type, "version": version}}  # fmt: skip
    return json.dumps(_plain(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def hash_of(content: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, as 64 small hexadecimal digits."""
    return sha256(content.encode()).hexdigest()


def manifest_of(statements: Iterable[Statement]) -> str:
    """SHA-256 over the sorted lines "type id version hash" of a batch, each ended by a line feed."""
    lines = (f"{s.record._meta.label} {s.record.pk} {s.version} {s.sha256}\n" for s in statements)
    return hash_of("".join(sorted(lines)))


def _plain(value: Any) -> Any:
    """What JSON knows: text, whole numbers, truth values, null, lists and objects."""
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return str(value.value)
        case str():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _row(statement: Statement, meaning: Meaning, proof: Proof, manifest: str) -> dict[str, Any]:
    return {
        "record_type": statement.record._meta.label,
        "record_id": statement.record.pk,
        "record_version": statement.version,
        "side": str(statement.side),
        "meaning": meaning.value,
        "content": statement.content,
        "canonicalisation": CANONICALISATION,
        "policy_version": policy.VERSION,
        "software_version": software.version(),
        "proved_by": proof.how,
        "proved_at": proof.at.isoformat(),
        "deed": proof.deed,
        "manifest_sha256": manifest,
    }


def _sentence(statement: Statement, by: User, meaning: Meaning, proof: Proof) -> dict[str, Any]:
    return {
        "verb": "signed",
        "subject": statement.record,
        "by": by,
        "meaning": meaning.value,
        "version": statement.version,
        "sha256": statement.sha256,
        "deed": str(proof.deed),
        "proved_by": proof.how,
    }
