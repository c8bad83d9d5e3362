"""What field service sees of an expert it takes over: the whitelist of rulebook 2.10, and nothing else
(decision 13).

The package is signed as it stands when the MSL prepares it. The rep's page, the preview and the print
all show
this dictionary through one template. Whatever is not named here does not cross.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from accounts.acting import acting_as, system
from handovers.models import Handover, RiskFlag
from kols.models import Consent, Contract, Purpose, StudyRole


def package_of(handover: Handover) -> dict[str, Any]:
    """The whitelist as plain JSON. Directory facts only; no record of Medical is read for it.

    Of consents only those for promotion cross, which field service has obtained itself (R-092). The bit
    "open medical matter" is off (decision 11).
    """
    kol, use, contact = handover.relation.kol, handover.relation.use, handover.preparer
    place = kol.main_institution
    return {
        "person": {
            "name": kol.name,
            "title": kol.title,
            "specialty": kol.specialty,
            "licence": kol.licence,
            "phone": kol.phone,
            "email": kol.email,
        },
        "place": {
            "institution": place.name if place else "",
            "street": place.street if place else "",
            "postcode": place.postcode if place else "",
            "city": place.city if place else "",
            "country": place.country if place else "",
        },
        "stated": {
            "languages": sorted(kol.languages),
            "channel": kol.preferred_channel,
            "times": kol.preferred_times,
            "markets": sorted(practice.market.code for practice in kol.practices.all()),
        },
        "consents": _consents(handover),
        "do_not_contact": kol.do_not_contact,
        "objects_to_marketing": kol.objects_to_marketing,
        "restrictions": [
            *(["PAID_SERVICES_NEED_APPROVAL"] if kol.paid_services_need_approval else []),
            *(["FORMULARY_MEMBER"] if kol.formulary_member else []),
        ],
        "medical_contact": {"name": contact.name, "email": contact.email, "phone": contact.phone},
        "use": {
            "product": use.indication.product.name,
            "indication": use.indication.name,
            "market": use.market.code,
            "market_name": use.market.name,
        },
        "predecessor": "MEDICAL",
    }


def _consents(handover: Handover) -> list[str]:
    """The channels for which field service holds a consent of its own in this market, as codes."""
    with acting_as(system("assemble a dossier")):
        standing = Consent.objects.standing().filter(
            kol=handover.relation.kol_id, purpose=Purpose.PROMOTIONAL, market=handover.relation.use.market_id
        )
        return sorted(standing.values_list("channel", flat=True))


def hash_of(package: dict[str, Any]) -> str:
    """The fingerprint a signature is bound to: SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(package)).hexdigest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def manifest_of(items: Iterable[tuple[Any, int, str]]) -> str:
    """The hash of a batch's manifest: sorted lines of (handover, version, package hash)."""
    lines = sorted([str(pk), version, package_hash] for pk, version, package_hash in items)
    return hashlib.sha256(canonical(lines)).hexdigest()


_OPEN_MATTERS = """
SELECT kind, count(*), bool_and(u.is_active)
  FROM kols_openmatter m JOIN accounts_user u ON u.id = m.person_id
 WHERE m.relation_id = %s AND m.closed_at IS NULL GROUP BY kind
"""


def open_matters(handover: Handover) -> dict[str, tuple[int, bool]]:
    """What is still open about the relation.

    Kind to (how many, has each somebody active to see to it). Medical only.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_MATTERS, [handover.relation_id])
        return {kind: (count, cared) for kind, count, cared in cursor.fetchall()}


def risk_flags(handover: Handover, at: Any) -> list[str]:
    """Medical facts that make Compliance look before approval (T-05)."""
    kol, use = handover.relation.kol, handover.relation.use_id
    flags = []
    if StudyRole.objects.filter(kol=kol, use=use, during__contains=at).exists():
        flags.append(RiskFlag.Code.INVESTIGATOR)
    if Contract.objects.filter(kol=kol, use=use, during__contains=at).exists():
        flags.append(RiskFlag.Code.CONTRACT)
    if kol.formulary_member:
        flags.append(RiskFlag.Code.FORMULARY)
    if kol.do_not_contact:
        flags.append(RiskFlag.Code.DO_NOT_CONTACT)
    if kol.objects_to_marketing:
        flags.append(RiskFlag.Code.OBJECTION)
    return [str(flag) for flag in flags]
