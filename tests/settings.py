"""The product's settings, with fast passwords and files in place of a build."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("STATICFILES", "django.contrib.staticfiles.storage.StaticFilesStorage")

from msl_crm.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
AUDIT_ANCHOR_FILE = AUDIT_ANCHOR_FOLDER = AUDIT_ANCHOR_MAIL = AUDIT_ANCHOR_KEY = ""
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# A statement that would go on for ever ends as an error that names it.
DATABASES["default"]["OPTIONS"] = {"options": "-c statement_timeout=120s"}  # noqa: F405
