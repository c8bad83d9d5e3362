"""The clock of follow-ups, and of days on which both sides met an expert."""

from __future__ import annotations

from celery import shared_task

from accounts.acting import acting_as, now, system
from interactions import actions


@shared_task
def remind_of_due_follow_ups() -> int:
    with acting_as(system("remind of due follow-ups")):
        return actions.remind_of_due_follow_ups(at=now())


@shared_task
def nag_of_drafts() -> int:
    with acting_as(system("remind of unsigned drafts")):
        return actions.nag_of_drafts(at=now())


@shared_task
def tell_of_same_day() -> int:
    with acting_as(system("tell Medical of days with both sides")):
        return actions.tell_of_same_day(at=now())


@shared_task
def link_joint_visits() -> int:
    with acting_as(system("link the records of visits of both sides")):
        return actions.link_joint_visits(at=now())


@shared_task
def rejudge() -> int:
    """What a late entry touches, batch after batch, until nothing is left."""
    done = 0
    while (judged := actions.rejudge_some()) is not None:
        done += judged
    return done


@shared_task
def reassess_plans() -> int:
    with acting_as(system("judge the plans of the hour anew")):
        return actions.reassess_what_is_soon(at=now())
