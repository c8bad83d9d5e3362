"""The experts, where they work, and who answers to them."""

from kols.models.consents import PURPOSE_OF, Consent, Objection, PrivacyNotice, Purpose
from kols.models.directory import KOL, Affiliation, Committee, Identifier, Institution, Practice, Seat
from kols.models.ownership import OpenMatter, Ownership, Relation, ScientificContact, Showing
from kols.models.science import Contract, ScientificProfile, StudyRole, VisitGoal
from kols.models.territory import Alignment
from kols.models.views import SavedView

__all__ = [
    "KOL",
    "PURPOSE_OF",
    "Affiliation",
    "Alignment",
    "Committee",
    "Consent",
    "Contract",
    "Identifier",
    "Institution",
    "Objection",
    "OpenMatter",
    "Ownership",
    "Practice",
    "PrivacyNotice",
    "Purpose",
    "Relation",
    "SavedView",
    "ScientificContact",
    "ScientificProfile",
    "Seat",
    "Showing",
    "StudyRole",
    "VisitGoal",
]
