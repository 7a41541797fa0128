"""One settings file, told by environment variables; what is wrong says how to put it right."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from salesdash import embedded

FILE = str(embedded.PROJECT / "salesdash" / "settings.py")
POSTGRES = "postgresql://sales:secret@db.example.com:5433/sales"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SITE_URL", "EMAIL_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SALESDASH_DATA_DIR", str(tmp_path))


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """The settings as that environment makes them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(FILE)


def test_without_any_variable_everything_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = settings(monkeypatch)
    assert found["DATABASES"]["default"]["OPTIONS"]["host"] == str(tmp_path / "postgres")
    assert found["CELERY_BROKER_URL"] == f"redis+socket://{tmp_path}/redis/socket?virtual_host=0"
    assert found["CACHES"]["default"]["LOCATION"] == f"unix://{tmp_path}/redis/socket?db=1"
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "outbox")
    assert found["SITE_URL"] == "http://127.0.0.1:8000"
    assert found["SESSION_COOKIE_SECURE"] is False
    assert not (tmp_path / "postgres").exists()


def test_other_servers_are_used_where_they_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch,
        DATABASE_URL=POSTGRES,
        REDIS_URL="redis://:pw@cache:6380/4",
        SECRET_KEY="x" * 60,
        EMAIL_URL="smtp+tls://me:pw@mail.example.com:587",
    )
    database = found["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.example.com",
        5433,
        "sales",
    )
    assert found["CELERY_BROKER_URL"] == "redis://:pw@cache:6380/4"
    assert found["CACHES"]["default"]["LOCATION"] == "redis://:pw@cache:6380/5"
    assert (found["EMAIL_HOST"], found["EMAIL_USE_TLS"]) == ("mail.example.com", True)


def test_an_https_address_makes_cookies_secure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, SITE_URL="https://sales.example.com/", ALLOWED_HOSTS="web")
    assert found["SITE_URL"] == "https://sales.example.com"
    assert found["SESSION_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert found["ALLOWED_HOSTS"] == ["sales.example.com", "127.0.0.1", "localhost", "web"]


def test_single_sign_on_is_offered_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch,
        OIDC_SERVER_URL="https://login.example.com",
        OIDC_CLIENT_ID="sales",
        OIDC_CLIENT_SECRET="pw",
    )
    [app] = found["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert app["settings"] == {"server_url": "https://login.example.com"}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"SITE_URL": "sales.example.com"}, "SITE_URL is 'sales.example.com': set it to the whole"),
        ({"DATABASE_URL": POSTGRES}, "set SECRET_KEY"),
        ({"DATABASE_URL": "mysql://db/sales"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must be like"),
        ({"OIDC_SERVER_URL": "https://login.example.com"}, "OIDC_CLIENT_ID"),
    ],
)
def test_what_is_wrong_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=words):
        settings(monkeypatch, **environment)
