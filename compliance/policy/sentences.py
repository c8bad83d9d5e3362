"""The sentences of the boundary by code, and the words of the guards: data only.

A sentence is *what* and *the way on*; the rule stands between them. A template may name ``topic``,
``market``, ``documents``, ``role``, ``activity`` and whatever else its reason carries. Texts are marked
for translation and translated when they are said (``explain.sentence``).
"""

from __future__ import annotations

from .sentences_of_rules import FAMILIES


def _(text: str) -> str:
    """Mark a text for translation. The policy itself speaks English."""
    return text


ASK_MEDICAL = _("Pass the question to Medical.")
DEVIATION = _("If it already took place, report it as a deviation.")
ASK_COMPLIANCE = _("Ask Compliance for pre-approval first.")

# code: (what, the way on). The rule stands between them.
TEMPLATES: dict[str, tuple[str, str]] = {
    # the matrix
    "not_open_yet": (_("{topic} is not authorised in {market} yet"), ASK_MEDICAL),
    "off_label": (_("{topic} is authorised in {market} for something else, not for this"), ASK_MEDICAL),
    "closed": (_("{topic} may no longer be promoted in {market}"), ASK_MEDICAL),
    "not_yours": (_("This is not yours"), _("Ask your lead.")),
    "unlisted": (
        _("{topic} is neither authorised nor in development for this in {market}"),
        _("Only an unprompted question may be answered, by Medical."),
    ),
    "never_medical": (
        _("Medical does not do this: {activity}"),
        _("Field service does, once it is authorised."),
    ),
    "never_field": (_("Field service does not do this: {activity}"), ASK_MEDICAL),
    "never": (_("{role} does not do this: {activity}"), _("Ask the colleague whose task it is.")),
    "cannot_occur": (
        _("This cannot come up on our own initiative or in this form"),
        _("Say how the topic came up, or choose another kind."),
    ),
    "attend_only": (_("Field service may attend this training, not hold it"), _("Let Medical hold it.")),
    "needs_preclear": (_("This needs pre-approval"), ASK_COMPLIANCE),
    "congress_needs_preclear": (
        _("{topic} is not authorised in {market}, where the congress or the visitor is"),
        ASK_COMPLIANCE,
    ),
    "missing": (
        _("Missing for {topic}: {documents}"),
        _("Add it, or report a deviation if it cannot be had."),
    ),
    "not_relation_owner": (
        _("Somebody else answered to the KOL for {topic} then"),
        _("Ask your lead for cover, or Compliance for pre-approval."),
    ),
    "basis_missing": (_("Not said how {topic} came up"), _("Choose one of the answers below the topic.")),
    "zone_missing": (
        _("The state of {topic} in {market} is not known"),
        _("Ask Regulatory to record it, or name it as unlisted."),
    ),
    "unknown_zone": (
        _("The state of {topic} in {market} is not understood ({what})"),
        _("Tell your administrator."),
    ),
    "no_row": (_("The rules name no such case for {role}: {activity}"), _("Ask Compliance.")),
    # the act as a whole
    "topics_missing": (_("No topic is named"), _("Name what was talked about.")),
    "people_missing": (_("Nobody is named"), _("Name the people who took part.")),
    "market_missing": (_("No market is named"), _("Say where it took place.")),
    "no_pack": (_("The rules of {market} are not in force yet"), _("Ask Compliance to approve them.")),
    "unknown_word": (_("Not understood: {what} “{word}”"), _("Tell your administrator.")),
    "engine_error": (
        _("The rules could not be applied ({error})"),
        _("Tell your administrator."),
    ),
    "unsupported_channel": (_("This channel is not supported"), _("Use mail, telephone or a visit.")),
    "public_audience": (_("{topic} may not be a topic before the public or patients"), DEVIATION),
    "field_at_event": (
        _("Field service may not attend while {topic} is on the agenda and not authorised"),
        _("Take the colleague or the topic off."),
    ),
    "joint_visit": (
        _("Medical and field service may not speak together about {topic} before authorisation"),
        _("Let Medical go alone."),
    ),
    "time_without_zone": (_("A time lacks its time zone ({what})"), _("Tell your administrator.")),
    "ends_before_start": (_("It ends before it starts"), _("Correct the times.")),
    "future_start": (_("This has not taken place yet"), _("Plan it instead.")),
    "change_reason_missing": (
        _("The time, or how it came up, was changed after the first save"),
        _("Give the reason."),
    ),
    "late_reason_missing": (_("This is recorded late"), _("Give the reason.")),
    # deeds
    "deed_not_yours": (_("{role} may not do this: {deed}"), _("Ask the colleague whose task it is.")),
    "token_signs_nothing": (
        _("A token of the API cannot sign"),
        _("Sign in to the product yourself, and sign there."),
    ),
    "unknown_deed": (_("Nobody may do this: {deed}"), _("Tell your administrator.")),
    # the lifecycle
    "same_regulatory_person": (
        _("Two different people propose and confirm"),
        _("Ask a colleague of Regulatory to confirm it."),
    ),
    "entry_settled": (
        _("This entry was settled already"),
        _("Reload the page: somebody may have been faster."),
    ),
    "release_not_asked": (
        _("The rules of this market ask for no launch release here"),
        _("It may be promoted from the day of the entry."),
    ),
    "not_two_entries": (
        _("Two entries of the directory are needed"),
        _("Reload the page: somebody may have been faster."),
    ),
    "owners_disagree": (
        _("Different people answered at one time for {use}"),
        _("Give both entries to the same colleague first, or leave them apart."),
    ),
    "known_longer": (
        _("The other entry has been answered for longer: {use}"),
        _("Merge the other way round: let the older entry stay."),
    ),
    "split_too_late": (
        _("Only what is not open yet is split"),
        _("Record the removed part as a use of its own that was withdrawn."),
    ),
    "entry_needs_date": (
        _("The instant from which it is in force is not known"),
        _("Give the date and confirm again."),
    ),
    "state_may_not_follow": (
        _("{after} may not follow {before}"),
        _("Check the state, or void the wrong entry first."),
    ),
    "entry_not_confirmed": (_("Only a confirmed entry can be voided"), _("Reject the proposal instead.")),
    "evidence_missing": (_("No evidence is named"), _("Name the document, its number and its date.")),
    # materials, labels, the medical plan
    "same_registrar": (
        _("Two different people register and approve a material"),
        _("Ask a colleague to approve it."),
    ),
    "purpose_not_yours": (
        _("Your role registers no material of this purpose"),
        _("Ask a colleague whose material it is."),
    ),
    "material_settled": (
        _("This version was settled already"),
        _("Reload the page: somebody may have been faster."),
    ),
    "before_the_last_label": (
        _("A label comes into force after the one before it"),
        _("Check the day, or ask for the one that stands."),
    ),
    "plan_in_the_past": (
        _("A plan is approved and ended for the time to come"),
        _("Choose today or a later day."),
    ),
    # certificates
    "own_certificate": (
        _("Nobody records a certificate of her own"),
        _("Ask your lead, or Compliance."),
    ),
    "certificate_in_team": (
        _("{person} does not work in the territory you lead"),
        _("Ask the colleague who leads there, or Compliance."),
    ),
    # imports
    "older_snapshot": (
        _("A newer snapshot, of {newest}, is here already"),
        _("Import files in the order of their days."),
    ),
    "no_market_covered": (
        _("No active market is covered by {source}"),
        _("Ask your administrator to add the market first."),
    ),
    # owners
    "relation_exists": (
        _("Somebody already answers to this KOL for this use"),
        _("Ask the owner, or your lead."),
    ),
    "no_owner": (_("Nobody can take this over"), _("Name an active colleague who works in this market.")),
    "owner_not_eligible": (
        _("{person} cannot own this"),
        _("Name an active colleague of that side and market."),
    ),
    "relation_ended": (_("This relation has ended"), _("Begin a new one.")),
    "not_in_your_market": (_("This is outside your markets"), _("Ask a colleague there.")),
    "changed_meanwhile": (
        _("Somebody changed this meanwhile"),
        _("Look at it again and repeat what is still needed."),
    ),
    # signing
    "draft_incomplete": (
        _("This entry is not complete and cannot be signed"),
        _("Add what is missing, or report a deviation if it cannot be had."),
    ),
    "draft_would_deviate": (
        _("By the rules this must not have taken place, so it cannot be signed as an activity"),
        _("Open it and report it as a deviation."),
    ),
    "line_approval_missing": (
        _("Entered this late, it needs the approval of your lead before you sign"),
        _("Ask your lead: it waits there."),
    ),
    "record_signed": (
        _("This record is signed and locked"),
        _("Amend it with a reason, or ask for it to be voided. Nothing of it was changed."),
    ),
    "amendment_reason_missing": (
        _("What was wrong and why is not said"),
        _("Choose what was wrong and write one sentence."),
    ),
    "amendment_waits": (
        _("A change of this record waits for approval already"),
        _("Wait for the answer, then change what is still wrong."),
    ),
    "answer_missing": (_("Why not is missing"), _("Write one sentence for the author.")),
    # deviations
    "own_deviation": (_("Nobody closes what she reported herself"), _("Ask a colleague in Compliance.")),
    "about_the_closer": (
        _("Nobody closes what is about her, or what was hers to put right"),
        _("Ask a colleague in Compliance."),
    ),
    "measure_open": (_("What follows from it is not done yet"), _("Close it once it is done.")),
    "measure_owner": (
        _("{person} cannot see to this"),
        _("Name somebody of the reporter's side, or of Compliance."),
    ),
    "finding_step": (_("This finding is {state}"), _("Take the step that follows from there.")),
    "finding_words": (_("Nothing is said"), _("Write down what was found and why.")),
    "finding_investigator": (
        _("{person} cannot look into this"),
        _("Name somebody of Compliance whom it is not about."),
    ),
    "finding_not_investigator": (
        _("Somebody else looks into this"),
        _("Let her say what she found."),
    ),
    "finding_no_measure": (_("Nothing follows from it yet"), _("Set what is to be done first.")),
    "finding_check_early": (
        _("Whether it helped cannot be known yet"),
        _("Look again from {day} on."),
    ),
    "finding_hearing": (
        _("This person cannot be asked here"),
        _("Each finding has one hearing, of somebody who works here."),
    ),
    # samples
    "draw_period": (
        _("Nothing can be drawn from this period"),
        _("Name a period that has ended, in your markets."),
    ),
    "draw_extension": (
        _("A sample is only extended, with a reason"),
        _("Name an entry it does not hold yet, and say why."),
    ),
    "review_line": (
        _("Nobody reviews her own entries, or those of her own line"),
        _("Leave this one to a colleague in Compliance."),
    ),
    "review_decided": (_("This is already decided"), _("Look at what was decided.")),
    # safety
    "case_number_missing": (_("An acknowledgement names the case"), _("Write down its number.")),
    "difference_unexplained": (
        _("The lists differ, and nothing says what follows from it"),
        _("Write down what is done about each difference."),
    ),
    "not_in_safety": (_("A desk is led by somebody in Safety"), _("Choose another person.")),
    # accounts
    "still_owns": (_("{person} still answers to KOLs"), _("Let the lead reassign them first.")),
    "still_custodian": (_("{person} is the custodian of a market"), _("Appoint another custodian first.")),
    "custodian_leads_msls": (_("A custodian leads MSLs in that market"), _("Name an active MSL lead.")),
    "own_appointment": (_("Nobody changes an appointment of her own"), _("Ask another administrator.")),
    "appointment_in_the_past": (
        _("An appointment does not begin in the past"),
        _("Choose now or a later day."),
    ),
    "second_person": (_("This takes a second person"), _("Ask another administrator, or Compliance.")),
    "decided_already": (_("Somebody has decided this already"), _("Look at what it says now.")),
    "waits_already": (_("One of these waits for an answer already"), _("Ask the second person.")),
    "no_second_factor": (_("{person} has no second factor"), _("There is nothing to reset.")),
    "territory_of_another_tree": (
        _("A territory and the one above it are of one tree"),
        _("Choose one of the same side and market."),
    ),
    "cover_in_team": (
        _("{person} does not work in the territory you lead"),
        _("Choose two people of your own team."),
    ),
    "cover_in_the_past": (
        _("A cover does not begin in the past and does not end before it begins"),
        _("Choose today or a later day."),
    ),
    "post_needs_appointment": (
        _("{person} has no role on that side in that market"),
        _("Appoint this person first."),
    ),
    # handovers
    "no_such_step": (
        _("This handover cannot be {step} now"),
        _("Reload the page: somebody may have been faster."),
    ),
    "step_not_yours": (
        _("This handover is not yours to be {step}"),
        _("Ask the colleague whose turn it is."),
    ),
    "signature_missing": (_("This step needs a signature"), _("Sign in again to confirm it.")),
    "recipient_only": (_("Only the recipient may do this"), _("Ask the lead to assign it to you.")),
    "same_person": (
        _("Preparer, recipient and approver must be three people"),
        _("Ask a colleague to sign."),
    ),
    "people_of_step_missing": (_("Preparer, recipient or approver is not named"), _("Name them first.")),
    "guard_failed": (_("Not fulfilled: {guard}"), _("Settle it and try again.")),
    "guard_unknown": (_("Not known: {guard}"), _("Settle it and try again.")),
    "not_configured": (_("Not configured: {guard}"), ""),
    **FAMILIES,
}

