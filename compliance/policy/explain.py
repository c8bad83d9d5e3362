"""Plain words for a reason: what, why (the rule) and the way on.

The templates are English and carry no translation machinery; a Django layer translates ``TEMPLATES``
by code and fills in the same names. A template may name ``topic``, ``market``, ``documents``, ``role``,
``activity`` and whatever else its reason carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .facts import Decision, Reason
from .words import Activity, DecisionKind, Deed, Document, Role, in_words

ASK_MEDICAL = "Pass the question to Medical."
DEVIATION = "If it already took place, report it as a deviation."
ASK_COMPLIANCE = "Ask Compliance for pre-approval first."

# code: (what, the way on). The rule stands between them.
TEMPLATES: dict[str, tuple[str, str]] = {
    # the matrix
    "not_open_yet": ("{topic} is not authorised in {market} yet", ASK_MEDICAL),
    "closed": ("{topic} may no longer be promoted in {market}", ASK_MEDICAL),
    "not_yours": ("This is not yours", "Ask your lead."),
    "unlisted": (
        "{topic} is neither authorised nor in development for this in {market}",
        "Only an unprompted question may be answered, by Medical.",
    ),
    "never_medical": (
        "Medical does not do this: {activity}",
        "Field service does, once it is authorised.",
    ),
    "never_field": ("Field service does not do this: {activity}", ASK_MEDICAL),
    "never": ("{role} does not do this: {activity}", "Ask the colleague whose task it is."),
    "cannot_occur": (
        "This cannot come up on our own initiative or in this form",
        "Say how the topic came up, or choose another kind.",
    ),
    "attend_only": ("Field service may attend this training, not hold it", "Let Medical hold it."),
    "needs_preclear": ("This needs pre-approval", ASK_COMPLIANCE),
    "congress_needs_preclear": (
        "{topic} is not authorised in {market}, where the congress or the visitor is",
        ASK_COMPLIANCE,
    ),
    "missing": ("Missing for {topic}: {documents}", "Add it, or report a deviation if it cannot be had."),
    "not_relation_owner": (
        "Somebody else answered to the KOL for {topic} then",
        "Ask your lead for cover, or Compliance for pre-approval.",
    ),
    "basis_missing": ("Not said how {topic} came up", "Choose one of the answers below the topic."),
    "zone_missing": (
        "The state of {topic} in {market} is not known",
        "Ask Regulatory to record it, or name it as unlisted.",
    ),
    "unknown_zone": (
        "The state of {topic} in {market} is not understood ({what})",
        "Tell your administrator.",
    ),
    "no_row": ("The rules name no such case for {role}: {activity}", "Ask Compliance."),
    # the act as a whole
    "topics_missing": ("No topic is named", "Name what was talked about."),
    "people_missing": ("Nobody is named", "Name the people who took part."),
    "market_missing": ("No market is named", "Say where it took place."),
    "no_pack": ("The rules of {market} are not in force yet", "Ask Compliance to approve them."),
    "unknown_word": ("Not understood: {what} “{word}”", "Tell your administrator."),
    "engine_error": (
        "The rules could not be applied ({error})",
        "Tell your administrator.",
    ),
    "unsupported_channel": ("This channel is not supported", f"Use mail, telephone or a visit. {DEVIATION}"),
    "public_audience": ("{topic} may not be a topic before the public or patients", DEVIATION),
    "field_at_event": (
        "Field service may not attend while {topic} is on the agenda and not authorised",
        "Take the colleague or the topic off.",
    ),
    "joint_visit": (
        "Medical and field service may not speak together about {topic} before authorisation",
        "Let Medical go alone.",
    ),
    "time_without_zone": ("A time lacks its time zone ({what})", "Tell your administrator."),
    "ends_before_start": ("It ends before it starts", "Correct the times."),
    "future_start": ("This has not taken place yet", "Plan it instead."),
    "late_reason_missing": ("This is recorded late", "Give the reason."),
    # deeds
    "deed_not_yours": ("{role} may not do this: {deed}", "Ask the colleague whose task it is."),
    "unknown_deed": ("Nobody may do this: {deed}", "Tell your administrator."),
    # the lifecycle
    "same_regulatory_person": (
        "Two different people propose and confirm",
        "Ask a colleague of Regulatory to confirm it.",
    ),
    "entry_settled": ("This entry was settled already", "Reload the page: somebody may have been faster."),
    "entry_needs_date": ("The instant from which it is in force is not known", "Give the date and confirm again."),
    "state_may_not_follow": ("{after} may not follow {before}", "Check the state, or void the wrong entry first."),
    "entry_not_confirmed": ("Only a confirmed entry can be voided", "Reject the proposal instead."),
    "evidence_missing": ("No evidence is named", "Name the document, its number and its date."),
    # owners
    "relation_exists": ("Somebody already answers to this KOL for this use", "Ask the owner, or your lead."),
    "no_owner": ("Nobody can take this over", "Name an active colleague who works in this market."),
    "owner_not_eligible": ("{person} cannot own this", "Name an active colleague of that side and market."),
    "relation_ended": ("This relation has ended", "Begin a new one."),
    "not_in_your_market": ("This is outside your markets", "Ask a colleague there."),
    "changed_meanwhile": ("Somebody changed this meanwhile", "Look at it again and repeat what is still needed."),
    # handovers
    "no_such_step": ("This handover cannot be {step} now", "Reload the page: somebody may have been faster."),
    "step_not_yours": ("This handover is not yours to be {step}", "Ask the colleague whose turn it is."),
    "signature_missing": ("This step needs a signature", "Sign in again to confirm it."),
    "recipient_only": ("Only the recipient may do this", "Ask the lead to assign it to you."),
    "same_person": ("Preparer, recipient and approver must be three people", "Ask a colleague to sign."),
    "people_of_step_missing": ("Preparer, recipient or approver is not named", "Name them first."),
    "guard_failed": ("Not fulfilled: {guard}", "Settle it and try again."),
    "guard_unknown": ("Not known: {guard}", "Settle it and try again."),
    "not_configured": ("Not configured: {guard}", ""),
}

GUARD_WORDS: dict[str, str] = {
    "relation_active": "the relation is active",
    "medical_owner": "Medical answers to the KOL",
    "none_in_flight": "no other handover is under way",
    "use_open": "the product is authorised and may be promoted",
    "drafts_settled": "drafts are signed or listed",
    "adverse_events_routed": "side effect reports are passed on",
    "inquiries_assigned": "open inquiries have somebody to answer them",
    "package_previewed": "the dossier was looked at",
    "recipient_active": "the recipient is active",
    "recipient_in_field": "the recipient works in field service",
    "market_matches": "the recipient works in this market",
    "territory_matches": "the KOL is in the recipient's territory",
    "training_valid": "the recipient's product training is valid",
    "qualification_valid": "the recipient's qualification is valid",
    "cooling_off_over": "the recipient's cooling-off is over",
    "no_conflict": "the recipient declared no conflict",
    "package_unchanged": "the dossier is unchanged since it was prepared",
    "compliance_signed_if_flagged": "Compliance signed the flagged item",
    "effective_in_future": "the effective date is not in the past",
    "no_objection": "the KOL does not object",
    "effective_reached": "the effective date is reached",
    "after_care_done": "after-care is done",
    "reason_given": "a reason is given",
    "second_signature": "a second person signed",
    "cause_gone": "the reason no longer holds",
    "cause_of_cancelling": "there is a cause for cancelling",
    "cause_of_reversal": "there is a cause for the reversal",
}

# Said of an allowed step for the record; never part of a refusal.
NOTES = frozenset({"not_configured"})
UNNAMED = {"topic": "This topic", "market": "this market"}


SPELLED: dict[str, type[StrEnum]] = {"role": Role, "activity": Activity, "deed": Deed}


def label(name: str, value: str) -> str:
    """A parameter of a reason in words: document codes, roles, activities and guards are spelled out."""
    if name == "documents":
        return ", ".join(_spelled(Document, word) for word in value.split())
    if name == "guard":
        return GUARD_WORDS.get(value, value)
    if name in SPELLED:
        return _spelled(SPELLED[name], value)
    return value or UNNAMED.get(name, "")


def _spelled(words: type[StrEnum], value: str) -> str:
    """A member in words, within a sentence; a value nobody knows stays as it is."""
    try:
        said = in_words(words(value))
    except ValueError:
        return value
    return said if said.split()[0].isupper() else said[:1].lower() + said[1:]


def sentence(reason: Reason, **names: str) -> str:
    """What, why and the way on: "Novastat is not authorised in Germany yet (R-021). Pass the question…".

    ``names`` replace the parameters stored with the reason, such as ``market="Germany"`` for ``DE``. An
    unknown code still says its rule.
    """
    what, on = TEMPLATES.get(reason.code, ("Not allowed", ""))
    words = {name: label(name, value) for name, value in reason.params}
    said = what.format_map(_Lenient({**words, **names}))
    return f"{said[:1].upper()}{said[1:]} ({reason.rule}).{f' {on}' if on else ''}"


def way_on(reason: Reason) -> str:
    """What the person can do now, as a sentence; empty if nothing."""
    return TEMPLATES.get(reason.code, ("", ""))[1]


class _Lenient(dict[str, str]):
    """A name nobody gave is called something, rather than breaking the sentence that refuses."""

    def __missing__(self, name: str) -> str:
        return UNNAMED.get(name, name)


class Refused(Exception):
    """Not allowed. ``decision`` holds why; ``str()`` says it in plain words with the way on.

    ``names`` replace parameters of the reasons in those words, such as the market's name for its code.
    """

    def __init__(self, decision: Decision, names: Mapping[str, str] | None = None) -> None:
        self.decision = decision
        self.names = dict(names or {})
        super().__init__(decision)

    def __str__(self) -> str:
        told = dict.fromkeys(
            sentence(reason, **self.names) for reason in self.decision.reasons if reason.code not in NOTES
        )
        if self.decision.kind is DecisionKind.DEVIATION and not any(DEVIATION in said for said in told):
            told[DEVIATION] = None
        return " ".join(told) or "Not allowed."
