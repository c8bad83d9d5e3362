"""Whether somebody may take over an expert: each guard of G-REC from its fact (rulebook 3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import Certificate, CertificateKind
from compliance.policy.eligibility import Recipient, guards_of
from compliance.policy.handover import GUARDS

from .acts import DAY, NOON

TRAINED = Certificate(CertificateKind.PRODUCT_TRAINING, "novastat", "DE", "7", NOON - DAY, NOON + DAY)
QUALIFIED = Certificate(CertificateKind.QUALIFICATION, "", "DE", "", NOON - DAY, NOON + DAY)
FELIX = Recipient(
    at=NOON,
    market="DE",
    rules="2026.2",
    use="novastat",
    product="nova",
    label="7",
    active=True,
    in_field=True,
    in_market=True,
    in_territory=True,
    certificates=(TRAINED, QUALIFIED),
)
ALL = {
    *("rules_in_force", "recipient_active", "recipient_in_field", "market_matches", "territory_matches"),
    *("training_valid", "qualification_valid", "cooling_off_over", "no_conflict"),
}


def failed(**facts: Any) -> set[str]:
    guards = guards_of(replace(FELIX, **facts))
    assert set(guards) == ALL
    assert all(type(passed) is bool for passed in guards.values())
    return {name for name, passed in guards.items() if not passed}


def test_each_guard_is_one_of_the_handover() -> None:
    assert set(GUARDS) >= ALL
    assert failed() == set()


@pytest.mark.parametrize(
    ("facts", "guards"),
    [
        ({"active": False}, {"recipient_active"}),
        ({"in_field": False}, {"recipient_in_field"}),
        ({"in_market": False}, {"market_matches"}),
        ({"in_territory": False}, {"territory_matches"}),
        ({"former": True}, {"cooling_off_over"}),
        ({"conflict": True}, {"no_conflict"}),
        ({"certificates": (QUALIFIED,)}, {"training_valid"}),
        ({"certificates": (TRAINED,)}, {"qualification_valid"}),
        ({"certificates": (TRAINED, replace(QUALIFIED, market="US"))}, {"qualification_valid"}),
        ({"certificates": (TRAINED, replace(QUALIFIED, valid_to=NOON))}, {"qualification_valid"}),
        ({"certificates": (replace(TRAINED, use="cardelin"), QUALIFIED)}, {"training_valid"}),
        ({"certificates": (replace(TRAINED, use="nova"), QUALIFIED)}, set()),
        ({"certificates": (replace(TRAINED, use=""), QUALIFIED)}, set()),
        ({"certificates": (replace(TRAINED, label="6"), QUALIFIED)}, {"training_valid"}),
        ({"certificates": (replace(TRAINED, market="US"), QUALIFIED)}, {"training_valid"}),
        ({"certificates": (replace(TRAINED, valid_from=NOON + DAY), QUALIFIED)}, {"training_valid"}),
        ({"certificates": (), "rules": "2026.1"}, set()),
        ({"certificates": (), "rules": ""}, {"rules_in_force"}),
        ({"certificates": (), "market": "CH"}, {"training_valid"}),
        ({"certificates": ()}, {"training_valid", "qualification_valid"}),
    ],
)
def test_a_guard_fails_for_its_own_reason_alone(facts: dict[str, Any], guards: set[str]) -> None:
    assert failed(**facts) == guards


def test_of_somebody_of_whom_nothing_is_known_nothing_is_granted() -> None:
    unknown = Recipient(at=NOON, market="DE", rules="2026.2", use="novastat", product="nova")

    assert {name for name, passed in guards_of(unknown).items() if passed} == {
        *("rules_in_force", "cooling_off_over", "no_conflict"),
    }


def test_where_no_label_is_in_force_whatever_she_was_trained_on_serves() -> None:
    known = {
        name: getattr(FELIX, name) for name in ("at", "market", "rules", "use", "product", "certificates")
    }

    assert guards_of(Recipient(**known))["training_valid"]


@pytest.mark.parametrize(
    ("certificate", "label", "holds"),
    [
        (TRAINED, "", True),
        (replace(TRAINED, label=""), "", True),
        (replace(TRAINED, label=""), "7", False),
        (replace(TRAINED, valid_from=NOON), "7", True),
        (replace(TRAINED, valid_to=NOON), "7", False),
        (replace(TRAINED, valid_to=None), "7", True),
        (replace(TRAINED, valid_from=None), "7", False),
        (replace(TRAINED, market=""), "7", True),
        (replace(TRAINED, use="cardelin"), "7", False),
    ],
)
def test_a_certificate_covers_what_it_says(certificate: Certificate, label: str, holds: bool) -> None:
    training = CertificateKind.PRODUCT_TRAINING

    assert certificate.covers(training, NOON, "DE", ("novastat", "nova"), label) is holds
    assert not certificate.covers(CertificateKind.QUALIFICATION, NOON, "DE")


def test_where_no_use_is_asked_for_any_will_do() -> None:
    other = replace(TRAINED, use="cardelin", label="3")

    assert other.covers(CertificateKind.PRODUCT_TRAINING, NOON, "DE", (), "7") is True
    assert other.covers(CertificateKind.PRODUCT_TRAINING, NOON, "DE") is True
    assert replace(other, use="nova", label="7").covers(other.kind, NOON, "DE", ("nova",)) is True