GUARD_WORDS: dict[str, str] = {
    "relation_active": _("the relation is active"),
    "medical_owner": _("Medical answers to the KOL"),
    "none_in_flight": _("no other handover is under way"),
    "use_open": _("the product is authorised and may be promoted"),
    "rules_in_force": _("the rules of the market are in force"),
    "drafts_settled": _("drafts are signed or listed"),
    "adverse_events_routed": _("side effect reports are passed on"),
    "inquiries_assigned": _("open inquiries have somebody to answer them"),
    "package_previewed": _("the dossier was looked at"),
    "recipient_active": _("the recipient is active"),
    "recipient_in_field": _("the recipient works in field service"),
    "market_matches": _("the recipient works in this market"),
    "territory_matches": _("the KOL is in the recipient's territory"),
    "training_valid": _("the recipient's product training is valid"),
    "qualification_valid": _("the recipient's qualification is valid"),
    "cooling_off_over": _("the recipient's cooling-off is over"),
    "no_conflict": _("the recipient declared no conflict"),
    "package_unchanged": _("the dossier is unchanged since it was prepared"),
    "compliance_signed_if_flagged": _("Compliance signed the flagged item"),
    "effective_in_future": _("the effective date is not in the past"),
    "no_objection": _("the KOL does not object"),
    "effective_reached": _("the effective date is reached"),
    "after_care_done": _("after-care is done"),
    "first_call_day_come": _("the day of the first call has come"),
    "reason_given": _("a reason is given"),
    "second_signature": _("a second person signed"),
    "cause_gone": _("the reason no longer holds"),
    "cause_of_cancelling": _("there is a cause for cancelling"),
    "cause_of_reversal": _("there is a cause for the reversal"),
}

