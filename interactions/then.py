"""What was known then: whatever a contact is judged by, as the database had it at an earlier instant.

Each fact has two times: when it held, and when it was written down. The first is the event's; this is the
second. Rows are read from their history (decision 31), by the product on behalf of whoever may ask.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.acting import acting_as, system
from accounts.models import Market, User
from compliance import policy
from compliance.policy import CertificateKind, Channel, Role, Side
from compliance.policy.things import Consent, ConsentPurpose
from interactions.contacts import Known
from interactions.lookup import Found
from interactions.skills import Skills
from kols.models import KOL
from products.models import LabelVersion, Period

_ROWS = "SELECT r FROM crm_rows_then(%s, %s, %s, %s) r"
_OWNED = """
SELECT rel.id, rel.kol_id, rel.use_id, n.area_id, (r ->> 'owner_id')::uuid, r ->> 'side',
       lower((r ->> 'during')::tstzrange)
  FROM crm_rows_then('kols_ownership', 'relation_id',
         ARRAY(SELECT id::text FROM kols_relation WHERE kol_id = ANY(%s::uuid[])), %s) r
  JOIN kols_relation rel ON rel.id = (r ->> 'relation_id')::uuid
  JOIN products_use u ON u.id = rel.use_id JOIN products_indication n ON n.id = u.indication_id
 WHERE (r ->> 'during')::tstzrange @> tstzrange(%s, %s, '[]')
"""
_HELD = """
SELECT r ->> 'role' FROM crm_rows_then('accounts_appointment', 'user_id', %s, %s) r
 WHERE (r ->> 'during')::tstzrange @> %s::timestamptz LIMIT 1
"""
_PERIODS = """
SELECT entry_id, use_id, state, effective_at, promotable_from, tstzrange(effective_at, next_at, '[)') AS during
  FROM (SELECT e.id AS entry_id, e.use_id, e.state, e.effective_at,
               CASE WHEN e.needs_release
                    THEN coalesce((SELECT r.promotable_from FROM products_launchrelease r
                                    WHERE r.entry_id = e.id AND r.confirmed_at <= %s), '9999-01-01 00:00:00+00')
                    ELSE e.promotable_from END AS promotable_from,
               lead(e.effective_at) OVER (PARTITION BY e.use_id ORDER BY e.effective_at) AS next_at
          FROM products_lifecycleentry e
         WHERE e.use_id = ANY(%s::uuid[]) AND e.confirmed_at <= %s AND e.voids_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM products_lifecycleentry v
                            WHERE v.voids_id = e.id AND v.confirmed_at <= %s AND v.countersigned_at <= %s)) p
