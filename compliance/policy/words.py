"""The words of the boundary: every enumeration the policy knows.

Plain Python. Values are stable: they are stored in receipts and replayed years later, so a value is
never renamed, only added. Each enumeration serves as Django choices by way of ``choices``.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from .contact_words import Activity as Activity
from .contact_words import Channel as Channel
from .contact_words import Kind as Kind


class Role(StrEnum):
    """What a person does in the company at an instant (decision 8). Exactly one at a time."""

    MSL = "MSL"
    MSL_LEAD = "MSL_LEAD"
    MEDICAL_INFORMATION = "MEDICAL_INFORMATION"
    CLINICAL_RESEARCH = "CLINICAL_RESEARCH"
    FIELD_SERVICE = "FIELD_SERVICE"
    FIELD_LEAD = "FIELD_LEAD"
    PRODUCT_MANAGER = "PRODUCT_MANAGER"
    SAFETY = "SAFETY"
    COMPLIANCE = "COMPLIANCE"
    AUDITOR = "AUDITOR"
    PRIVACY = "PRIVACY"
    REGULATORY = "REGULATORY"
    MARKET_ACCESS = "MARKET_ACCESS"
    ADMIN = "ADMIN"


class Side(StrEnum):
    """Which side of the wall a role stands on."""

    MEDICAL = "MEDICAL"
    COMMERCIAL = "COMMERCIAL"
    SAFETY = "SAFETY"
    OVERSIGHT = "OVERSIGHT"
    NEUTRAL = "NEUTRAL"


SIDES: dict[Role, Side] = {
    Role.MSL: Side.MEDICAL,
    Role.MSL_LEAD: Side.MEDICAL,
    Role.MEDICAL_INFORMATION: Side.MEDICAL,
    Role.CLINICAL_RESEARCH: Side.MEDICAL,
    Role.FIELD_SERVICE: Side.COMMERCIAL,
    Role.FIELD_LEAD: Side.COMMERCIAL,
    Role.PRODUCT_MANAGER: Side.COMMERCIAL,
    Role.SAFETY: Side.SAFETY,
    Role.COMPLIANCE: Side.OVERSIGHT,
    Role.AUDITOR: Side.OVERSIGHT,
    Role.PRIVACY: Side.OVERSIGHT,
    Role.REGULATORY: Side.NEUTRAL,
    Role.MARKET_ACCESS: Side.NEUTRAL,
    Role.ADMIN: Side.NEUTRAL,
}


def side_of(role: Role | str) -> Side:
    """The side a role stands on. ``ValueError`` for a role nobody has defined: there is no default side."""
    return SIDES[Role(role)]


class State(StrEnum):
    """Lifecycle state of one use (rulebook 2.1)."""

    PRECLINICAL = "PRECLINICAL"
    CLINICAL = "CLINICAL"
    SUBMITTED = "SUBMITTED"
    REFUSED = "REFUSED"
    APPL_WITHDRAWN = "APPL_WITHDRAWN"
    AUTHORISED = "AUTHORISED"
    CONDITIONAL = "CONDITIONAL"
    EMERGENCY = "EMERGENCY"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"


class Zone(StrEnum):
    """What a lifecycle state permits at an instant. Derived, never stored.

    ``UNLISTED`` is a product without a use in that market and label scope (R-001); ``NONE`` a topic
    without a product.
    """

    PRE = "PRE"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    UNLISTED = "UNLISTED"
    NONE = "NONE"


class Subject(StrEnum):
    """What a topic is about (decision 4)."""

    USE = "USE"
    UNLISTED = "UNLISTED"
    DISEASE = "DISEASE"
    ADMIN = "ADMIN"


class Basis(StrEnum):
    """How a topic came up: the answer to the boundary panel. Nothing is preselected."""

    PROACTIVE = "PROACTIVE"
    UNSOLICITED_REQUEST = "UNSOLICITED_REQUEST"
    STUDY_SUPPORT = "STUDY_SUPPORT"
    CONTRACTED_BOARD = "CONTRACTED_BOARD"


class Standing(StrEnum):
    """Column of the matrix within a zone: how it came up (PRE, UNLISTED) or who answers to the KOL (OPEN).

    A topic carries one of the last three; the first two are read off its basis.
    """

    PROACTIVE = "PROACTIVE"
    REACTIVE = "REACTIVE"
    OWNER = "OWNER"
    SCIENTIFIC_CONTACT = "SCIENTIFIC_CONTACT"
    NON_OWNER = "NON_OWNER"


class Document(StrEnum):
    """Proof an act may need (rulebook 2.1). ``ROSTER`` is the on-duty roster of R-028."""

    PURPOSE = "PURPOSE"
    PLAN = "PLAN"
    STATUS = "STATUS"
    REQ = "REQ"
    RESP = "RESP"
    MAT = "MAT"
    CONTRACT = "CONTRACT"
    NEED = "NEED"
    ATT = "ATT"
    TRIAL = "TRIAL"
    PAYER = "PAYER"
    SIUU = "SIUU"
    SMPC = "SMPC"
    PRECLEAR = "PRECLEAR"
    LATE = "LATE"
    ROSTER = "ROSTER"
    MANAGER = "MANAGER"
    CHANGE = "CHANGE"
    WORDS = "WORDS"


class Intent(StrEnum):
    """Planned, or already took place. Decides what *not allowed* means: refused, or a deviation."""

    PLAN = "PLAN"
    RECORD = "RECORD"


class Audience(StrEnum):
    """What a person at the table is, for the purpose of the boundary."""

    PROFESSIONAL = "PROFESSIONAL"
    PAYER = "PAYER"
    INVESTIGATOR = "INVESTIGATOR"
    PUBLIC = "PUBLIC"
    PATIENT = "PATIENT"
    INTERNAL = "INTERNAL"


class Outcome(IntEnum):
    """The three values of the matrix, ordered by strictness: the strictest of several is their ``max``."""

    ALLOWED = 0
    WITH_DOCUMENTS = 1
    NOT_ALLOWED = 2


class DecisionKind(StrEnum):
    """What a decision means for the person who asked.

    ``ALLOWED``: go on. ``INCOMPLETE``: keep the draft, it lists what is missing. ``REFUSED``: do not.
    ``DEVIATION``: it happened although it must not; record it as a deviation.
    """

    ALLOWED = "allowed"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    DEVIATION = "deviation"


class Duty(StrEnum):
    """What an allowed act brings with it. A duty never changes the permission."""

    LINE_APPROVAL = "LINE_APPROVAL"
    SAMPLED = "SAMPLED"
    COMPLIANCE_APPROVAL = "COMPLIANCE_APPROVAL"
    FINDING = "FINDING"
    INFORM = "INFORM"
    LINKED_RECORDS = "LINKED_RECORDS"
    TELL_MEDICAL = "TELL_MEDICAL"


class HandoverState(StrEnum):
    """Where one attempt to move one relation stands (rulebook 3.2). *Not due* is no row at all."""

    DUE = "DUE"
    PREPARED = "PREPARED"
    ASSIGNED = "ASSIGNED"
    ACCEPTED = "ACCEPTED"
    APPROVED = "APPROVED"
    EFFECTIVE = "EFFECTIVE"
    CLOSED = "CLOSED"
    EXEMPT = "EXEMPT"
    NO_FIELD = "NO_FIELD"
    FROZEN = "FROZEN"
    CANCELLED = "CANCELLED"
    REVERSED = "REVERSED"


class Column(StrEnum):
    """Column of the handover board (decision 27)."""

    TO_PREPARE = "TO_PREPARE"
    WAITING = "WAITING"
    DECLINED = "DECLINED"
    WITH_FIELD_SERVICE = "WITH_FIELD_SERVICE"
    SET_ASIDE = "SET_ASIDE"


class DeclineReason(StrEnum):
    """Why a recipient declines. A code, never free text (decision 28)."""

    WRONG_TERRITORY = "WRONG_TERRITORY"
    CAPACITY = "CAPACITY"
    CONFLICT = "CONFLICT"
    NOT_TRAINED = "NOT_TRAINED"
    ABSENT = "ABSENT"
    STAY_WITH_MEDICAL = "STAY_WITH_MEDICAL"


class ExemptReason(StrEnum):
    """Why a relation stays with Medical (T-10)."""

    ACTIVE_INVESTIGATOR = "ACTIVE_INVESTIGATOR"
    OBJECTION_TO_MARKETING = "OBJECTION_TO_MARKETING"
    ONLY_OFF_LABEL_INTEREST = "ONLY_OFF_LABEL_INTEREST"
    PUBLIC_OFFICE_CONFLICT = "PUBLIC_OFFICE_CONFLICT"
    OTHER = "OTHER"


class Deed(StrEnum):
    """An administrative act: something done to the system rather than with a KOL."""

    PROPOSE_ENTRY = "propose_entry"
    CONFIRM_ENTRY = "confirm_entry"
    PROPOSE_RELEASE = "propose_release"
    CONFIRM_RELEASE = "confirm_release"
    VOID_ENTRY = "void_entry"
    COUNTERSIGN_VOID = "countersign_void"
    REGISTER_PRODUCT = "register_product"
    ADOPT_RECORD = "adopt_record"
    IMPORT_AUTHORISATIONS = "import_authorisations"
    IMPORT_KOLS = "import_kols"
    REGISTER_KOL = "register_kol"
    EDIT_KOL = "edit_kol"
    MERGE_KOLS = "merge_kols"
    EDIT_SCIENCE = "edit_science"
    KEEP_CONSENT = "keep_consent"
    OPEN_RELATION = "open_relation"
    END_RELATION = "end_relation"
    ASSIGN_OWNER = "assign_owner"
    REASSIGN_FIELD = "reassign_field"
    LOG_INTERACTION = "log_interaction"
    PLAN_INTERACTION = "plan_interaction"
    SIGN_OWN = "sign_own"
    CLOSE_LEFT_DRAFT = "close_left_draft"
    APPROVE_AMENDMENT = "approve_amendment"
    VOID_INTERACTION = "void_interaction"
    REPORT_DEVIATION = "report_deviation"
    ASSESS_DEVIATION = "assess_deviation"
    REPORT_ADVERSE_EVENT = "report_adverse_event"
    READ_SAFETY_REPORT = "read_safety_report"
    ACKNOWLEDGE_SAFETY_REPORT = "acknowledge_safety_report"
    SET_SAFETY_DESK = "set_safety_desk"
    RECONCILE_SAFETY = "reconcile_safety"
    OPEN_HANDOVERS = "open_handovers"
    PREPARE_HANDOVER = "prepare_handover"
    ASSIGN_HANDOVER = "assign_handover"
    ACCEPT_HANDOVER = "accept_handover"
    DECLINE_HANDOVER = "decline_handover"
    APPROVE_HANDOVER = "approve_handover"
    RELEASE_CAMPAIGN = "release_campaign"
    EXEMPT_HANDOVER = "exempt_handover"
    APPROVE_EXEMPTION = "approve_exemption"
    DECLARE_NO_FIELD = "declare_no_field"
    CONFIRM_NO_FIELD = "confirm_no_field"
    ORDER_REVERSAL = "order_reversal"
    HOLD_HANDOVER = "hold_handover"
    GRANT_APPOINTMENT = "grant_appointment"
    APPOINT_CUSTODIAN = "appoint_custodian"
    MANAGE_TERRITORIES = "manage_territories"
    MANAGE_MARKETS = "manage_markets"
    ARRANGE_COVER = "arrange_cover"
    SET_SIGN_IN_RULES = "set_sign_in_rules"
    ASK_FACTOR_RESET = "ask_factor_reset"
    DECIDE_FACTOR_RESET = "decide_factor_reset"
    REVIEW_RIGHTS = "review_rights"
    ASK_BREAK_GLASS = "ask_break_glass"
    DECIDE_BREAK_GLASS = "decide_break_glass"
    RECORD_OUTAGE = "record_outage"
    PROPOSE_PACK = "propose_pack"
    APPROVE_PACK = "approve_pack"
    APPROVE_PLAN_ITEM = "approve_plan_item"
    REGISTER_MATERIAL = "register_material"
    APPROVE_MATERIAL = "approve_material"
    RECALL_MATERIAL = "recall_material"
    ENTER_LABEL = "enter_label"
    RECORD_CERTIFICATE = "record_certificate"
    PRECLEAR = "preclear"
    ASK_ACCOUNT = "ask_account"
    ANSWER_ACCOUNT = "answer_account"
    READ_TRAIL = "read_trail"
    EXPORT_TRAIL = "export_trail"
    VERIFY_TRAIL = "verify_trail"
    DRAW_SAMPLE = "draw_sample"
    EXPORT_OWN_LIST = "export_own_list"
    RELEASE_INSIGHT = "release_insight"
    ANSWER_DATA_REQUEST = "answer_data_request"
    ERASE_PERSON = "erase_person"
    READ_MEDICAL_FIGURES = "read_medical_figures"
    READ_FIELD_FIGURES = "read_field_figures"


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """The members as ``(value, English words)``, for Django choices; the words are message ids."""
    return [(word.value, in_words(word)) for word in words]


ACRONYMS = {"MSL": "MSL", "KOL": "KOL", "KOLS": "KOLs"}
SPELLED = {
    "MSL_LEAD": "MSL lead",
    "INTERNAL_TRAINING": "Internal training",
    "EMAIL": "E-mail",
    "APPL_WITHDRAWN": "Application withdrawn",
    "NO_FIELD": "No field service",
    "UNSOLICITED_REQUEST": "The doctor asked, unprompted",
    "STAY_WITH_MEDICAL": "Should stay with Medical",
    "PROACTIVE": "Planned scientific exchange",
    "STUDY_SUPPORT": "Study conduct",
    "CONTRACTED_BOARD": "Contracted advisory board",
    "PURPOSE": "Scientific purpose",
    "PLAN": "Approved plan item",
    "STATUS": "Told that it is not authorised",
    "REQ": "Unprompted request",
    "RESP": "Approved answer",
    "MAT": "Approved material",
    "CONTRACT": "Signed contract",
    "NEED": "Reason of need",
    "ATT": "Attendance list",
    "TRIAL": "Study and role",
    "PAYER": "Proof of payer audience",
    "SIUU": "Source publication and disclosures",
    "SMPC": "Current product information offered",
    "PRECLEAR": "Pre-approval by Compliance",
    "LATE": "Reason for late entry",
    "ROSTER": "On-duty roster",
    "MANAGER": "The manager's reason",
    "CHANGE": "Reason for the change",
    "WORDS": "Reason for the words that stay",
    "IN_PERSON": "In person",
}


def in_words(word: StrEnum) -> str:
    """A member in plain English: ``Role.FIELD_SERVICE`` is "Field service"."""
    if word.name in SPELLED:
        return SPELLED[word.name]
    parts = word.name.split("_")
    first, *rest = (ACRONYMS.get(part, part.lower()) for part in parts)
    return " ".join((first if first in ACRONYMS.values() else first.capitalize(), *rest))
