"""Who may do what to the system itself. A deed that is not in the table is refused for everybody.

What somebody may do *with a KOL* is ``decide``; whether a row may be seen at all is ``visible_to``.
"""

from __future__ import annotations

from types import MappingProxyType

from .facts import Decision
from .rulings import decision, denied, fine, unknown
from .words import Deed, Role

EVERYBODY = frozenset(Role)
OVERSIGHT = frozenset({Role.COMPLIANCE, Role.AUDITOR, Role.PRIVACY})
MSL = frozenset({Role.MSL, Role.MSL_LEAD})
MEDICAL = MSL | {Role.MEDICAL_INFORMATION, Role.CLINICAL_RESEARCH}
FIELD = frozenset({Role.FIELD_SERVICE, Role.FIELD_LEAD})
IN_CONTACT = MEDICAL | FIELD | {Role.PRODUCT_MANAGER, Role.MARKET_ACCESS, Role.SAFETY}

# System work (timers, queries) acts under this word. It confirms, accepts and approves nothing.
SYSTEM = "SYSTEM"

DEEDS: MappingProxyType[Deed, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        Deed.PROPOSE_ENTRY: ("R-007", frozenset({Role.REGULATORY})),
        Deed.CONFIRM_ENTRY: ("R-007", frozenset({Role.REGULATORY})),
        Deed.PROPOSE_RELEASE: ("R-010", frozenset({Role.REGULATORY})),
        Deed.CONFIRM_RELEASE: ("R-010", frozenset({Role.COMPLIANCE})),
        Deed.VOID_ENTRY: ("R-012", frozenset({Role.REGULATORY})),
        Deed.COUNTERSIGN_VOID: ("R-012", frozenset({Role.COMPLIANCE})),
        Deed.REGISTER_PRODUCT: ("R-007", frozenset({Role.REGULATORY})),
        Deed.ADOPT_RECORD: ("R-007", frozenset({Role.REGULATORY})),
        Deed.IMPORT_AUTHORISATIONS: ("R-007", frozenset({Role.REGULATORY})),
        Deed.IMPORT_KOLS: ("R-163", MSL),
        Deed.REGISTER_KOL: ("R-102", MEDICAL),
        Deed.EDIT_KOL: ("R-102", MEDICAL),
        Deed.MERGE_KOLS: ("R-123", frozenset({Role.MSL_LEAD})),
        Deed.EDIT_SCIENCE: ("R-100", MSL),
        Deed.KEEP_CONSENT: ("R-090", MEDICAL | FIELD),
        Deed.OPEN_RELATION: ("R-115", MSL),
        Deed.END_RELATION: ("R-115", MSL),
        Deed.ASSIGN_OWNER: ("R-116", frozenset({SYSTEM, Role.MSL_LEAD})),
        Deed.REASSIGN_FIELD: ("T-18", frozenset({Role.FIELD_LEAD})),
        Deed.LOG_INTERACTION: ("R-140", IN_CONTACT),
        Deed.PLAN_INTERACTION: ("R-140", IN_CONTACT),
        Deed.SIGN_OWN: ("R-141", IN_CONTACT),
        Deed.CLOSE_LEFT_DRAFT: ("R-117", frozenset({Role.MSL_LEAD, Role.FIELD_LEAD})),
        Deed.APPROVE_AMENDMENT: ("R-143", frozenset({Role.MSL_LEAD, Role.FIELD_LEAD, Role.COMPLIANCE})),
        Deed.VOID_INTERACTION: ("R-144", IN_CONTACT),
        Deed.REPORT_DEVIATION: ("R-015", EVERYBODY - {Role.AUDITOR}),
        Deed.ASSESS_DEVIATION: ("R-152", frozenset({Role.COMPLIANCE})),
        Deed.REPORT_ADVERSE_EVENT: ("R-036", EVERYBODY),
        Deed.READ_SAFETY_REPORT: ("R-106", frozenset({Role.SAFETY})),
        Deed.ACKNOWLEDGE_SAFETY_REPORT: ("R-131", frozenset({Role.SAFETY})),
        Deed.SET_SAFETY_DESK: ("R-130", frozenset({Role.SAFETY, Role.ADMIN})),
        Deed.RECONCILE_SAFETY: ("R-131", frozenset({Role.SAFETY})),
        Deed.OPEN_HANDOVERS: ("T-01", frozenset({SYSTEM, Role.MSL_LEAD})),
        Deed.PREPARE_HANDOVER: ("T-02", MSL),
        Deed.ASSIGN_HANDOVER: ("T-03", frozenset({Role.FIELD_LEAD})),
        Deed.ACCEPT_HANDOVER: ("T-04", FIELD),
        Deed.DECLINE_HANDOVER: ("T-08", FIELD),
        Deed.APPROVE_HANDOVER: ("T-05", frozenset({Role.MSL_LEAD})),
        Deed.RELEASE_CAMPAIGN: ("T-05", frozenset({Role.MSL_LEAD})),
        Deed.EXEMPT_HANDOVER: ("T-10", frozenset({Role.MSL_LEAD})),
        Deed.APPROVE_EXEMPTION: ("T-10", frozenset({Role.COMPLIANCE})),
        Deed.DECLARE_NO_FIELD: ("T-11", frozenset({Role.FIELD_LEAD})),
        Deed.CONFIRM_NO_FIELD: ("T-11", frozenset({Role.MSL_LEAD})),
        Deed.ORDER_REVERSAL: ("T-16", frozenset({Role.COMPLIANCE})),
        Deed.HOLD_HANDOVER: ("T-13", frozenset({Role.COMPLIANCE})),
        Deed.GRANT_APPOINTMENT: ("R-140", frozenset({Role.ADMIN})),
        Deed.APPOINT_CUSTODIAN: ("R-116", frozenset({Role.ADMIN})),
        Deed.MANAGE_TERRITORIES: ("R-140", frozenset({Role.ADMIN})),
        Deed.MANAGE_MARKETS: ("R-160", frozenset({Role.ADMIN})),
        Deed.ARRANGE_COVER: ("R-049", frozenset({Role.MSL_LEAD, Role.FIELD_LEAD})),
        Deed.SET_SIGN_IN_RULES: ("R-140", frozenset({Role.ADMIN})),
        Deed.ASK_FACTOR_RESET: ("R-140", frozenset({Role.ADMIN})),
        # Another than who asked.
        Deed.DECIDE_FACTOR_RESET: ("R-140", frozenset({Role.ADMIN, Role.COMPLIANCE})),
        Deed.REVIEW_RIGHTS: ("R-161", frozenset({Role.ADMIN, Role.COMPLIANCE})),
        Deed.ASK_BREAK_GLASS: ("R-107", frozenset({Role.ADMIN})),
        Deed.DECIDE_BREAK_GLASS: ("R-107", frozenset({Role.COMPLIANCE})),
        Deed.RECORD_OUTAGE: ("R-164", frozenset({Role.ADMIN, Role.COMPLIANCE})),
        Deed.PROPOSE_PACK: ("R-160", frozenset({Role.COMPLIANCE})),
        # Another than who proposed it; an auditor only reads.
        Deed.APPROVE_PACK: ("R-160", frozenset({Role.COMPLIANCE, Role.PRIVACY, Role.REGULATORY})),
        Deed.APPROVE_PLAN_ITEM: ("R-020", frozenset({Role.MSL_LEAD})),
        Deed.REGISTER_MATERIAL: (
            "R-080",
            frozenset({Role.MSL_LEAD, Role.MEDICAL_INFORMATION, Role.PRODUCT_MANAGER, Role.REGULATORY}),
        ),
        Deed.APPROVE_MATERIAL: ("R-080", frozenset({Role.COMPLIANCE, Role.REGULATORY})),
        Deed.RECALL_MATERIAL: ("R-084", frozenset({Role.COMPLIANCE, Role.REGULATORY})),
        Deed.ENTER_LABEL: ("R-083", frozenset({Role.REGULATORY})),
        Deed.RECORD_CERTIFICATE: ("R-072", frozenset({Role.MSL_LEAD, Role.FIELD_LEAD, Role.COMPLIANCE})),
        Deed.PRECLEAR: ("R-004", frozenset({Role.COMPLIANCE})),
        Deed.ASK_ACCOUNT: ("R-048", FIELD),
        Deed.ANSWER_ACCOUNT: ("R-048", frozenset({Role.MSL_LEAD})),
        Deed.READ_TRAIL: ("R-107", OVERSIGHT),
        Deed.EXPORT_TRAIL: ("R-107", frozenset({Role.COMPLIANCE, Role.AUDITOR})),
        Deed.VERIFY_TRAIL: ("R-107", OVERSIGHT),
        Deed.DRAW_SAMPLE: ("R-152", frozenset({Role.COMPLIANCE})),
        Deed.EXPORT_OWN_LIST: ("R-162", IN_CONTACT),
        Deed.RELEASE_INSIGHT: ("R-108", frozenset({Role.MSL_LEAD})),
        Deed.ANSWER_DATA_REQUEST: ("R-096", frozenset({Role.PRIVACY})),
        Deed.ERASE_PERSON: ("R-097", frozenset({Role.PRIVACY})),
        Deed.READ_MEDICAL_FIGURES: ("R-074", MSL | {Role.COMPLIANCE, Role.AUDITOR}),
        Deed.READ_FIELD_FIGURES: ("R-074", FIELD | {Role.COMPLIANCE, Role.AUDITOR}),
    }
)


def may(role: Role | str, deed: Deed | str) -> Decision:
    """Whether a role may do an administrative deed. ``SYSTEM`` is the role of work that started itself.

    An unknown deed or role is refused. That two different people sign is the action's to check, with
    ``handover.judge`` or its own constraint.
    """
    try:
        rule, roles = DEEDS[Deed(deed)]
    except (ValueError, KeyError):
        return decision(unknown("unknown_deed", deed=str(deed)))
    if role in roles:
        return decision(fine(rule))
    return decision(denied(rule, "deed_not_yours", deed=str(deed), role=str(role)))
