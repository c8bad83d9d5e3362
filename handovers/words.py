"""What handovers are called on pages: columns, states, codes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.policy import Column, DeclineReason, ExemptReason, HandoverState
from kols.forms import LANGUAGES

COLUMN = {
    Column.TO_PREPARE: (_("To prepare"), "idle"),
    Column.WAITING: (_("Waiting for field service"), "hatch-green"),
    Column.DECLINED: (_("Declined, choose again"), "amber"),
    Column.WITH_FIELD_SERVICE: (_("With field service"), "green"),
    Column.SET_ASIDE: (_("Set aside"), "idle"),
}
SHORT = {
    Column.TO_PREPARE: _("Prepare"),
    Column.WAITING: _("Waiting"),
    Column.DECLINED: _("Declined"),
    Column.WITH_FIELD_SERVICE: _("Done"),
}
LEGEND = {
    Column.WITH_FIELD_SERVICE: _("with field service"),
    Column.WAITING: _("waiting"),
    Column.DECLINED: _("declined"),
    Column.TO_PREPARE: _("to prepare"),
}
STATE = {
    HandoverState.DUE: _("To prepare"),
    HandoverState.PREPARED: _("Prepared, waits for a rep to be named"),
    HandoverState.ASSIGNED: _("Rep named, waits for the rep"),
    HandoverState.ACCEPTED: _("Accepted, waits for approval"),
    HandoverState.APPROVED: _("Approved"),
    HandoverState.EFFECTIVE: _("With field service"),
    HandoverState.CLOSED: _("With field service, after-care done"),
    HandoverState.EXEMPT: _("Stays with Medical"),
    HandoverState.NO_FIELD: _("Stays with Medical: nobody in field service"),
    HandoverState.FROZEN: _("Stopped"),
    HandoverState.CANCELLED: pgettext_lazy("a handover", "Cancelled"),
    HandoverState.REVERSED: _("Came back to Medical"),
}
DECLINE: dict[str, Any] = {
    DeclineReason.WRONG_TERRITORY: _("Not my territory"),
    DeclineReason.CAPACITY: _("No capacity"),
    DeclineReason.CONFLICT: _("I have a conflict of interest"),
    DeclineReason.NOT_TRAINED: _("Not trained for this product"),
    DeclineReason.ABSENT: _("Away for longer"),
    DeclineReason.STAY_WITH_MEDICAL: _("Should stay with Medical"),
}
EXEMPT: dict[str, Any] = {
    ExemptReason.ACTIVE_INVESTIGATOR: _("Active investigator"),
    ExemptReason.OBJECTION_TO_MARKETING: _("Objects to marketing"),
    ExemptReason.ONLY_OFF_LABEL_INTEREST: _("Only interested off label"),
    ExemptReason.PUBLIC_OFFICE_CONFLICT: _("Conflict with a public office"),
    ExemptReason.OTHER: _("Other"),
}
STEP = {
    "T-01": _("Became due"),
    "T-02": _("Prepared"),
    "T-03": _("Rep named"),
    "T-04": _("Accepted"),
    "T-05": _("Approved"),
    "T-06": _("Ownership moved to field service"),
    "T-07": _("After-care done"),
    "T-08": _("Declined"),
    "T-09": _("Sent back"),
    "T-10": _("Stays with Medical"),
    "T-11": _("Stays with Medical: nobody in field service"),
    "T-12": _("Taken up again"),
    "T-13": _("Stopped"),
    "T-14": _("Taken up again"),
    "T-15": pgettext_lazy("a handover", "Cancelled"),
    "T-16": _("Ownership came back to Medical"),
    "T-17": _("Became due again"),
    "T-19": _("Another MSL prepares"),
}
RESTRICTION = {
    "PAID_SERVICES_NEED_APPROVAL": _("Paid services need approval by Compliance"),
    "FORMULARY_MEMBER": _("Formulary or guideline member"),
}
LICENCE = {"UNKNOWN": _("not checked"), "VERIFIED": _("verified"), "EXPIRED": _("expired")}
LANGUAGE = dict(LANGUAGES)
CHANNEL = {
    "IN_PERSON": _("in person"),
    "VIDEO": _("video"),
    "PHONE": _("telephone"),
    "EMAIL": _("e-mail"),
}
