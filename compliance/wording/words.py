"""The sentences a mark is told in: data only, translated when they are said."""

from __future__ import annotations

from collections.abc import Callable

from .facts import Kind


def _(text: str) -> str:
    """Mark a text for translation. The detector itself speaks English."""
    return text


UNNAMED = _("Look at this once more.")
SENTENCES: dict[tuple[Kind, str], str] = {
    (Kind.NAME, "own"): _("A product that is no topic of this entry. Choose it as a topic, or leave it out."),
    (Kind.NAME, "other"): _("A medicine that is no topic of this entry."),
    (Kind.BRAND, "brand"): _("A brand name before authorisation. Write the substance or the code name."),
    (Kind.PROMOTION, "superlative"): _("Reads as if ours were the best. Say what was shown, and where."),
    (Kind.PROMOTION, "comparison"): _("Reads as a claim over others. Say what was shown, and where."),
    (Kind.PROMOTION, "safety"): _("No medicine is without risk. Say what was shown, and where."),
    (Kind.PROMOTION, "promise"): _("Reads as a promise of success."),
    (Kind.PROMOTION, "urging"): _("Reads as advice to use or prescribe it."),
    (Kind.PROMOTION, "selling"): _("Reads as selling. That is not the purpose of this contact."),
    (Kind.PROMOTION, "praise"): _("Reads as praise."),
    (Kind.PATIENT, "birth"): _("A date of birth. Leave it out."),
    (Kind.PATIENT, "initials"): _("Initials with an age can tell who it is. Leave them out."),
    (Kind.PATIENT, "name"): _("Looks like a patient's name. Leave it out."),
    (Kind.PATIENT, "room"): _("A room or bed can tell who it is. Leave it out."),
    (Kind.PATIENT, "record"): _("The number of a case, a file or a subject. Leave it out."),
    (Kind.PATIENT, "day"): _("The day of an admission or an operation can tell who it is. Leave it out."),
    (Kind.PATIENT, "role"): _("What somebody is known for can tell who it is. Leave it out."),
    (Kind.PATIENT, "phone"): _("A telephone number. Leave it out."),
    (Kind.PATIENT, "email"): _("An e-mail address. Leave it out."),
    (Kind.PATIENT, "insurance"): _("The number of an insured person. Leave it out."),
    (Kind.PATIENT, "age"): _("An age with more about one person can tell who it is. Leave it out."),
    (Kind.PATIENT, "kin"): _("Whose relative somebody is can tell who it is. Leave it out."),
    (Kind.PATIENT, "address"): _("A private address. Leave it out."),
}


def sentence(kind: Kind, reason: str, translate: Callable[[str], str] = str) -> str:
    """Why it is marked, and what to do."""
    return translate(SENTENCES.get((kind, reason), UNNAMED))
