"""Who may do what to the system itself."""

from __future__ import annotations

import pytest

from compliance.policy import DecisionKind, Deed, Role, Side, may, side_of
from compliance.policy.deeds import DEEDS

ALONE = {
    Deed.PROPOSE_ENTRY: {Role.REGULATORY},
    Deed.CONFIRM_ENTRY: {Role.REGULATORY},
    Deed.PROPOSE_RELEASE: {Role.REGULATORY},
    Deed.CONFIRM_RELEASE: {Role.COMPLIANCE},
    Deed.VOID_ENTRY: {Role.REGULATORY},
    Deed.COUNTERSIGN_VOID: {Role.COMPLIANCE},
    Deed.IMPORT_AUTHORISATIONS: {Role.REGULATORY},
    Deed.ASSIGN_OWNER: {Role.MSL_LEAD},
    Deed.REASSIGN_FIELD: {Role.FIELD_LEAD},
    Deed.RELEASE_CAMPAIGN: {Role.MSL_LEAD},
    Deed.ASSIGN_HANDOVER: {Role.FIELD_LEAD},
    Deed.ASSESS_DEVIATION: {Role.COMPLIANCE},
    Deed.GRANT_APPOINTMENT: {Role.ADMIN},
    Deed.ARRANGE_COVER: {Role.MSL_LEAD, Role.FIELD_LEAD},
    Deed.SET_SIGN_IN_RULES: {Role.ADMIN},
    Deed.ASK_FACTOR_RESET: {Role.ADMIN},
    Deed.DECIDE_FACTOR_RESET: {Role.ADMIN, Role.COMPLIANCE},
    Deed.REVIEW_RIGHTS: {Role.ADMIN, Role.COMPLIANCE},
    Deed.ASK_BREAK_GLASS: {Role.ADMIN},
    Deed.DECIDE_BREAK_GLASS: {Role.COMPLIANCE},
    Deed.RECORD_OUTAGE: {Role.ADMIN, Role.COMPLIANCE},
    Deed.APPROVE_MATERIAL: {Role.COMPLIANCE, Role.REGULATORY},
    Deed.RECALL_MATERIAL: {Role.COMPLIANCE, Role.REGULATORY},
    Deed.ENTER_LABEL: {Role.REGULATORY},
    Deed.APPROVE_PLAN_ITEM: {Role.MSL_LEAD},
    Deed.RECORD_CERTIFICATE: {Role.MSL_LEAD, Role.FIELD_LEAD, Role.COMPLIANCE},
    Deed.CLOSE_LEFT_DRAFT: {Role.MSL_LEAD, Role.FIELD_LEAD},
    Deed.READ_TRAIL: {Role.COMPLIANCE, Role.AUDITOR, Role.PRIVACY},
    Deed.ERASE_PERSON: {Role.PRIVACY},
    Deed.READ_SAFETY_REPORT: {Role.SAFETY},
    Deed.REPORT_ADVERSE_EVENT: set(Role),
}


@pytest.mark.parametrize("deed", ALONE)
def test_a_deed_is_for_its_roles_alone(deed: Deed) -> None:
    assert {role for role in Role if may(role, deed).allowed} == ALONE[deed]


def test_every_deed_names_its_people_and_its_rule() -> None:
    assert set(DEEDS) == set(Deed)
    assert all(roles and rule for rule, roles in DEEDS.values())


@pytest.mark.parametrize("role", [*Role, "SYSTEM"])
def test_an_unknown_deed_is_refused_for_everybody(role: str) -> None:
    decision = may(role, "reset_everything")

    assert (decision.kind, decision.rules) == (DecisionKind.REFUSED, ("R-015",))


@pytest.mark.parametrize("deed", Deed)
def test_an_unknown_role_may_do_nothing(deed: Deed) -> None:
    assert not may("", deed).allowed
    assert not may("OWNER", deed).allowed


def test_the_system_only_opens_handovers_and_leaves_no_relation_without_an_owner() -> None:
    assert {deed for deed in Deed if may("SYSTEM", deed).allowed} == {Deed.OPEN_HANDOVERS, Deed.ASSIGN_OWNER}


def test_the_commercial_side_creates_no_kols_and_reads_no_medical_figures() -> None:
    commercial = [role for role in Role if side_of(role) is Side.COMMERCIAL]
    medical = (Deed.REGISTER_KOL, Deed.IMPORT_KOLS, Deed.EDIT_SCIENCE, Deed.READ_MEDICAL_FIGURES)

    assert not any(may(role, deed).allowed for role in commercial for deed in medical)
    assert not may(Role.MSL_LEAD, Deed.READ_FIELD_FIGURES).allowed


def test_a_technical_administrator_has_no_business_content() -> None:
    assert {deed for deed in Deed if may(Role.ADMIN, deed).allowed} == {
        *(Deed.GRANT_APPOINTMENT, Deed.APPOINT_CUSTODIAN, Deed.MANAGE_TERRITORIES, Deed.MANAGE_MARKETS),
        *(Deed.SET_SIGN_IN_RULES, Deed.ASK_FACTOR_RESET, Deed.DECIDE_FACTOR_RESET, Deed.REVIEW_RIGHTS),
        *(Deed.ASK_BREAK_GLASS, Deed.RECORD_OUTAGE),
        *(Deed.REPORT_ADVERSE_EVENT, Deed.REPORT_DEVIATION, Deed.SET_SAFETY_DESK),
    }


def test_an_auditor_only_reads() -> None:
    assert {deed for deed in Deed if may(Role.AUDITOR, deed).allowed} == {
        *(Deed.READ_TRAIL, Deed.EXPORT_TRAIL, Deed.VERIFY_TRAIL),
        *(Deed.READ_MEDICAL_FIGURES, Deed.READ_FIELD_FIGURES, Deed.REPORT_ADVERSE_EVENT),
    }


def test_nobody_has_a_side_by_default() -> None:
    assert {role.value: side_of(role).value for role in Role} == {
        "MSL": "MEDICAL",
        "MSL_LEAD": "MEDICAL",
        "MEDICAL_INFORMATION": "MEDICAL",
        "CLINICAL_RESEARCH": "MEDICAL",
        "FIELD_SERVICE": "COMMERCIAL",
        "FIELD_LEAD": "COMMERCIAL",
        "PRODUCT_MANAGER": "COMMERCIAL",
        "SAFETY": "SAFETY",
        "COMPLIANCE": "OVERSIGHT",
        "AUDITOR": "OVERSIGHT",
        "PRIVACY": "OVERSIGHT",
        "REGULATORY": "NEUTRAL",
        "MARKET_ACCESS": "NEUTRAL",
        "ADMIN": "NEUTRAL",
    }
    with pytest.raises(ValueError, match="OWNER"):
        side_of("OWNER")
