"""Which findings have passed a target: asked anew each time, told once for each target (PP-23, R-153)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from compliance import finding_steps as steps
from compliance.finding_actions import escalate
from compliance.models import Finding, Measure


def overdue(finding: Finding, at: datetime) -> list[str]:
    """The targets this finding has passed. Until it is triaged nobody knows its weight: each target counts in turn."""
    market, opened = finding.market, finding.market.local_day(finding.opened_at)
    today, found = market.local_day(at), []
    if finding.status in steps.UNTRIAGED:
        found = [
            f"triage {grade}"
            for grade in steps.GRADED
            if today > steps.due(market, opened, steps.triage_days(grade))
        ]
    elif finding.status in steps.UNPLANNED and today > steps.due(
        market, opened, steps.plan_days(finding.grade)
    ):
        found = ["plan"]
    elif finding.status == Finding.Status.CAPA_DONE and finding.check_from and today > finding.check_from:
        found = ["check"]
    return found + [
        f"measure {one.pk}" for one in finding.measures.all() if one.done_at is None and one.due_on < today
    ]


def escalate_findings(at: datetime) -> int:
    """Tell Compliance of every target that has passed. May run again at any time. Returns how many targets."""
    late = Measure.objects.open().filter(due_on__lt=at.date()).values("finding")
    waiting = [*steps.UNTRIAGED, *steps.UNPLANNED, steps.Status.CAPA_DONE]
    rows = Finding.objects.filter(Q(status__in=waiting) | Q(pk__in=late) & ~Q(status=steps.Status.CLOSED))
    told = 0
    for finding in rows.select_related("market").prefetch_related("measures"):
        for what in overdue(finding, at):
            escalate(finding, what)
            told += 1
    return told
