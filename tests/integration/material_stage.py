"""The stage of the materials: anybody's deck, leaflet or letter, approved if somebody is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.acting import acting_as
from compliance.policy import Activity, Audience, MaterialPurpose, Role
from products.material_actions import approve_material, register_material

ROLES = {
    MaterialPurpose.PROMOTIONAL: [Role.FIELD_SERVICE, Role.FIELD_LEAD],
    MaterialPurpose.SCIENTIFIC: [Role.MSL, Role.MSL_LEAD],
    MaterialPurpose.SIUU: [Role.MSL],
    MaterialPurpose.INTERNAL: [Role.MSL, Role.FIELD_SERVICE],
    MaterialPurpose.SAFETY: [Role.MSL, Role.FIELD_SERVICE],
}


@pytest.fixture
def deck(company, novastat_hf):
    """Register a material for Novastat in Germany, and have it approved a minute later."""

    def deck(purpose, *, by, approved_by=None, at=None, **facts):
        at = at or datetime.now(UTC) - timedelta(days=1)
        arguments = {
            "number": f"MAT-{purpose}", "name": f"Novastat {purpose.lower()}", "version": "1", "kept_at": "Vault 1",
            "valid_from": at, "markets": [company.germany], "uses": [novastat_hf], "languages": ["de"],
            "audiences": [Audience.PROFESSIONAL], "roles": ROLES[purpose],
            "activities": [
                Activity.SCIENTIFIC_EXCHANGE, Activity.PRODUCT_CALL, Activity.SCIENTIFIC_LECTURE,
                Activity.INQUIRY_ANSWER,
            ],
            **facts,
        }  # fmt: skip
        with acting_as(by, at=at):
            version = register_material(purpose=purpose, by=by, **arguments)
        if approved_by is not None:
            with acting_as(approved_by, at=at + timedelta(minutes=1)):
                version = approve_material(version, approval="MLR-7", by=approved_by)
        return version

    return deck
