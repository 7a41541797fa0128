"""What every test may ask for: real servers, with data of their own."""

from collections.abc import Iterator

import pytest

from salesdash import embedded


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """PostgreSQL and Redis with throw-away data; a running installation is not disturbed."""
    embedded.ensure()
    yield
    embedded.release(seconds=0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None) -> None:
    """The database must be up before pytest-django makes the test database."""
