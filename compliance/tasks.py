"""The clock of the trail, sealed each second and verified each night, and of findings."""

from __future__ import annotations

import time

from celery import shared_task

from accounts.acting import acting_as, now, system
from compliance import chain, verification
from compliance.finding_clock import escalate_findings as _escalate

SECONDS = 20


@shared_task
def seal_trail() -> int:
    """What waits, batch after batch for a while; then the hands are free for something else."""
    until = time.monotonic() + SECONDS
    return chain.seal(go_on=lambda: time.monotonic() < until)


# Taken up again after a crash it would begin anew: once a night is enough.
@shared_task(acks_late=False, time_limit=6 * 3600)
def verify_nightly() -> bool:
    return bool(verification.verify(verification.own_anchors(), why="each night")["unbroken"])


@shared_task
def escalate_findings() -> int:
    with acting_as(system("escalate findings")):
        return _escalate(at=now())
