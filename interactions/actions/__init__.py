"""What is done with contacts: logged, planned, changed, withdrawn, followed up."""

from interactions.actions.amend import amend_signed, answer_amendment
from interactions.actions.follow_ups import (
    add_follow_up,
    complete_follow_up,
    remind_of_due_follow_ups,
    reopen_follow_up,
)
from interactions.actions.joint import link_joint_visits
from interactions.actions.leaving import leave
from interactions.actions.left import close_left_draft
from interactions.actions.log import (
    amend_interaction,
    log_interaction,
    restore_interaction,
    withdraw_interaction,
)
from interactions.actions.nag import nag_of_drafts
from interactions.actions.plans import (
    cancel_plan,
    carry_out_plan,
    move_plan,
    plan_interaction,
    reinstate_plan,
)
from interactions.actions.preclear import answer_preclearance, ask_about_date, ask_preclearance
from interactions.actions.questions import refer_question
from interactions.actions.rejudging import reassess_what_is_soon, rejudge_some, settle_mismatch
from interactions.actions.same_day import tell_of_same_day
from interactions.actions.samples import log_with_sample
from interactions.actions.sign import sign_drafts
from interactions.actions.void import (
    answer_voiding,
    approve_late_draft,
    ask_to_void,
    turn_into_deviation,
)

__all__ = [
    "add_follow_up",
    "amend_interaction",
    "amend_signed",
    "answer_amendment",
    "answer_preclearance",
    "answer_voiding",
    "approve_late_draft",
    "ask_about_date",
    "ask_preclearance",
    "ask_to_void",
    "cancel_plan",
    "carry_out_plan",
    "close_left_draft",
    "complete_follow_up",
    "leave",
    "link_joint_visits",
    "log_interaction",
    "log_with_sample",
    "move_plan",
    "nag_of_drafts",
    "plan_interaction",
    "reassess_what_is_soon",
    "refer_question",
    "reinstate_plan",
    "rejudge_some",
    "remind_of_due_follow_ups",
    "reopen_follow_up",
    "restore_interaction",
    "settle_mismatch",
    "sign_drafts",
    "tell_of_same_day",
    "turn_into_deviation",
    "withdraw_interaction",
]
