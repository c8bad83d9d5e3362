"""What was said of a patient goes, some days after the desk has it (PP-20). Number and case number stay."""

from __future__ import annotations

from functools import partial

from django.db import connection

from accounts.acting import acting_as, now, system
from compliance import audit
from safety.actions import words_of
from safety.models import SafetyReport
from safety.routing import best

BATCH = 100


def purge_due() -> int:
    """Forget the words of every report whose days are over; how many were purged.

    The database does it and refuses it for a report that nobody has acknowledged.
    """
    done = 0
    while found := _purge_some():
        done += found
    return done


def _purge_some() -> int:
    with acting_as(system("purge what was said of patients")):
        due = list(
            SafetyReport.objects.filter(purged_at=None, purge_after__lte=now())
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("product")
            .order_by("purge_after", "id")[:BATCH]
        )
        gone = [report for report in due if best(partial(_purge, report), False)]
        audit.record_all(
            [
                {"verb": "purged what was said in", "subject": report, "by": None, "words": words_of(report),
                 "case_id": report.case_id}
                for report in gone
            ]
        )  # fmt: skip
        return len(gone)


def _purge(report: SafetyReport) -> bool:
    """One of them; where the trail is not sealed yet that far, the next run does it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_purge_report(%s)", [report.pk])
    return True