"""


@dataclass(frozen=True)
class Owned:
    """Who answered for a relation during the event."""

    relation: UUID
    kol: UUID
    use: UUID
    area: UUID | None
    owner: UUID
    side: str
    since: datetime


def owners(kols: Iterable[UUID], since: datetime, until: datetime, known: datetime) -> list[Owned]:
    """Who answered to these experts from an instant until another, as it was known at a third."""
    with acting_as(system("read what was known")), connection.cursor() as cursor:
        cursor.execute(_OWNED, [[str(kol) for kol in kols], known, since, until])
        return [Owned(*row) for row in cursor.fetchall()]


def role_then(user: User, at: datetime, known: datetime) -> Role | None:
    """The role a person had at an instant, as it was known at another."""
    with acting_as(system("read what was known")), connection.cursor() as cursor:
        cursor.execute(_HELD, [[str(user.pk)], known, at])
        row = cursor.fetchone()
    return Role(row[0]) if row else None


def periods(uses: Iterable[UUID], known: datetime) -> list[Period]:
    """The lifecycle of these uses as far as it was confirmed by then, voidings included."""
    return list(Period.objects.raw(_PERIODS, [known, [str(use) for use in uses], known, known, known]))


def skills(found: Skills, by: User, at: datetime, known: datetime, uses: Iterable[UUID]) -> Skills:
    """Certificates and labels as they were known then; the rest of what was found."""
    codes = {str(pk): code for pk, code in Market.objects.values_list("pk", "code")}
    held = [row for row in _rows("accounts_certificate", "person_id", [by.pk], known) if _covers(row, at)]
    labels = (
        LabelVersion.objects.filter(use__in=list(uses), effective_at__lte=at, recorded_at__lte=known)
        .order_by("effective_at").values_list("use_id", "version")
    )  # fmt: skip
    return replace(
        found,
        certificates=tuple(
            policy.Certificate(
                kind=CertificateKind(row["kind"]), use=row["use_id"] or "", market=codes.get(row["market_id"] or "", ""),
                label=row["label"], valid_from=_instant(row["valid_from"]), valid_to=_ends(row),
            )
            for row in held
        ),
        labels=dict(labels),
    )  # fmt: skip


def _covers(row: Mapping[str, Any], at: datetime) -> bool:
    since, until = _instant(row["valid_from"]), _ends(row)
    return since is not None and since <= at and (until is None or at < until)


def _ends(row: Mapping[str, Any]) -> datetime | None:
    ends = [at for at in (_instant(row["valid_to"]), _instant(row["revoked_at"])) if at is not None]
    return min(ends) if ends else None


def wishes(
    found: Mapping[UUID, Known], kols: Sequence[KOL], at: datetime, side: Side, known: datetime
) -> dict[UUID, Known]:
    """Consents, objections and notices of these experts as they were known then."""
    keys = [kol.pk for kol in kols]
    codes = {str(pk): code for pk, code in Market.objects.values_list("pk", "code")}
    consents = _rows("kols_consent", "kol_id", keys, known)
    objections = _rows("kols_objection", "kol_id", keys, known)
    notices = _rows("kols_privacynotice", "kol_id", keys, known)
    answer = {}
    for kol, what in found.items():
        own = [row for row in objections if row["kol_id"] == str(kol) and _since(row, at)]
        ever = any(row["kol_id"] == str(kol) and row["kind"] == "CONTACT" for row in objections)
        told = [at_ for row in notices if row["kol_id"] == str(kol) and (at_ := _instant(row["given_at"]))]
        informed = at if side is Side.COMMERCIAL and told else min((t for t in told if t <= at), default=None)
        stop = {"CONTACT", "SCIENCE"} if side is Side.MEDICAL else {"CONTACT"}
        facts = {
            **what.facts,
            "consents": tuple(
                _consent(row, codes)
                for row in consents
                if row["kol_id"] == str(kol) and row["side"] == str(side)
            ),
            "objects_to_marketing": any(row["kind"] == "MARKETING" for row in own),
            # A wish that came with an import has no row of its own, and counts as known from the start.
            "do_not_contact": any(row["kind"] in stop for row in own)
            or (not ever and what.facts["do_not_contact"]),
            "informed_at": informed,
        }
        answer[kol] = replace(what, facts=facts)
    return answer


def _since(row: Mapping[str, Any], at: datetime) -> bool:
    began, lifted = _instant(row["since"]), _instant(row["lifted_at"])
    return began is not None and began <= at and (lifted is None or lifted > at)


def _consent(row: Mapping[str, Any], codes: Mapping[str, str]) -> Consent:
    return Consent(
        channel=Channel(row["channel"]), purpose=ConsentPurpose(row["purpose"]), market=codes.get(row["market_id"], ""),
        given_at=_instant(row["given_at"]), withdrawn_at=_instant(row["withdrawn_at"]),
    )  # fmt: skip


def covered(by: User, at: datetime, known: datetime) -> set[UUID]:
    """For whom this person stood in."""
    rows = _held("accounts_absencecover", "cover_id", [by.pk], known, at)
    return {UUID(row["absent_id"]) for row in rows}


def contacts(by: User, at: datetime, known: datetime) -> set[UUID]:
    """The relations in which this person was a scientific contact."""
    rows = _held("kols_scientificcontact", "msl_id", [by.pk], known, at)
    return {UUID(row["relation_id"]) for row in rows}


def practices(kols: Iterable[UUID], known: datetime) -> dict[UUID, list[UUID]]:
    """By market which of these experts practised there."""
    found: dict[UUID, list[UUID]] = {}
    for row in _rows("kols_practice", "kol_id", kols, known):
        found.setdefault(UUID(row["market_id"]), []).append(UUID(row["kol_id"]))
    return found


def engagements(
    found: Found, kols: Iterable[UUID], at: datetime, known: datetime, *, items: Iterable[UUID],
    studied: Iterable[UUID], contracted: Iterable[UUID], **_more: object,
) -> Found:  # fmt: skip
    """What was found, with the plan items, studies and signed contracts of then."""
    kols, items, study, contract = list(kols), list(items), set(studied), set(contracted)
    plan = _held("products_planitem", "id", items, known, at) if items else []
    studies = _held("kols_studyrole", "kol_id", kols, known, at) if study else []
    contracts = _held("kols_contract", "kol_id", kols, known, at) if contract else []
    return replace(
        found,
        items=tuple((UUID(row["id"]), UUID(row["use_id"]), row["reference"], row["purpose"]) for row in plan),
        studies={use: row["trial"] for row in studies if (use := UUID(row["use_id"])) in study},
        contracts={
            use: row["reference"]
            for row in contracts
            if (use := UUID(row["use_id"])) in contract
            and (signed := _instant(row["signed_at"])) is not None
            and signed <= at
        },
    )


def _held(table: str, key: str, keys: Iterable[UUID], known: datetime, at: datetime) -> list[dict[str, Any]]:
    """The rows whose period held at an instant, as it was known at another."""
    return _read(_ROWS + " WHERE (r ->> 'during')::tstzrange @> %s::timestamptz", table, key, keys, known, at)


def _rows(table: str, key: str, keys: Iterable[UUID], known: datetime) -> list[dict[str, Any]]:
    return _read(_ROWS, table, key, keys, known)


def _read(sql: str, table: str, key: str, keys: Iterable[UUID], *instants: datetime) -> list[dict[str, Any]]:
    with acting_as(system("read what was known")), connection.cursor() as cursor:
        cursor.execute(sql, [table, key, [str(one) for one in keys], *instants])
        found = [row[0] for row in cursor.fetchall()]
    rows = [json.loads(row) if isinstance(row, str) else row for row in found]
    return sorted(rows, key=lambda row: str(row["id"]))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
