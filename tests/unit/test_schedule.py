"""The clock: every entry of the schedule names a task that exists, and says what it does as a sentence."""

from __future__ import annotations

from django.conf import settings

from msl_crm.celery import app


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()

    assert [
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] not in app.tasks
    ] == []


def test_every_task_of_ours_is_scheduled():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}

    assert ours == {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
