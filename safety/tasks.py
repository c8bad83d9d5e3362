"""The clock of side effects: mail them, escalate what waits, forget what is no longer needed."""

from __future__ import annotations

from celery import shared_task

from safety import escalating, mailing, purging


@shared_task
def mail_reports() -> int:
    return mailing.mail_due()


@shared_task
def escalate_reports() -> int:
    return escalating.escalate_due()


@shared_task
def purge_reports() -> int:
    return purging.purge_due()
