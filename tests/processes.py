"""The real programs, run beside a test against its database and Redis."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from salesdash import embedded

PATIENCE = 120.0


def environment(**more: str) -> dict[str, str]:
    """Tells a program of this test process' own database, Redis, channel and key."""
    database = settings.DATABASES["default"]["NAME"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": embedded.database_url().replace("///salesdash?", f"///{database}?"),
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "INFO",
        **more,
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(log: Path, *command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m COMMAND`, stopping it afterwards. What it says goes to `log`."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=embedded.PROJECT,
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_rest() -> None:
    """Return once no other program is within a transaction, so that the tables can be emptied.

    Should one begin all the same and lock tables in another order, then it is the one to give
    way: PostgreSQL ends the transaction that notices first, which now is not this one's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '10min'")
        deadline = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 2 and time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
            time.sleep(0.05)


def wait_for_site(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once it is ready; fail with its words if it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/readyz/", timeout=5)
        except OSError:  # refused, reset or timed out: not ready yet
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"The site did not start:\n{log.read_text()}")


def wait_for_words(words: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the log holds the words; fail with the log otherwise."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if words in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    raise AssertionError(f"“{words}” was not said:\n{log.read_text()}")
