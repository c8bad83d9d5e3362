"""The people of the cast, and those for the roles it leaves out."""

from __future__ import annotations

from compliance.policy import Role
from tests.conftest import CAST

MORE = {
    "iris": Role.MEDICAL_INFORMATION, "karl": Role.CLINICAL_RESEARCH, "ada": Role.AUDITOR, "priya": Role.PRIVACY,
    "max": Role.MARKET_ACCESS,
}  # fmt: skip
EVERYBODY = (*CAST, *MORE)
