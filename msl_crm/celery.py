"""The Celery application: the clock and the hands. Work itself is found by queries (decision 36)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msl_crm.settings")

app = Celery("msl_crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
