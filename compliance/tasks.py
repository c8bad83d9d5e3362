"""The clock of the trail: it is sealed each second and verified each night."""

from __future__ import annotations

import time

from celery import shared_task

from compliance import chain, verification

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
