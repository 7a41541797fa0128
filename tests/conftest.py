"""What every test may ask for: real servers, with data of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from salesdash import embedded

if TYPE_CHECKING:
    from tests.cast import Cast


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """PostgreSQL and Redis with throw-away data; a running installation is not disturbed."""
    embedded.ensure()
    yield
    embedded.release(seconds=0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None) -> None:
    """The database must be up before pytest-django makes the test database."""


@pytest.fixture
def cast(db: None) -> Cast:
    """The shared company; see tests/cast.py."""
    from tests.cast import make_cast

    return make_cast()
