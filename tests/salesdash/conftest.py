"""What the tests of running installations share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Path]:
    """A directory for the data of another installation.

    Not one of pytest's: every pytest that starts closes those to the server's own user.
    """
    with tempfile.TemporaryDirectory(prefix="salesdash-", ignore_cleanup_errors=True) as name:
        yield Path(name)
