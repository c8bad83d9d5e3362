"""The clock for kept figures: reads it, calls one function, returns a count."""

from celery import shared_task

from reports import figures


@shared_task
def fold_figures() -> int:
    return figures.fold()
