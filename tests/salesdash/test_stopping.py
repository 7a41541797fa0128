"""A site that is told to stop finishes what it began, and waits for no stream."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from django.conf import settings
from django.db import connection, transaction

from tests import processes
from tests.cast import Cast
from tests.salesdash.test_live import Listener, session_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("site"),
    pytest.mark.django_db(transaction=True),
]


class Request(threading.Thread):
    """A page that is asked for in the background; `status` is what came of it."""

    def __init__(self, port: int, session: str) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        self.status = 0

    def run(self) -> None:
        self.connection.request("GET", "/deals/", headers=self.headers)
        self.status = self.connection.getresponse().status


@contextmanager
def own_site(log: Path, *, grace: int) -> Iterator[tuple[Popen[bytes], int]]:
    """A web server that gives its requests so many seconds to end."""
    port = processes.free_port()
    command = ("uvicorn", "salesdash.asgi:application", "--port", str(port))
    options = ("--timeout-graceful-shutdown", str(grace))
    with processes.running(log, *command, *options, PORT=str(port)) as process:
        processes.wait_for_site(f"http://127.0.0.1:{port}", process, log)
        yield process, port


def stopped_during_a_request(log: Path, session: str, *, grace: int, lasting: float) -> int:
    """The status of a page that begins to be made before the site is told to stop."""
    with own_site(log, grace=grace) as (process, port), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE pipeline_deal IN ACCESS EXCLUSIVE MODE")
        page = Request(port, session)
        page.start()
        time.sleep(2)
        process.terminate()
        time.sleep(lasting)
        transaction.set_rollback(True)
        if lasting > grace:
            page.join(30)
    page.join(30)
    return page.status


def test_a_request_in_flight_is_answered(tmp_path: Path, cast: Cast) -> None:
    session = session_of(cast.eunji)
    assert stopped_during_a_request(tmp_path / "log", session, grace=20, lasting=1) == 200


def test_one_that_takes_too_long_is_told_that_the_site_stops(tmp_path: Path, cast: Cast) -> None:
    session = session_of(cast.eunji)
    assert stopped_during_a_request(tmp_path / "log", session, grace=1, lasting=3) == 503


def test_open_streams_are_not_waited_for(tmp_path: Path, cast: Cast) -> None:
    with own_site(tmp_path / "log", grace=60) as (process, port):
        stream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(cast.eunji)}"
        stream.request("GET", "/events/", headers={"Cookie": cookie})
        Listener(stream).wait_until_open()

        process.terminate()

        assert process.wait(20) in (0, -15)
