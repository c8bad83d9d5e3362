"""What is done to handovers. Ownership moves to field service in `make_effective` and nowhere else."""

from handovers.actions._step import Conflict, Signature
from handovers.actions.accounts import answer_account, ask_for_account
from handovers.actions.bulk import Item, Outcome, Result, manifest_for, run_batch
from handovers.actions.campaign import release_campaign
from handovers.actions.effective import make_effective
from handovers.actions.exits import (
    close_finished,
    declare_no_field,
    follow_facts,
    hold_handover,
    lift_hold,
    propose_exemption,
    return_to_due,
    settle_exit,
)
from handovers.actions.lifecycle import Enacted, countersign_and_enact, enact_entry
from handovers.actions.objections import keep_with_medical
from handovers.actions.opening import open_due_handovers
from handovers.actions.reversal import order_reversal
from handovers.actions.split import split_use
from handovers.actions.steps import (
    accept_handover,
    approve_handover,
    assign_handover,
    clear_flags,
    decline_handover,
    prepare_handover,
    send_back_handover,
)

__all__ = [
    "Conflict",
    "Enacted",
    "Item",
    "Outcome",
    "Result",
    "Signature",
    "accept_handover",
    "answer_account",
    "approve_handover",
    "ask_for_account",
    "assign_handover",
    "clear_flags",
    "close_finished",
    "countersign_and_enact",
    "declare_no_field",
    "decline_handover",
    "enact_entry",
    "follow_facts",
    "hold_handover",
    "keep_with_medical",
    "lift_hold",
    "make_effective",
    "manifest_for",
    "open_due_handovers",
    "order_reversal",
    "prepare_handover",
    "propose_exemption",
    "release_campaign",
    "return_to_due",
    "run_batch",
    "send_back_handover",
    "settle_exit",
    "split_use",
]
