"""Coming in and going out: by password, by reset link, by token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core import mail
from django.test import Client
from django.utils import timezone, translation
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import User
from tests.cast import PASSWORD, Cast

if TYPE_CHECKING:
    from tests.conftest import Inbox

SIGN_IN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(SIGN_IN, {"login": email, "password": password})


def is_in(client: Client) -> bool:
    return client.get("/api/v1/users/me/").status_code == 200


def test_by_password_whatever_the_case_of_the_address(cast: Cast, client: Client) -> None:
    answer = sign_in(client, "Minsu@Example.com")
    assert (answer.status_code, answer["Location"]) == (302, settings.LOGIN_REDIRECT_URL)
    assert is_in(client)


def test_not_by_a_wrong_one_nor_when_deactivated(cast: Cast, client: Client) -> None:
    sign_in(client, "minsu@example.com", "guess")
    assert not is_in(client)
    User.objects.filter(pk=cast.minsu.pk).update(is_active=False)
    sign_in(client, "minsu@example.com")
    assert not is_in(client)


def test_deactivating_ends_what_is_open(cast: Cast, client: Client) -> None:
    sign_in(client, "minsu@example.com")
    User.objects.filter(pk=cast.minsu.pk).update(is_active=False)
    assert not is_in(client)


def test_after_signing_in_one_lands_where_one_was_going(cast: Cast, client: Client) -> None:
    form = {"login": "minsu@example.com", "password": PASSWORD, "next": "/deals/"}
    assert client.post(SIGN_IN, form)["Location"] == "/deals/"
    client.logout()
    elsewhere = client.post(SIGN_IN, {**form, "next": "https://evil.example/"})
    assert elsewhere["Location"] == settings.LOGIN_REDIRECT_URL


def test_signing_out(cast: Cast, client: Client) -> None:
    sign_in(client, "minsu@example.com")
    assert client.post("/accounts/logout/")["Location"] == SIGN_IN
    assert not is_in(client)


def test_nobody_signs_up_by_themselves(db: None, client: Client) -> None:
    form = {"email": "me@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)
    assert not User.objects.exists()


def test_nobody_names_further_addresses_of_theirs(cast: Cast, client: Client) -> None:
    sign_in(client, "minsu@example.com")
    for press in ("action_add", "action_primary"):
        form = {press: "", "email": "eunji@example.com"}
        assert client.post("/accounts/email/", form).status_code == 404
    assert not EmailAddress.objects.filter(email="eunji@example.com").exists()


def test_signing_in_begins_a_new_session(cast: Cast, client: Client) -> None:
    planted = client.session
    planted["planted"] = True
    planted.save()
    sign_in(client, "minsu@example.com")
    assert client.session.session_key != planted.session_key
    assert not SessionStore(planted.session_key).get("_auth_user_id")


@pytest.mark.usefixtures("cast")
class TestReset:
    def ask(self, client: Client, email: str) -> str:
        """The path of the link that was sent."""
        client.post("/accounts/password/reset/", {"email": email})
        found = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", self.letter())
        assert found is not None
        return found[1]

    def letter(self) -> str:
        return str(mail.outbox[-1].body)

    def test_the_link_sets_a_new_password_once(self, client: Client) -> None:
        link = self.ask(client, "minsu@example.com")
        form = client.get(link, follow=True).redirect_chain[-1][0]
        new = {"password1": "another long password", "password2": "another long password"}
        assert client.post(form, new).status_code == 302
        assert not is_in_with(PASSWORD)
        assert is_in_with("another long password")
        again = Client().get(link, follow=True)
        assert 'name="password1"' not in again.content.decode()

    def test_the_letter_reaches_a_real_server(
        self, client: Client, smtp: Inbox, mail_server: tuple[Inbox, str], settings: Any
    ) -> None:
        address = urlsplit(mail_server[1])
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = address.hostname, address.port
        client.post("/accounts/password/reset/", {"email": "minsu@example.com"})
        (letter,) = smtp.messages
        assert letter["To"] == "minsu@example.com"
        assert "/accounts/password/reset/key/" in str(letter.get_payload())

    def test_a_weak_password_is_refused(self, client: Client) -> None:
        link = self.ask(client, "minsu@example.com")
        form = client.get(link, follow=True).redirect_chain[-1][0]
        client.post(form, {"password1": "password", "password2": "password"})
        assert is_in_with(PASSWORD)

    def test_it_does_not_tell_who_is_here(self, client: Client) -> None:
        known = client.post("/accounts/password/reset/", {"email": "minsu@example.com"})
        unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
        assert known["Location"] == unknown["Location"]


def is_in_with(password: str) -> bool:
    client = Client()
    sign_in(client, "minsu@example.com", password)
    return is_in(client)


class TestToken:
    @pytest.fixture
    def headers(self, cast: Cast) -> dict[str, str]:
        User.objects.filter(pk=cast.minsu.pk).update(language="ko", time_zone="America/New_York")
        key = Token.objects.create(user=cast.minsu).key
        return {"Authorization": f"Token {key}"}

    @pytest.fixture
    def script(self, headers: dict[str, str]) -> APIClient:
        return APIClient(headers=headers)

    def test_it_changes_nothing_while_it_looks_back(self, script: APIClient) -> None:
        made = script.post("/api/v1/customers/?as_of=2026-01-01", {"name": "Then"}, format="json")
        assert made.status_code == 403
        assert script.post("/api/v1/customers/", {"name": "Now"}, format="json").status_code == 201

    def test_it_speaks_for_its_person(self, cast: Cast, script: APIClient) -> None:
        assert script.get("/api/v1/users/me/").json()["id"] == cast.minsu.pk

    def test_writes_need_no_form_token(self, headers: dict[str, str]) -> None:
        strict = APIClient(enforce_csrf_checks=True, headers=headers)
        assert strict.post("/api/v1/deals/", {"name": "By script"}).status_code == 201

    def test_its_persons_language_and_zone_last_for_the_request(self, script: APIClient) -> None:
        before = translation.get_language(), timezone.get_current_timezone_name()
        made = script.post("/api/v1/deals/", {"name": "By script"}).json()
        assert made["stage_name"] == "기회의 가능성 판단"
        assert made["created_at"][-6:] in {"-05:00", "-04:00"}
        assert (translation.get_language(), timezone.get_current_timezone_name()) == before

    @pytest.mark.usefixtures("db")
    def test_a_wrong_one_is_told_how(self) -> None:
        answer = APIClient(headers={"Authorization": "Token 0"}).get("/api/v1/deals/")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")

    def test_a_session_must_show_its_form_token(self, cast: Cast) -> None:
        browser = APIClient(enforce_csrf_checks=True)
        browser.force_login(cast.minsu)
        assert browser.get("/api/v1/deals/").status_code == 200
        assert browser.post("/api/v1/deals/", {"name": "Forged"}).status_code == 403
