"""The sentence of each kind of notice, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# kind: (sentence, icon). A sentence may name the notice's facts.
SENTENCES: dict[str, tuple[Any, str]] = {
    "handovers_due": (
        ngettext_lazy(
            "%(use)s is authorised: %(count)s handover is yours to prepare.",
            "%(use)s is authorised: %(count)s handovers are yours to prepare.",
            "count",
        ),
        "arrows-right-left",
    ),
    "handover_prepared": (
        _("%(kol)s is prepared for field service. Choose who takes over."),
        "arrows-right-left",
    ),
    "handover_assigned": (_("%(kol)s is to become yours. Accept or decline."), "inbox"),
    "handover_accepted": (_("The handover of %(kol)s was accepted and waits for approval."), "check"),
    "handover_declined": (
        _("%(by)s declined the handover of %(kol)s. Choose somebody else."),
        "arrow-back-up",
    ),
    "handover_withdrawn": (_("A handover was withdrawn. There is nothing to do."), "x"),
    "handovers_effective": (
        ngettext_lazy(
            "%(count)s of your handovers took effect.",
            "%(count)s of your handovers took effect.",
            "count",
        ),
        "check",
    ),
    "handovers_effective_yours": (
        ngettext_lazy(
            "%(count)s account is yours from now on.", "%(count)s accounts are yours from now on.", "count"
        ),
        "users",
    ),
    "handovers_waiting": (
        ngettext_lazy(
            "%(count)s handover of %(use)s waits for a next step.",
            "%(count)s handovers of %(use)s wait for a next step.",
            "count",
        ),
        "clock",
    ),
    "handover_reminder": (_("The handover of %(kol)s waits for the next step."), "clock"),
    "handover_escalated": (_("The handover of %(kol)s has waited too long."), "alert-triangle"),
    "job_ended": (_("%(title)s: it has ended."), "check"),
    "covering": (_("You stand in for %(absent)s. Your lead arranged it."), "users"),
    "certificate_ends": (_("A certificate of yours ends within thirty days."), "clock"),
    "certificate_of_team_ends": (_("A certificate of %(person)s ends within thirty days."), "clock"),
    "exit_proposed": (
        _("An exception was proposed for the handover of %(kol)s. It needs your signature."),
        "pencil",
    ),
    "ownership_left": (
        ngettext_lazy(
            "%(use)s may no longer be promoted: %(count)s account has left your list.",
            "%(use)s may no longer be promoted: %(count)s accounts have left your list.",
            "count",
        ),
        "alert-triangle",
    ),
    "ownership_back": (
        ngettext_lazy(
            "%(use)s: %(count)s expert is yours again.",
            "%(use)s: %(count)s experts are yours again.",
            "count",
        ),
        "arrow-back-up",
    ),
    "deviation_reported": (_("A deviation was reported."), "alert-triangle"),
    "trail_broken": (_("A check found the trail broken. Look at it now."), "alert-triangle"),
    "measure_set": (_("Something is yours to put right."), "list-check"),
    "measure_done": (_("What follows from a deviation is done."), "check"),
    "side_effect": (_("A side effect was reported."), "urgent"),
    "side_effect_waits": (_("Nobody has acknowledged report %(number)s in its day."), "urgent"),
    "side_effect_acknowledged": (_("Your side effect report was received."), "check"),
    "question_referred": (_("Field service passed a question on to you."), "arrows-right-left"),
    "account_asked": (_("Field service asks for an account."), "message-2-question"),
    "finding_overdue": (_("A finding waits too long for its next step."), "clock"),
    "finding_hearing": (_("Compliance asks you about something that concerns you."), "message-2-question"),
    "finding_outcome": (_("You can read what came of something you were asked about."), "check"),
    "hearing_answered": (_("Somebody answered what was asked about a finding."), "check"),
    "review_asked": (_("A reviewer asks you about an entry of yours."), "message-2-question"),
    "review_answered": (_("Somebody answered your question about an entry."), "check"),
    "finding_opened": (_("The product opened a finding."), "alert-triangle"),
    "launch_proposed": (_("A launch waits for your signature."), "gavel"),
    "pack_proposed": (_("New rules for %(market)s wait for a second person."), "gavel"),
    "preclear_asked": (_("Somebody asks you for pre-approval."), "message-2-question"),
    "preclear_answered": (_("Compliance answered your question for pre-approval."), "check"),
    "plan_called_off": (
        _("Your visit planned for %(day)s was called off: it is not allowed any more (%(rules)s)."),
        "x",
    ),
    "met_on_one_day": (
        _("Field service met %(kol)s about the same product on the day of your team's visit."),
        "users",
    ),
    "approval_waits": (_("A change of a signed record waits for your signature."), "signature"),
    "approval_answered": (_("What you asked for a signed record was answered."), "check"),
    "drafts_to_sign": (_("%(count)s of your drafts are older than %(days)s days and unsigned."), "signature"),
    "drafts_unsigned_long": (
        _("%(name)s has %(count)s drafts older than %(days)s days that are unsigned."),
        "signature",
    ),
    "follow_up_due": (_("A follow-up is due."), "clock"),
    "appointed": (_("Your role is now: %(role)s."), "user"),
    "new_device": (_("Somebody signed in to your account from a new device."), "device-desktop"),
    "account_locked": (
        _(
            "Your account was locked for ten minutes: too many wrong passwords or codes. Was it not you? Tell us."
        ),
        "lock",
    ),
    "account_of_locked": (
        _("The account of %(whose)s was locked: too many wrong passwords or codes."),
        "lock",
    ),
    "factor_added": (
        _("A second factor was added to your account. Was it not you? Tell your administrator."),
        "key",
    ),
    "factor_removed": (
        _("A second factor was removed from your account. Was it not you? Tell your administrator."),
        "key",
    ),
    "recovery_code_used": (
        ngettext_lazy(
            "Somebody signed in to your account with a recovery code. %(left)s is left.",
            "Somebody signed in to your account with a recovery code. %(left)s are left.",
            "left",
        ),
        "key",
    ),
    "glass_asked": (_("%(reader)s asks for break-glass. Compliance decides."), "lock"),
    "glass_opened": (
        _("%(reader)s reads under break-glass for a short time. All of it is in the trail."),
        "lock",
    ),
    "glass_open": (_("Your break-glass is open. Everything you read is in the trail."), "lock"),
    "glass_on_you": (
        _("%(reader)s reads records of yours under break-glass for a short time. Compliance agreed."),
        "lock",
    ),
    "factor_reset_asked": (_("%(whose)s has lost the second factor. A second person decides."), "key"),
}


class _Lenient(dict[str, Any]):
    """A fact nobody told leaves a dash, never an error page."""

    def __missing__(self, name: str) -> str:
        return "–"


def sentence(kind: str, facts: Mapping[str, Any]) -> str:
    """What a notice says. A kind without a sentence is called by its name."""
    if kind not in SENTENCES:
        return kind.replace("_", " ").capitalize()
    return str(SENTENCES[kind][0] % _Lenient({"count": 0, **facts}))


def icon_of(kind: str) -> str:
    """The icon that stands beside a notice."""
    return SENTENCES[kind][1] if kind in SENTENCES else "bell"