NAME_ANOTHER = _("The field lead names somebody else.")
# What is missing where a guard failed, and who can mend it. Without a line here it is settled by whoever acts.
GUARD_LACKS: dict[str, tuple[str, str]] = {
    "use_open": (
        _("The use is not open for promotion"),
        _("It goes on by itself when the use is open again."),
    ),
    "rules_in_force": (
        _("No rules are in force in this market"),
        _("Compliance proposes them, and somebody else confirms them."),
    ),
    "drafts_settled": (
        _("There are unsigned drafts"),
        _("The MSL signs them, or lists them while preparing."),
    ),
    "adverse_events_routed": (
        _("A side effect report is not passed on yet"),
        _("The MSL passes it on to Safety."),
    ),
    "inquiries_assigned": (
        _("An open question has nobody to answer it"),
        _("The MSL lead names somebody active for it."),
    ),
    "recipient_active": (_("The recipient's account is not active"), NAME_ANOTHER),
    "recipient_in_field": (_("The recipient does not stay in field service"), NAME_ANOTHER),
    "market_matches": (_("The recipient does not work in this market"), NAME_ANOTHER),
    "territory_matches": (
        _("The KOL is not in the recipient's territory"),
        _("The field lead names somebody of that territory."),
    ),
    "training_valid": (
        _("The recipient has no valid training on this use and its label"),
        _("The field lead or Compliance records it once it is done."),
    ),
    "qualification_valid": (
        _("The recipient has no valid qualification to inform professionals"),
        _("The field lead or Compliance records it."),
    ),
    "cooling_off_over": (
        _("The recipient worked for Medical in this market a short while ago"),
        _("The field lead names somebody else, or it waits until that time is over."),
    ),
    "no_conflict": (_("The recipient has declared a conflict of interest with this KOL"), NAME_ANOTHER),
    "no_objection": (
        _("The KOL objects to marketing"),
        _("Compliance decides whether this KOL stays with Medical."),
    ),
    "compliance_signed_if_flagged": (
        _("Compliance has not looked at the flags yet"),
        _("Compliance looks and signs."),
    ),
    "package_unchanged": (
        _("The dossier has changed since it was prepared"),
        _("The MSL lead sends it back, and the MSL prepares it anew."),
    ),
    "first_call_day_come": (
        _("The day of the first call has not come yet"),
        _("It goes on by itself on that day."),
    ),
}

UNKNOWN: tuple[str, str] = (_("Not allowed"), "")
UNNAMED: dict[str, str] = {"topic": _("this topic"), "market": _("this market")}
