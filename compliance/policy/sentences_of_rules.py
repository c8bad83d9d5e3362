"""The sentences of the rule families C to I by code: data only, like ``sentences`` which they join."""

from __future__ import annotations


def _(text: str) -> str:
    """Mark a text for translation. The policy itself speaks English."""
    return text


ASK_COMPLIANCE = _("Ask Compliance.")
ASK_LEAD = _("Ask your lead.")
ADMINISTRATOR = _("Tell your administrator.")
OTHER_MATERIAL = _("Choose another material, or none.")
RECORD_IT = _("Have it recorded first.")

FAMILIES: dict[str, tuple[str, str]] = {
    # packs
    "unknown_pack": (_("The rules of {market} in version {version} are not known"), ADMINISTRATOR),
    # B: requests
    "prompted": (
        _(
            "The question about {topic} followed a contact in which we had named it: it counts as our initiative"
        ),
        _("Add what a planned exchange needs, or leave the answer to Medical information."),
    ),
    "asked_after": (
        _("The question about {topic} came after the answer: it counts as our initiative"),
        _("Correct the time of the question, or add what a planned exchange needs."),
    ),
    "prompted_needs_preclear": (
        _("The question about {topic} was not unprompted, and an answer needs pre-approval"),
        _("Ask Compliance for pre-approval first."),
    ),
    "prompted_unknown": (_("Not known whether the question about {topic} was prompted"), ADMINISTRATOR),
    # C: joint visits
    "joint_needs_request": (
        _("Medical and field service together need the person's own request and pre-approval: {documents}"),
        _("Go alone, or ask Compliance for pre-approval first."),
    ),
    "medical_plans_joint": (_("Field service plans no visit of Medical"), _("Let Medical plan it.")),
    "promotional_by_medical": (_("Medical hands out no promotional material ({material})"), OTHER_MATERIAL),
    "sample_by_medical": (_("Medical hands out no samples"), _("Leave samples to field service.")),
    # B: pre-approval
    "preclear_too_late": (
        _("Pre-approval is asked for before the act, for a time that lies ahead"),
        _("Choose a later day. What already happened is recorded as it was."),
    ),
    # I: ownership outside the handover
    "statement_missing": (_("Nothing is said of the draft"), _("Say what you can say of it.")),
    # G: free text
    "words_unexplained": (
        _("The text holds words that stay only with a reason: {documents}"),
        _("Say why they stay, or write it otherwise."),
    ),
    "words_blocked": (
        _("The text can tell who a patient is"),
        _("Take that out of the text. Nothing was saved."),
    ),
    # D: the date
    "moved": (
        _("The date is another than first saved, and this is missing: {documents}"),
        _("Give the reason; across a change of state or owner, ask Compliance as well."),
    ),
    "moved_question_lapsed": (
        _("The date that was asked about is not the one that waits for Compliance"),
        _("Let it be asked anew."),
    ),
    "moved_across_unknown": (
        _("Not known whether a change of state or owner lies between the two dates"),
        ADMINISTRATOR,
    ),
    # E: training and qualification
    "certificates_unknown": (_("Training and qualification of that day are not known"), RECORD_IT),
    "not_trained": (
        _("No valid training on {topic} on that day"),
        _("Do the training, or leave it to a colleague who has."),
    ),
    "not_qualified": (
        _("No qualification valid in {market} on that day"),
        _("Have your qualification recorded, or leave it to a colleague."),
    ),
    "internal_use_unsigned": (
        _("The promise to use the training on {topic} internally alone is not signed"),
        _("Sign it first."),
    ),
    "training_material": (
        _("{material} is not marked as internal"),
        _("Use material approved for internal training."),
    ),
    "training_before_submission": (
        _("Authorisation of {topic} has not been applied for"),
        _("Train field service once it has."),
    ),
    "training_too_early": (
        _("{topic} is expected in more than {days} days"),
        _("Train field service closer to that day."),
    ),
    "submission_unknown": (_("Not known whether authorisation of {topic} was applied for"), RECORD_IT),
    "expected_unknown": (_("Not known when the authorisation of {topic} is expected"), RECORD_IT),
    "too_many_calls": (
        _("One more unasked call in this year than usual: {documents}"),
        _("Give the manager's reason, or come when asked."),
    ),
    "calls_unknown": (_("The calls of this year are not known"), ADMINISTRATOR),
    # F: materials
    "materials_unknown": (_("The material is not named: {documents}"), _("Choose it from the register.")),
    "materials_missing": (_("No material is named: {documents}"), _("Choose it from the register.")),
    "material_not_approved": (_("{material} is not approved"), OTHER_MATERIAL),
    "material_not_valid": (_("{material} was not valid on that day"), OTHER_MATERIAL),
    "material_validity_unknown": (_("Not known since when {material} is valid"), RECORD_IT),
    "material_recalled": (_("{material} was recalled"), OTHER_MATERIAL),
    "material_quarantined": (
        _("{material} mentions a use whose state has changed"),
        _("Wait until it is reviewed again, or choose another material."),
    ),
    "material_not_for": (_("{material} is not approved for this {what}: {word}"), OTHER_MATERIAL),
    "material_other_use": (_("{material} is about something else"), OTHER_MATERIAL),
    "material_of_medical": (_("{material} is for Medical alone"), OTHER_MATERIAL),
    "material_siuu": (
        _("{material} is for unapproved uses, which this market or role does not allow"),
        OTHER_MATERIAL,
    ),
    "material_internal": (_("{material} is internal"), _("Take nothing internal to others.")),
    "material_uses_unknown": (_("{material} does not list the uses that it mentions"), RECORD_IT),
    "material_zone_unknown": (
        _("The state in {market} of a use that {material} mentions is not known"),
        RECORD_IT,
    ),
    "material_not_open": (
        _("{material} mentions a use that may not be promoted in {market}"),
        OTHER_MATERIAL,
    ),
    # F: samples
    "sample_unknown": (_("The sample is not described"), _("Name product, number, lot and request.")),
    "sample_elsewhere": (
        _("A sample goes with a hand-out of samples alone"),
        _("Record the hand-out apart."),
    ),
    "sample_request_missing": (_("No request for the sample"), _("Have it requested in writing first.")),
    "sample_request_unsigned": (_("The request for the sample is not signed"), _("Have it signed first.")),
    "sample_request_expired": (
        _("The request for the sample is not from the {days} days before"),
        _("Have it requested anew."),
    ),
    "sample_recipient_absent": (_("Who gets the sample is not there"), _("Hand it to the person who asked.")),
    "sample_not_prescriber": (_("Samples go to prescribers alone"), _("Hand out none.")),
    "prescriber_unknown": (_("Not known whether this person prescribes"), RECORD_IT),
    "samples_too_many": (
        _("More than {number} samples of this product for this person in a year"),
        _("Wait until next year."),
    ),
    "samples_years_over": (
        _("More than {years} years since this person first asked for samples of this product"),
        _("Hand out none."),
    ),
    "samples_given_unknown": (_("The samples of this year are not known"), ADMINISTRATOR),
    "sample_lot_missing": (_("Number, lot or expiry of the sample is missing"), _("Write it down.")),
    "sample_expired": (_("The sample has expired"), _("Hand out none.")),
    "sample_controlled": (_("No samples of controlled substances"), _("Hand out none.")),
    "sample_controlled_unknown": (_("Not known whether the substance is controlled"), RECORD_IT),
    "sample_other_use": (_("The sample is of something else"), _("Name its product as a topic.")),
    # F: values
    "value_incomplete": (_("Something of value lacks its {what}"), _("Write it down.")),
    "meal_for_guest": (_("No meal for somebody who takes no part"), _("Invite participants alone.")),
    "meal_elsewhere": (_("A meal outside practice or clinic is not allowed"), _("Invite to none.")),
    "meal_place_unknown": (_("Not said where the meal is taken"), _("Say so.")),
    "meal_cap_missing": (
        _("No limit for meals in {market} in {currency} is set"),
        _("Ask Compliance to set one."),
    ),
    "meal_above_cap": (
        _("A meal in {market} may cost {cap} {currency} at most"),
        _("Choose something simpler."),
    ),
    "fee_without_contract": (_("A fee needs its contract first: {documents}"), _("Have it signed first.")),
    "value_before": (
        _("Nothing from a commercial budget around {topic}, which is not authorised"),
        _("Ask Medical."),
    ),
    # G: consent and privacy
    "consents_unknown": (_("The consents for this channel are not known ({channel}, {market})"), RECORD_IT),
    "consent_missing": (
        _("No consent for this channel ({channel}, {market})"),
        _("Ask for consent first, or come in person."),
    ),
    "consent_withdrawn": (
        _("Consent for this channel was withdrawn ({channel}, {market})"),
        _("Use another channel that is allowed."),
    ),
    "consent_of_other_purpose": (
        _("The consent for this channel was given for another purpose ({channel}, {market})"),
        _("Ask for your own consent first, or come in person."),
    ),
    "objects_to_marketing": (_("This person objects to advertising"), ASK_LEAD),
    "objection_unknown": (_("Not known whether this person objects to advertising"), RECORD_IT),
    "do_not_contact": (_("This person wants no contact"), ASK_COMPLIANCE),
    "do_not_contact_unknown": (_("Not known whether this person wants contact"), RECORD_IT),
    "not_informed": (
        _("This person was not told in time that we keep data about her"),
        _("Send the notice first."),
    ),
    "known_since_unknown": (_("Not known since when we keep data about this person"), RECORD_IT),
    # I: changed sides
    "cooling_off": (
        _("You handled {topic} on the other side a short while ago"),
        _("Leave it to a colleague until the cooling-off is over."),
    ),
    # packs: proposing and confirming
    "pack_unknown": (_("There are no such rules"), _("Choose a version that exists.")),
    "pack_failing": (_("These rules fail their own examples"), ADMINISTRATOR),
    "pack_settled": (
        _("This proposal was settled already"),
        _("Reload the page: somebody may have been faster."),
    ),
    "pack_same_person": (
        _("Two different people propose and confirm rules"),
        _("Ask a colleague to confirm."),
    ),
    "pack_in_the_past": (_("Rules do not come into force in the past"), _("Choose a later instant.")),
}
