"""No acknowledgement in one business day: the desk's lead is told, a business day later Compliance (R-131)."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Role
from safety.actions import words_of
from safety.desks import desk_for
from safety.models import SafetyReport
from safety.routing import end_of_business_day

LEAD, COMPLIANCE = 1, 2


def escalate_due() -> int:
    """Tell whoever stands above, for every report whose day has passed; how many steps were taken.

    Found by a query, each step once; after a night without workers they are caught up in order.
    """
    steps = 0
    while _escalate_next():
        steps += 1
    return steps


def _escalate_next() -> bool:
    with acting_as(system("escalate reports that wait for Safety")):
        report = (
            SafetyReport.objects.waiting()
            .filter(escalates_at__lte=now())
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("market", "product")
            .order_by("escalates_at", "id")
            .first()
        )
        if report is None:
            return False
        report.escalated += 1
        # It was due with the last moment of a day; the next step is a business day after that day.
        ended = (report.escalates_at or now()) - timedelta(microseconds=1)
        report.escalates_at = (
            end_of_business_day(report.market, ended, 1) if report.escalated < COMPLIANCE else None
        )
        report.save(update_fields=["escalated", "escalates_at"])
        for person in _told(report):
            tell(
                person, "side_effect_waits", f"side effect {report.pk} waits {report.escalated}",
                url=reverse("safety:detail", args=[report.pk]), urgent=True, number=report.number,
            )  # fmt: skip
        audit.record("escalated", report, by=None, words=words_of(report), step=report.escalated)
        return True


def _told(report: SafetyReport) -> list[User]:
    if report.escalated >= COMPLIANCE:
        return people_with(Role.COMPLIANCE)
    desk = desk_for(report.market, report.route)
    if desk is not None and desk.lead is not None and desk.lead.is_active:
        return [desk.lead]
    return people_with(Role.SAFETY)
