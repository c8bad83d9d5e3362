"""The clock of follow-ups."""

from __future__ import annotations

from celery import shared_task

from accounts.acting import acting_as, now, system
from interactions import actions


@shared_task
def remind_of_due_follow_ups() -> int:
    with acting_as(system("remind of due follow-ups")):
        return actions.remind_of_due_follow_ups(at=now())
