"""PostgreSQL and Redis that come with the installation, for a machine that has neither.

`ensure()` starts those that no environment variable replaces and holds them for the life of this
process. The hold is a shared lock on a file, so the kernel counts the holders, killed ones too;
a keeper process waits for the last to go and then stops the servers.
"""

import fcntl
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from salesdash.embedded import postgres, redis
from salesdash.embedded.places import Places, takes

PROJECT = Path(__file__).resolve().parent.parent.parent

_hold: IO[bytes] | None = None


def places() -> Places:
    """Where the data lies: `SALESDASH_DATA_DIR`, else `.data/` beside manage.py."""
    named = os.environ.get("SALESDASH_DATA_DIR")
    return Places(Path(named).resolve() if named else PROJECT / ".data")


def database_url() -> str:
    """A libpq address of the embedded database; names it without starting it."""
    return postgres.url(places())


def redis_url() -> str:
    """A redis-py address of the embedded Redis; names it without starting it."""
    return redis.url(places())


def secret_key() -> str:
    """The installation's own key, made on first use and readable by its owner only."""
    file = places().secret_key
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w") as new:
        new.write(key)
    return key


def ensure() -> None:
    """Start what is not running and hold it; does nothing where both addresses are given.

    Raises `EmbeddedServerError` with the server's own words if one does not start.
    """
    global _hold
    wanted = [server for server in (postgres, redis) if not os.environ.get(server.VARIABLE)]
    if not wanted or _hold is not None:
        return
    here = places()
    with _locked(here.start_lock):
        _hold = here.hold_lock.open("wb")
        fcntl.flock(_hold, fcntl.LOCK_SH)
        for server in wanted:
            server.start(here)
        _start_keeper(here)


def release(seconds: float = 20) -> bool:
    """Let go; True once the servers are down, False if another process still holds them."""
    global _hold
    if _hold is not None:
        _hold.close()
        _hold = None
    here = places()
    deadline = time.monotonic() + seconds
    while not here.is_free(here.keeper_lock):
        if here.has_holder() or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_keeper(here: Places) -> None:
    with here.keeper_lock.open("ab") as lock:
        if not takes(lock, fcntl.LOCK_EX):
            return
        subprocess.Popen(
            [sys.executable, "-m", "salesdash.embedded.keeper", str(here.data), str(lock.fileno())],
            cwd=PROJECT,
            pass_fds=(lock.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
