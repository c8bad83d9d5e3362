"""The clock for notices: reads it, calls one function, returns a count."""

from celery import shared_task

from accounts import notices
from accounts.certificate_actions import remind_of_ends


@shared_task
def deliver_notices() -> int:
    return notices.deliver_due()


@shared_task
def send_digests() -> int:
    return notices.send_digests()


@shared_task
def remind_of_certificates() -> int:
    return remind_of_ends()
