"""The clock for handovers. What is due is found by the actions' own queries (decision 36)."""

from __future__ import annotations

from celery import shared_task

from handovers import actions, timers


@shared_task
def open_due_handovers() -> int:
    """Let handovers follow what changed beside them, then open what authorisation has made due."""
    actions.follow_facts()
    return actions.open_due_handovers()


@shared_task
def make_effective() -> int:
    """Move what was approved for an instant that has come; close what has had its after-care."""
    actions.close_finished()
    return actions.make_effective()


@shared_task
def remind_and_escalate() -> int:
    """Tell who is waited for, and who stands above."""
    return timers.remind_and_escalate()
