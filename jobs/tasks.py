"""The clock for long work: reads it, calls one function, returns a count."""

import time

from celery import shared_task

from jobs import work

SECONDS = 20


@shared_task
def work_on_jobs() -> int:
    """Batch after batch for a while; then the hands are free for something else."""
    until, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < until and work.work_on_next():
        count += 1
    return count


@shared_task
def forget_results() -> int:
    return work.forget_results()
