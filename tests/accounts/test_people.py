"""How people come to be: the first by the welcome page, the others by staff or an operator."""

from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client

from accounts.actions import add_first_person, put_person
from accounts.models import Company, User
from accounts.roles import Role
from tests.cast import Cast

FIRST = {
    "company": "Hanbit",
    "name": "Eunji Kim",
    "email": "Eunji@Hanbit.example",
    "password": "correct horse battery",
}


@pytest.mark.django_db
def test_the_welcome_page_makes_the_first_person_and_signs_them_in(client: Client) -> None:
    assert client.get("/welcome/").status_code == 200
    response = client.post("/welcome/", FIRST)
    assert response.headers["Location"] == "/"
    user = User.objects.get()
    assert (user.email, user.role, user.is_staff) == ("eunji@hanbit.example", Role.EXECUTIVE, True)
    assert user.check_password("correct horse battery")
    assert Company.objects.get().name == "Hanbit"
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.django_db
def test_a_weak_password_is_refused_with_the_reason(client: Client) -> None:
    response = client.post("/welcome/", FIRST | {"password": "12345678"})
    assert "too common" in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"email": f"{'x' * 250}@hanbit.example"}, {"name": "x" * 151}, {"company": "x" * 201}]
)
def test_what_is_too_long_is_refused_with_the_reason(client: Client, wrong: dict[str, str]) -> None:
    response = client.post("/welcome/", FIRST | wrong)
    assert "Ensure this value has at most" in response.content.decode()
    assert not User.objects.exists()


def test_there_is_no_welcome_once_somebody_is_here(cast: Cast, client: Client) -> None:
    assert client.get("/welcome/").status_code == 404
    assert client.post("/welcome/", FIRST).status_code == 404
    with pytest.raises(PermissionDenied):
        add_first_person(**FIRST, language="ko")


def put(**changes: Any) -> User:
    given: dict[str, Any] = {"email": "dana@example.com", "role": "rep"}
    return put_person(**given | changes)[0]


def test_a_person_is_created_and_then_changed(cast: Cast) -> None:
    created = put()
    changed = put(email="Dana@Example.com", role="lead", staff=True, name="Dana")
    assert changed.pk == created.pk
    assert (changed.role, changed.is_staff, changed.name) == (Role.LEAD, True, "Dana")
    assert put(role="rep").is_staff, "not told otherwise"


def token(**options: Any) -> str:
    out = StringIO()
    call_command("api_token", "minsu@example.com", stdout=out, **options)
    return out.getvalue().strip()


def test_a_token_opens_the_api_until_it_is_renewed(cast: Cast, client: Client) -> None:
    first = token()
    assert token() == first
    assert asks_with(client, first) == 200
    assert asks_with(client, token(renew=True)) == 200
    assert asks_with(client, first) == 401


def asks_with(client: Client, key: str) -> int:
    return client.get("/api/v1/deals/", headers={"Authorization": f"Token {key}"}).status_code
