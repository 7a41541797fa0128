"""Where no mail server is set, staff read the mails on a page."""

from pathlib import Path

import pytest
from django.core.mail import get_connection, send_mail
from django.test import Client
from pytest_django import Settings

from tests.cast import Cast


@pytest.fixture
def outbox(tmp_path: Path, settings: Settings) -> Path:
    settings.OUTBOX = tmp_path
    return tmp_path


def write(outbox: Path, subject: str) -> None:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    connection = get_connection(backend, file_path=str(outbox))
    text = "승률이 내려갔어요: https://sales.example.com/kpis/"
    send_mail(subject, text, None, ["lee@example.com"], connection=connection)


def test_staff_read_what_was_written(cast: Cast, client: Client, outbox: Path) -> None:
    write(outbox, "승률 알림")
    client.force_login(cast.sam)
    page = client.get("/outbox/").content.decode()
    assert "승률 알림" in page
    assert "lee@example.com" in page
    assert "승률이 내려갔어요" in page


def test_others_may_not(cast: Cast, client: Client, outbox: Path) -> None:
    client.force_login(cast.eunji)
    assert client.get("/outbox/").status_code == 403


def test_there_is_none_where_mail_is_sent(cast: Cast, client: Client, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example.com"
    client.force_login(cast.sam)
    assert client.get("/outbox/").status_code == 404
