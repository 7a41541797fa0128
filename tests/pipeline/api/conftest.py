"""A client of the API for each member of the cast, and a deal to try it on."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from pipeline.models import Deal
from tests.cast import Cast, make_customer, make_deal

As = Callable[[User], APIClient]

DEALS = "/api/v1/deals/"


@pytest.fixture
def as_() -> As:
    """`as_(cast.minsu)` asks in minsu's name."""

    def client(user: User) -> APIClient:
        api = APIClient()
        api.force_login(user)
        return api

    return client


@pytest.fixture
def deal(cast: Cast) -> Deal:
    """Minsu's, in the first stage, worth a million."""
    return make_deal(cast, cast.minsu, name="Hanbit ERP", customer=make_customer())


def move(client: Any, deal: Deal, **body: Any) -> Any:
    """Ask to move a deal as it was read."""
    return client.post(f"{DEALS}{deal.pk}/move/", {"revision": deal.revision, **body})
