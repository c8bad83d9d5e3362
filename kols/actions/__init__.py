"""What is done to the directory, to science, and to who answers to whom."""

from kols.actions.consents import (
    lift_objection,
    record_consent,
    record_objection,
    record_privacy_notice,
    withdraw_consent,
)
from kols.actions.directory import add_affiliation, add_identifier, edit_kol, register_kol, set_science
from kols.actions.leaving import deactivate_user
from kols.actions.matters import close_matter, open_matter
from kols.actions.merging import merge_kols
from kols.actions.ownership import end_relation, open_relation, reassign_owner, transfer_ownership
from kols.actions.practice import find_or_note_institution, set_markets
from kols.actions.seats import leave_seat, set_visit_goal, take_seat
from kols.actions.views import change_view, remove_view, restore_view, save_view

__all__ = [
    "add_affiliation",
    "add_identifier",
    "change_view",
    "close_matter",
    "deactivate_user",
    "edit_kol",
    "end_relation",
    "find_or_note_institution",
    "leave_seat",
    "lift_objection",
    "merge_kols",
    "open_matter",
    "open_relation",
    "reassign_owner",
    "record_consent",
    "record_objection",
    "record_privacy_notice",
    "register_kol",
    "remove_view",
    "restore_view",
    "save_view",
    "set_markets",
    "set_science",
    "set_visit_goal",
    "take_seat",
    "transfer_ownership",
    "withdraw_consent",
]
