"""Pages speak the person's language, stand in the frame, and say what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.template.loader import get_template

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from tests.cast import Cast

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(
    file.relative_to(folder).as_posix()
    for folder in [ROOT / "templates", *ROOT.glob("*/templates")]
    for file in folder.rglob("*.html")
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_can_be_read(name: str) -> None:
    assert get_template(name) is not None


def test_signing_in_comes_before_everything(client: Client, db: None) -> None:
    page = client.get("/accounts/login/").content.decode()

    assert "Forgot your password?" in page
    assert 'autocomplete="current-password"' in page


def test_a_person_chooses_their_language(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    answer = client.post("/language/", {"language": "ko", "next": "/accounts/password/change/"})

    assert answer.headers["Location"] == "/accounts/password/change/"
    cast.minsu.refresh_from_db()
    assert cast.minsu.language == "ko"
    assert '<html lang="ko">' in client.get("/accounts/password/change/").content.decode()


def test_the_cookie_of_the_language_is_as_guarded_as_the_others(
    client: Client, db: None, settings: Settings
) -> None:
    settings.LANGUAGE_COOKIE_SECURE = True

    cookie = client.post("/language/", {"language": "ko"}).cookies["django_language"]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


def test_choosing_a_language_leads_nowhere_else(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "ko", "next": "https://elsewhere.example/"})

    assert answer.headers["Location"] == "/"
    assert client.post("/language/", {"language": "tlh"}).status_code == 400


def test_an_account_page_stands_in_the_frame_without_the_bar(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    page = client.get("/accounts/password/change/").content.decode()

    assert 'class="rail"' in page
    assert "data-period-range" not in page
    assert cast.minsu.email in page


def test_a_page_that_is_not_there_says_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_an_address_that_cannot_be_read_says_what_is_accepted(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    answer = client.post("/language/", {"language": "tlh"})
    assert answer.status_code == 400
    assert "Choose one of the languages offered." in answer.content.decode()
