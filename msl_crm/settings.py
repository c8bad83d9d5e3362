"""One settings file for demo, tests and production, read from the environment; safe when that is empty."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def database(url: str) -> dict[str, object]:
    """A PostgreSQL address as Django wants it. The host may be a percent-encoded socket folder."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    socket = "%2f" in place.lower()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(place) if socket else parts.hostname or "",
        "PORT": "" if socket else str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # PgBouncer hands out a connection per transaction; a server-side cursor would outlive it.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "TEST": {"NAME": env("CRM_TEST_DB", default="test_crm"), "TEMPLATE": "template1"},
    }


def needed(name: str) -> str:
    if not (value := env(name, default="")):
        raise ImproperlyConfigured(f"Set {name}. `.env.example` lists every variable with a safe value.")
    return value


# Security ------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = needed("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000")
# Names the release in every signature, beside the fingerprint of the sources.
RELEASE = env("RELEASE", default="1.0")[:40]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
LANGUAGE_COOKIE_NAME = "language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
CSRF_FAILURE_VIEW = "msl_crm.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Applications --------------------------------------------------------------------------------------
OUR_APPS = [
    "accounts",
    "compliance",
    "jobs",
    "products",
    "kols",
    "safety",
    "interactions",
    "handovers",
    "imports",
    "reports",
    "calendars",
    "reviews",
]
INSTALLED_APPS = [
    *OUR_APPS,
    "msl_crm",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "crispy_forms",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # With bytes of random length, so that the size of a page tells nothing of what it holds.
    "django.middleware.gzip.GZipMiddleware",
    "msl_crm.middleware.health",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "msl_crm.middleware.acting",
    "msl_crm.middleware.second_factor",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "msl_crm.access.enforce",
    "msl_crm.inspection.auditors_reading",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "msl_crm.urls"
WSGI_APPLICATION = "msl_crm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "msl_crm.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "msl_crm.navigation.shell",
            ],
        },
    }
]
CRISPY_TEMPLATE_PACK = CRISPY_ALLOWED_TEMPLATE_PACKS = "msl"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# Sign-in -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.factor_forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip", "reset_password": "20/m/ip,5/m/key"}
USERSESSIONS_TRACK_ACTIVITY = False
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A code of the half minute before or after counts as well: clocks differ, and each code works once.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.CodeForm",
    "reauthenticate": "accounts.factor_forms.CodeAgainForm",
    "activate_totp": "accounts.factor_forms.AppForm",
    "authenticate_webauthn": "accounts.factor_forms.PasskeyForm",
    "reauthenticate_webauthn": "accounts.factor_forms.PasskeyAgainForm",
    "login_webauthn": "accounts.factor_forms.PasskeySignInForm",
    "add_webauthn": "accounts.factor_forms.NewPasskeyForm",
    "edit_webauthn": "accounts.factor_forms.PasskeyNameForm",
}
# Who asks for a link to an account that does not exist gets the same page and no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Five wrong passwords from one address for one account wait ten minutes there; the owner elsewhere is not locked out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.sign_in.locked"
AXES_USERNAME_CALLABLE = "accounts.sign_in.username"
AXES_CLIENT_IP_CALLABLE = "accounts.sign_in.address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["code", "credential"]
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [
    # On plain http the demo has no certificate to redirect to; PUBLIC_URL=https://… switches all of these on.
    *([] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]

# Database ------------------------------------------------------------------------------------------
DATABASES = {"default": database(needed("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker and cache ----------------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379").partition("?")[0]
if REDIS_URL.startswith("unix://"):
    CELERY_BROKER_URL = "redis+socket://" + REDIS_URL.removeprefix("unix://") + "?virtual_host=0"
    CACHE_URL = REDIS_URL + "?db=1"
else:
    CELERY_BROKER_URL = REDIS_URL.rstrip("/") + "/0"
    CACHE_URL = env("CACHE_URL", default=REDIS_URL.rstrip("/") + "/1")
CACHES = {
    "default": {
        "BACKEND": "msl_crm.cache.PatientRedisCache",
        "LOCATION": CACHE_URL,
    }
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1200}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "open the handovers that authorisation has made due": {
        "task": "handovers.tasks.open_due_handovers",
        "schedule": 300.0,
    },
    "make approved handovers effective at their instant": {
        "task": "handovers.tasks.make_effective",
        "schedule": 60.0,
    },
    "remind and escalate handovers that wait": {
        "task": "handovers.tasks.remind_and_escalate",
        "schedule": 600.0,
    },
    "remind of due follow-ups": {"task": "interactions.tasks.remind_of_due_follow_ups", "schedule": 900.0},
    "remind of unsigned drafts": {"task": "interactions.tasks.nag_of_drafts", "schedule": 3600.0},
    "judge anew what a late entry touches": {"task": "interactions.tasks.rejudge", "schedule": 60.0},
    "judge the plans of the hour anew": {"task": "interactions.tasks.reassess_plans", "schedule": 900.0},
    "tell Medical of days with both sides": {
        "task": "interactions.tasks.tell_of_same_day",
        "schedule": 3600.0,
    },
    "link the records of visits of both sides": {
        "task": "interactions.tasks.link_joint_visits",
        "schedule": 3600.0,
    },
    "mail reports to Safety": {"task": "safety.tasks.mail_reports", "schedule": 30.0},
    "escalate reports that wait for Safety": {"task": "safety.tasks.escalate_reports", "schedule": 300.0},
    "purge what was said of patients": {"task": "safety.tasks.purge_reports", "schedule": 3600.0},
    "escalate findings that wait": {"task": "compliance.tasks.escalate_findings", "schedule": 3600.0},
    "deliver notices": {"task": "accounts.tasks.deliver_notices", "schedule": 30.0},
    "put the entries of figures together": {"task": "reports.tasks.fold_figures", "schedule": 900.0},
    # A message that nobody could take up in its second is not worth keeping: the next one is there.
    "work on jobs": {"task": "jobs.tasks.work_on_jobs", "schedule": 1.0, "options": {"expires": 2.0}},
    "seal the trail": {"task": "compliance.tasks.seal_trail", "schedule": 1.0, "options": {"expires": 2.0}},
    "verify the trail each night": {
        "task": "compliance.tasks.verify_nightly",
        "schedule": crontab(hour=2, minute=10),
    },
    "forget results of jobs": {"task": "jobs.tasks.forget_results", "schedule": 900.0},
    "read the calendars people have named": {
        "task": "calendars.tasks.read_other_calendars",
        "schedule": 60.0,
    },
    "remind of certificates that end": {"task": "accounts.tasks.remind_of_certificates", "schedule": 3600.0},
    "send the daily digest": {"task": "accounts.tasks.send_digests", "schedule": 900.0},
}

# Anchors of the trail ------------------------------------------------------------------------------
# Where heads of the chain go, outside of the database: a file, a folder with a file per day, a mailbox once an hour.
AUDIT_ANCHOR_FILE = env("AUDIT_ANCHOR_FILE", default=str(BASE_DIR / "anchors" / "trail.jsonl"))
AUDIT_ANCHOR_FOLDER = env("AUDIT_ANCHOR_FOLDER", default="")
AUDIT_ANCHOR_MAIL = env("AUDIT_ANCHOR_MAIL", default="")
# Signs them (HMAC-SHA256). Keep it where the database's administrators do not read it.
AUDIT_ANCHOR_KEY = env("AUDIT_ANCHOR_KEY", default="")

# Calendars -----------------------------------------------------------------------------------------
# Networks of one's own house that people's calendars may be read from; nothing private is read otherwise.
CALENDAR_NETWORKS = env.list("CALENDAR_NETWORKS", default=[])

# Mail ----------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="filemail:///" + str(BASE_DIR / "mail")))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="msl-crm@localhost")

# Pages ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env("STATICFILES", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}

# API -----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["msl_crm.access.InRole"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["msl_crm.parsers.PlainJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "msl_crm.api.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "msl_crm.schema.Documented",
    "EXCEPTION_HANDLER": "msl_crm.api.exception_handler",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MSL CRM",
    "VERSION": "1",
    "SERVE_PUBLIC": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "msl_crm.schema.document_refusals",
    ],
}

# Logs ----------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # It would write the addresses people sign in with into the log; the trail has them.
    "loggers": {"axes": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
