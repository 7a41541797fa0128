"""The site's own programs, started as delivered, and somebody signed in to them."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import User
from pipeline.demo.people import DEMO_SIGN_INS
from salesdash import embedded

PATIENCE = 60.0


@contextmanager
def program(*module: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m MODULE …` beside this one, on the same data."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    log = settings.DATA_DIR / "logs"
    log.mkdir(exist_ok=True)
    with (log / f"bench-{module[0]}.log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=embedded.PROJECT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


@dataclass(frozen=True)
class Site:
    """The web server and where it answers."""

    process: subprocess.Popen[bytes]
    port: int


@contextmanager
def web(processes: int = 1) -> Iterator[Site]:
    """The web server, ready to answer at a port of its own."""
    port = _free_port()
    command = ("uvicorn", "salesdash.asgi:application", "--port", str(port))
    with program(*command, "--workers", str(processes), "--no-access-log") as process:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz/", timeout=5)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                break
        yield Site(process, port)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A worker as delivered, with a process for each core."""
    cores = str(len(os.sched_getaffinity(0)))
    command = ("celery", "-A", "salesdash.celery", "worker", "--concurrency", cores)
    with program(*command, "--without-gossip", "--without-mingle") as process:
        time.sleep(5)
        yield process


@dataclass(frozen=True)
class Visitor:
    """Somebody of the demo company, signed in, over one connection that is kept."""

    connection: http.client.HTTPConnection
    cookie: str

    @classmethod
    def named(cls, role: str, site: Site) -> Visitor:
        address = http.client.HTTPConnection("127.0.0.1", site.port, timeout=300)
        return cls(address, _signed_in(role))

    def get(self, path: str) -> bytes:
        """The body of a page. RuntimeError unless it is answered with 200."""
        response = self._response(path)
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:300]!r}")
        return body

    def _response(self, path: str) -> http.client.HTTPResponse:
        for _attempt in range(2):
            try:
                self.connection.request("GET", path, headers={"Cookie": self.cookie})
                return self.connection.getresponse()
            except http.client.RemoteDisconnected:
                # The server closes what was not used for some seconds.
                self.connection.close()
        raise RuntimeError(f"{path}: the server closed the connection")


def person(role: str) -> User:
    """One of the demo's people by their label."""
    email = next(account.email for account in DEMO_SIGN_INS if account.email.startswith(role))
    return User.objects.get(email=email)


def _signed_in(role: str) -> str:
    user = person(role)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
