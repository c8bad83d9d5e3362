"""Whether somebody may take over an expert for a use: the guards of G-REC from facts (rulebook 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .packs import BASE, packs
from .things import Certificate, CertificateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What is known, at an instant, of a person of field service and of the expert she is to take over.

    ``rules`` is the version in force in the market, empty where there is none (R-014); ``label`` the version
    of the label in force. ``former`` says that she worked for Medical in that market within the cooling-off
    (PP-06, R-124), ``conflict`` that she has declared one with this expert.
    """

    at: datetime
    market: str
    rules: str
    use: str
    product: str
    label: str = ""
    active: bool = False
    in_field: bool = False
    in_market: bool = False
    in_territory: bool = False
    certificates: tuple[Certificate, ...] = ()
    former: bool = False
    conflict: bool = False


def guards_of(person: Recipient) -> dict[str, bool]:
    """Each guard of the person as true or false.

    Training and qualification are asked for where the rules of the market demand them (R-072), as for a
    call; without rules nothing goes over, whatever else holds.
    """
    demands = packs().get((person.market, person.rules), BASE).demands
    uses = (person.use, person.product)
    trained = any(
        held.covers(CertificateKind.PRODUCT_TRAINING, person.at, person.market, uses, person.label)
        for held in person.certificates
    )
    qualified = any(
        held.covers(CertificateKind.QUALIFICATION, person.at, person.market) for held in person.certificates
    )
    return {
        "rules_in_force": bool(person.rules),
        "recipient_active": person.active,
        "recipient_in_field": person.in_field,
        "market_matches": person.in_market,
        "territory_matches": person.in_territory,
        "training_valid": trained or "product_training" not in demands,
        "qualification_valid": qualified or "qualification_field" not in demands,
        "cooling_off_over": not person.former,
        "no_conflict": not person.conflict,
    }
