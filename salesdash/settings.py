"""Every setting of the project. Environment variables override; the README lists them."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from salesdash import embedded, redis_url
from salesdash.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = embedded.places().data

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)

# The address that people type and that mails link to; its scheme decides whether cookies are
# marked secure and plain HTTP is refused.
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")
SITE_URL = SITE_URL.rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL!r}: set it to the whole address, such as https://sales.example.com"
    )
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = [_site.hostname, "127.0.0.1", "localhost", *env.list("ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

# Storage

DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.database_url()
if urlsplit(DATABASE_URL).scheme not in {"postgres", "postgresql"}:
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host:5432/name"
    )
DATABASES = {
    "default": {
        **env.db_url_config(DATABASE_URL),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()
if urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
    raise ImproperlyConfigured("REDIS_URL must be like redis://host:6379/0 or unix:///path/socket")
# Beside the queue, in a database of its own: clearing the cache must not clear the queue.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url.with_database(REDIS_URL, redis_url.database_of(REDIS_URL) + 1),
    }
}
# Redis publishes to all its databases alike, so installations that share one need names.
LIVE_CHANNEL = env.str("LIVE_CHANNEL", default="salesdash:changed")

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and env.str("DATABASE_URL", default=""):
    raise ImproperlyConfigured(
        "DATABASE_URL is set, so several machines may share this installation: set SECRET_KEY "
        "too, to one long random text for all of them. Make one with: openssl rand -base64 48"
    )
SECRET_KEY = SECRET_KEY or embedded.secret_key()

# Applications

INSTALLED_APPS = [
    "salesdash",
    "dashboards",
    "alerts",
    "forecasting",
    "kpis",
    "pipeline",
    "accounts",
    "salesdash.admin_config.SettingsSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "salesdash.static_files.StaticFiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_celery_beat",
    "django_prometheus",
    "pgtrigger",
]
# The catalogs of KPIs; nothing is discovered.
SALESDASH_CATALOGS = ["kpis.catalog", "forecasting.catalog"]
# Whether figures may be read from stored values; they are kept either way.
STORED_VALUES = env.bool("STORED_VALUES", default=True)

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "salesdash.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "salesdash.private.private_answers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "salesdash.sign_in.SignInFirst",
    "accounts.middleware.PersonMiddleware",
    "pipeline.middleware.LookBackMiddleware",
    "pipeline.middleware.ReasonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "salesdash.urls"
WSGI_APPLICATION = "salesdash.wsgi.application"
ASGI_APPLICATION = "salesdash.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboards.frame.frame",
            ]
        },
    }
]

# Sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "salesdash.sign_in.StaffAddsPeople"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Staff enter the addresses, so they are right until shown otherwise.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "company",
                "name": env.str("OIDC_NAME", default="SSO"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else []
    }
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", *(["webauthn"] if HTTPS else [])]
MFA_TOTP_ISSUER = "SalesDash"

# Security

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# Asked from inside, by the container's health check and the collector of metrics.
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Plotly makes one empty style sheet, which it then fills by script: this is its hash.
_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF, _EMPTY_STYLE],
        # Lengths of bars, positions of labels.
        "style-src-attr": [UNSAFE_INLINE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Language, time, files

LANGUAGE_CODE = "en"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "salesdash.static_files.Storage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = env.path("MEDIA_ROOT", default=DATA_DIR / "files")

# Mail

OUTBOX = embedded.places().outbox
# Mails hold links that let in whoever reads them.
OUTBOX.mkdir(mode=0o700, exist_ok=True)
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(OUTBOX)
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"SalesDash <noreply@{_site.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.PersonToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # Forms could not tell a field left out from an empty one.
    "DEFAULT_PARSER_CLASSES": ["salesdash.json_bodies.JSONBody"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    # Far above what a page or a nightly sync asks for; below what would slow others down.
    "DEFAULT_THROTTLE_RATES": {"user": "1200/min"},
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "salesdash.paging.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "salesdash.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "SalesDash",
    "DESCRIPTION": _("Facts, KPIs, forecasts and alerts of one company's sales."),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "salesdash.schema.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "CategoryEnum": "pipeline.models.Category",
        "ClosingEnum": "pipeline.api.deals.CLOSINGS",
        "DealKindEnum": "pipeline.models.DealKind",
        "OutcomeEnum": "pipeline.models.Outcome",
    },
}

# Work

CELERY_BROKER_URL = redis_url.celery_broker(REDIS_URL)
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
# A task is done again when its worker dies; every task is written to bear that.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# Seconds between two looks at the alert rules.
ALERTS_EVERY = env.int("ALERTS_EVERY", default=60)
# Written into the database when beat starts; the admin shows and changes them there.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # Edits ask for a drain at once; this one is for marks of SQL and of workers that died.
    "drain marks": {"task": "kpis.drain_marks", "schedule": 5.0, "options": {"expires": 5}},
    # What bulk changes left incomplete, and the months to come.
    "fill stored values": {
        "task": "kpis.fill_stored_values",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # So that nobody waits for what was not asked since it changed.
    "read ahead": {"task": "kpis.read_ahead", "schedule": 60.0, "options": {"expires": 60}},
    # Finds what was changed past the triggers.
    "recompute stored values": {
        "task": "kpis.recompute_stored_values",
        "schedule": crontab(hour="3", minute="10"),
    },
    # In the same way, of what deals went through.
    "tell journeys again": {
        "task": "pipeline.tell_journeys_again",
        "schedule": crontab(hour="3", minute="20"),
    },
    # In place of tasks that were lost with their worker.
    "go on recomputing": {
        "task": "kpis.share_out_recomputation",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # For the sales processes whose probabilities are learned.
    "learn probabilities": {
        "task": "pipeline.learn_probabilities",
        "schedule": crontab(hour="3", minute="40"),
    },
    # Nightly for everything; in between for a new day, a new company, an import.
    "learn forecasts": {
        "task": "forecasting.learn_everything",
        "schedule": crontab(hour="3", minute="55"),
    },
    "learn missing forecasts": {
        "task": "forecasting.learn_what_is_missing",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "evaluate alerts": {
        "task": "alerts.evaluate",
        "schedule": ALERTS_EVERY,
        "options": {"expires": ALERTS_EVERY},
    },
    "remind of deadlines": {
        "task": "alerts.remind",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # What is new is sent at once; this is for mail to be tried again.
    "deliver alerts": {"task": "alerts.deliver", "schedule": 15, "options": {"expires": 15}},
}

# Serving

WEB_THREADS = env.int("WEB_THREADS", default=8)

# Operators

LOGGING = logging_config(
    level=env.str("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_JSON", default=False)
)
LOGGING_CONFIG = "salesdash.logs.configure"
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk  # only here, since it takes a third of a second

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False)
# The web processes add up their counts through files here.
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
