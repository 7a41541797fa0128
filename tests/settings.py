"""The settings under test: servers of their own, cheap passwords, static files as they lie.

Each process of pytest-xdist has a database and two Redis databases to itself; a process that a
test starts is told of them by environment variables.
"""

import os

from salesdash import embedded, redis_url

os.environ.setdefault("SALESDASH_DATA_DIR", str(embedded.PROJECT / ".data" / "test"))
os.environ.setdefault("SALESDASH_THROWAWAY", "1")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from salesdash.settings import *  # noqa: F403 # all of them
from salesdash.settings import REDIS_URL

_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_number = 2 * int(_worker.removeprefix("gw"))

LIVE_CHANNEL = f"salesdash:changed:{_worker}"
REDIS_URL = redis_url.with_database(REDIS_URL, _number)
CELERY_BROKER_URL = redis_url.celery_broker(REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url.with_database(REDIS_URL, _number + 1),
    }
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ACCOUNT_RATE_LIMITS = False
# Tests of stored values switch them on; elsewhere nothing is filled that could be read.
STORED_VALUES = False
