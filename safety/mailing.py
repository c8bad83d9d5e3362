"""Mailing each report to its desk, at least once, and showing that it waits (R-131).

The report's own row is the outbox, so no copy of the words lies anywhere else. It is claimed, mailed and marked in
one transaction: whoever is killed between mailing and marking leaves it to be mailed again, under the same id.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.acting import acting_as, now, system
from safety import e2b
from safety.desks import Desk, desk_for
from safety.models import SafetyReport

logger = logging.getLogger(__name__)
# A desk that nobody has named, or a server that does not answer, is asked again; the wait grows to an hour.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
NO_DESK = "no desk"


def mail_due() -> int:
    """Mail every report whose time has come; how many went out."""
    sent = 0
    while (went := _mail_next()) is not None:
        sent += went
    return sent


def _mail_next() -> bool | None:
    """Mail one report, oldest first. None when nothing waits; a failure is noted and tried again later."""
    with acting_as(system("mail reports to Safety")):
        report = (
            SafetyReport.objects.filter(mailed_at=None, mail_after__lte=now(), purged_at=None)
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("market", "product", "reporter", "clinical")
            .order_by("mail_after", "id")
            .first()
        )
        if report is None:
            return None
        problem = _mail(report, desk_for(report.market, report.route))
        report.mail_attempts = min(report.mail_attempts + 1, 1000)
        report.mail_problem = problem
        if problem:
            wait = min(FIRST_WAIT * 2 ** min(report.mail_attempts, 10), LONGEST_WAIT)
            report.mail_after = now() + wait
        else:
            report.mailed_at = now()
        report.save(update_fields=["mail_attempts", "mail_problem", "mail_after", "mailed_at"])
        return not problem


def _mail(report: SafetyReport, desk: Desk | None) -> str:
    if desk is None:
        return NO_DESK
    try:
        message_for(report, desk).send()
    except Exception as fault:
        logger.exception("a report could not be mailed to its desk")
        return type(fault).__name__[:60]
    return ""


def message_for(report: SafetyReport, desk: Desk) -> EmailMessage:
    """That a report waits, with its number and address; the report itself only where the way is encrypted."""
    base = settings.PUBLIC_URL.rstrip("/")
    facts = {
        "report": report, "desk": desk, "said": report.said if desk.encrypted else {},
        "url": base + reverse("safety:detail", args=[report.pk]),
    }  # fmt: skip
    message = EmailMessage(
        f"MSL CRM: {report.number}",
        render_to_string("mail/safety_report.txt", facts),
        to=[desk.mailbox],
        headers={"Message-ID": f"<{report.message_id}@{urlsplit(base).hostname or 'msl-crm'}>"},
    )
    if desk.encrypted:
        message.attach(f"{report.number}.xml", e2b.document(report).decode(), "application/xml")
    return message
