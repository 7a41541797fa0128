"""A client of the API for each member of the cast."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User

As = Callable[[User], APIClient]


@pytest.fixture
def as_() -> As:
    """`as_(cast.minsu)` asks in minsu's name."""

    def client(user: User) -> APIClient:
        api = APIClient()
        api.force_login(user)
        return api

    return client
