"""The facts of later rule families: normalised when made, lossless to and from JSON, silent where unstated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from compliance.policy import (
    Act,
    Activity,
    Audience,
    Basis,
    Certificate,
    CertificateKind,
    Channel,
    Consent,
    ConsentPurpose,
    MarketZone,
    Material,
    MaterialPurpose,
    MaterialStatus,
    MaterialUse,
    Role,
    Sample,
    Side,
    Value,
    ValueCategory,
    Zone,
)

from .acts import KELLER, NOON, novastat, visit

DAY = timedelta(days=1)
LATER = {
    *("pack_versions", "certificates", "former", "materials", "values", "samples", "introduction"),
    *("answering", "manager_reason", "moved_from", "moved_across", "change_reason", "other_side_that_day"),
}
MATERIAL = Material(
    ref="m-1",
    name="Slides",
    version="3",
    purpose=MaterialPurpose.SCIENTIFIC,
    status=MaterialStatus.APPROVED,
    valid_from=NOON - DAY,
    valid_to=NOON + DAY,
    recalled_at=NOON + DAY,
    quarantined_at=NOON + DAY,
    uses=(MaterialUse("novastat", (MarketZone("DE", Zone.OPEN, Zone.CLOSED),)),),
    markets=("DE",),
    languages=("de",),
    audiences=(Audience.PROFESSIONAL,),
    roles=(Role.MSL,),
    activities=(Activity.SCIENTIFIC_EXCHANGE,),
)
FULL = visit(
    novastat(
        Zone.OPEN,
        product="nova",
        label="7",
        asked_at=NOON,
        prompted=False,
        approved_preclear=True,
        basis_before=Basis.PROACTIVE,
        submitted=True,
        expected_at=NOON + DAY,
        first_call_from=NOON,
    ),
    pack_versions=(("DE", "2026.1"),),
    certificates=(Certificate(CertificateKind.QUALIFICATION, "", "DE", "7", NOON - DAY, NOON + DAY),),
    former=("novastat",),
    materials=(MATERIAL,),
    values=(Value(ValueCategory.MEAL, "48.00", "EUR", "DE", "keller", True, Side.COMMERCIAL, True),),
    samples=(Sample("novastat", "keller", NOON, True, "L1", NOON + DAY, 2, 0, False),),
    introduction=True,
    answering=True,
    manager_reason=True,
    moved_from=NOON - DAY,
    moved_across=False,
    change_reason=True,
    other_side_that_day=True,
    people=(
        replace(
            KELLER,
            consents=(Consent(Channel.EMAIL, ConsentPurpose.SCIENTIFIC, "DE", NOON - DAY, NOON),),
            objects_to_marketing=False,
            do_not_contact=False,
            informed_at=NOON,
            known_since=NOON - DAY,
            prescriber=True,
            calls_this_year=2,
        ),
    ),
)


def test_every_fact_comes_back_from_json_as_it_was() -> None:
    assert Act.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_nobody_looked_and_nothing_was_found_are_two_things() -> None:
    for certificates in (None, ()):
        assert Act.from_json(replace(FULL, certificates=certificates).to_json()).certificates == certificates


def test_what_is_not_stated_is_not_written_so_that_older_receipts_keep_their_text() -> None:
    written = visit(novastat(Zone.OPEN)).to_json()
    assert not LATER & set(written)
    assert set(written["topics"][0]) == {
        *("ref", "name", "subject", "zones", "basis", "standing", "documents", "sibling_open"),
    }
    assert set(written["people"][0]) == {"ref", "audience", "markets", "side"}
    assert set(FULL.to_json()) >= LATER


def test_a_word_of_a_later_day_is_kept_as_it_is() -> None:
    read = Certificate.from_json({"kind": "PILOT"})
    assert (read.kind, read.valid_to) == ("PILOT", None)
    assert Material.from_json({"ref": "x", "roles": ["MSL", "PILOT"]}).roles == (Role.MSL, "PILOT")
