"""What the tests of the pipeline's pages share: a way to ask as somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User

Ask = Callable[..., Any]


@pytest.fixture
def get() -> Ask:
    """`get(user, "/pipeline/", kind="new")` answers the response that the user sees."""

    def ask(user: User, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        client = Client()
        client.force_login(user)
        return client.get(path, query, headers=headers or {})

    return ask


@pytest.fixture
def send() -> Ask:
    """`send(user, "/deals/new/", name="A deal")` posts a form as the user."""

    def post(user: User, path: str, **fields: Any) -> Any:
        client = Client()
        client.force_login(user)
        return client.post(path, fields)

    return post
