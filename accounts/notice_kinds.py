"""The kinds of notice a person of each side can get, by name, and the ways she chose to hear of them.

The table lists kinds of a side only: field service reads here no word of what Medical is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import NoticeChoice, User
from compliance.policy import Side

ALL = frozenset(Side)
BOTH = frozenset({Side.MEDICAL, Side.COMMERCIAL})
MEDICAL = frozenset({Side.MEDICAL})
FIELD = frozenset({Side.COMMERCIAL})
ABOVE = frozenset({Side.OVERSIGHT, Side.NEUTRAL})
WAYS = ("inside", "mail", "digest")

# kind: (what it is called, for whom)
KINDS: dict[str, tuple[Any, frozenset[Side]]] = {
    "handovers_due": (_("Handovers to prepare"), MEDICAL),
    "handover_prepared": (_("A handover is prepared"), FIELD),
    "handover_assigned": (_("An account is to become yours"), FIELD),
    "handover_accepted": (_("A handover was accepted"), MEDICAL),
    "handover_declined": (_("A handover was declined"), FIELD),
    "handover_withdrawn": (_("A handover was withdrawn"), FIELD),
    "handovers_effective": (_("Your handovers took effect"), MEDICAL),
    "handovers_effective_yours": (_("Accounts are yours"), FIELD),
    "handovers_waiting": (_("Handovers wait for a step"), BOTH),
    "handover_reminder": (_("A handover waits"), BOTH),
    "handover_escalated": (_("A handover waited too long"), BOTH),
    "exit_proposed": (_("An exception needs a signature"), BOTH | ABOVE),
    "ownership_left": (_("Accounts left your list"), FIELD),
    "ownership_back": (_("Experts came back to you"), MEDICAL),
    "covering": (_("You stand in for somebody"), BOTH),
    "certificate_ends": (_("A certificate ends"), BOTH),
    "certificate_of_team_ends": (_("A certificate in your team ends"), BOTH),
    "follow_up_due": (_("A follow-up is due"), BOTH),
    "plan_called_off": (_("A planned visit was called off"), BOTH),
    "question_referred": (_("A question was passed on to you"), MEDICAL),
    "finding_opened": (_("The product found something"), ABOVE),
    "launch_proposed": (_("A launch waits for a signature"), ABOVE),
    "account_asked": (_("Field service asks for an account"), MEDICAL),
    "met_on_one_day": (_("Both sides met an expert on one day"), MEDICAL),
    "measure_set": (_("Something is yours to put right"), ALL),
    "measure_done": (_("A measure is done"), ABOVE),
    "deviation_reported": (_("A deviation was reported"), ABOVE),
    "trail_broken": (_("The trail is broken"), frozenset({Side.OVERSIGHT})),
    "finding_overdue": (_("A finding waits too long"), ABOVE),
    "finding_hearing": (_("You are asked about something"), ALL),
    "finding_outcome": (_("What came of something you were asked about"), ALL),
    "hearing_answered": (_("Somebody answered about a finding"), ABOVE),
    "review_asked": (_("A question about an entry of yours"), ALL),
    "review_answered": (_("A question about an entry was answered"), ABOVE),
    "pack_proposed": (_("New rules wait for a second person"), ABOVE),
    "side_effect": (_("A side effect was reported"), ABOVE | {Side.SAFETY}),
    "side_effect_waits": (_("Safety has not acknowledged a report"), ABOVE | {Side.SAFETY}),
    "side_effect_acknowledged": (_("Your side effect report was received"), ALL),
    "preclear_asked": (_("Somebody asks for pre-approval"), ABOVE),
    "preclear_answered": (_("A pre-approval was answered"), BOTH),
    "approval_waits": (_("A change of a signed record waits for you"), BOTH | ABOVE),
    "approval_answered": (_("Your change of a signed record was answered"), BOTH),
    "drafts_to_sign": (_("Drafts wait for your signature"), BOTH),
    "drafts_unsigned_long": (_("Drafts in your team are unsigned for long"), BOTH),
    "job_ended": (_("A long job has ended"), ALL),
    "appointed": (_("Your role changes"), ALL),
    "new_device": (_("A sign-in from a new device"), ALL),
    "account_locked": (_("Your account was locked"), ALL),
    "account_of_locked": (_("Somebody's account was locked"), ABOVE),
    "factor_added": (_("A second factor was added"), ALL),
    "factor_removed": (_("A second factor was removed"), ALL),
    "recovery_code_used": (_("A recovery code was used"), ALL),
    "glass_asked": (_("Somebody asks for break-glass"), ABOVE),
    "glass_opened": (_("Break-glass was opened"), ABOVE),
    "glass_open": (_("Your break-glass is open"), ABOVE),
    "glass_on_you": (_("Your records are read under break-glass"), ALL),
    "factor_reset_asked": (_("A lost second factor waits for a second person"), ABOVE),
}
# What nobody may overlook by a switch: the account itself, and what the law sets a clock for.
ALWAYS = frozenset(
    {
        "glass_asked",
        "glass_opened",
        "glass_open",
        "glass_on_you",
        "account_locked",
        "account_of_locked",
        "factor_added",
        "factor_removed",
        "recovery_code_used",
    }
) | frozenset(
    {
        "appointed",
        "new_device",
        "side_effect",
        "side_effect_waits",
        "deviation_reported",
        "measure_set",
        "trail_broken",
        "finding_overdue",
        "finding_hearing",
    }
)


@dataclass(frozen=True)
class Row:
    """One kind in the matrix of one person."""

    kind: str
    name: Any
    always: bool
    inside: bool
    mail: bool
    digest: bool


def kinds_of(user: User) -> list[str]:
    """The kinds that people of this person's side can get."""
    return [kind for kind, (_name, sides) in KINDS.items() if user.side in sides]


def name_of(kind: str) -> str:
    return str(KINDS[kind][0]) if kind in KINDS else kind.replace("_", " ").capitalize()


def matrix_of(user: User) -> list[Row]:
    """Event by way, as the person has set it."""
    chosen = {row.kind: row for row in NoticeChoice.objects.filter(person=user)}
    rows = []
    for kind in kinds_of(user):
        row = chosen.get(kind) or NoticeChoice(kind=kind)
        always = kind in ALWAYS
        rows.append(Row(kind, KINDS[kind][0], always, row.inside or always, row.mail, row.digest))
    return rows


def choices_of(user: User) -> list[list[Any]]:
    """What differs from "by all ways", in a form that a session can keep for an undo."""
    rows = NoticeChoice.objects.filter(person=user).order_by("kind")
    return [[row.kind, row.inside, row.mail, row.digest] for row in rows]


def choose(user: User, rows: Iterable[Iterable[Any]]) -> None:
    """Replace a person's choices: (kind, inside, mail, digest). What may not be switched off stays on."""
    NoticeChoice.objects.filter(person=user).delete()
    NoticeChoice.objects.bulk_create(
        NoticeChoice(person=user, kind=kind, inside=inside or kind in ALWAYS, mail=mail, digest=digest)
        for kind, inside, mail, digest in rows
        if not (inside and mail and digest)
    )


def mute(user: User, kind: str) -> None:
    """No more notices of this kind, by no way."""
    others = [row for row in choices_of(user) if row[0] != kind]
    choose(user, [*others, [kind, False, False, False]])
