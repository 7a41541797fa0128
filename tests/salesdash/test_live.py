"""The stream tells a page which facts changed, and tells nobody more than they may know."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from kpis.live import Change, publish
from salesdash import live
from tests.cast import Cast
from tests.conftest import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("site")]


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Listener:
    """One open stream, read by a client that waits for a while only."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.response = connection.getresponse()

    def facts(self) -> list[str]:
        """The facts of the next message; raises TimeoutError where none comes."""
        while True:
            line = self.response.readline().decode().strip()
            if line.startswith("data: "):
                found: list[str] = json.loads(line.removeprefix("data: "))["facts"]
                return found

    def wait_until_open(self) -> None:
        assert self.response.readline().startswith(b"retry: ")


@contextmanager
def listening(site: Site, session: str, seconds: float = 5) -> Iterator[Listener]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=seconds)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    connection.request("GET", "/events/", headers={"Cookie": cookie} if session else {})
    yield Listener(connection)
    connection.close()


def test_it_is_read_and_nothing_else(site: Site, cast: Cast) -> None:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=5)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(cast.minsu)}"
    connection.request("POST", "/events/", headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Cache-Control"]) == (405, "no-store")
    assert "'none'" in answer.headers["Content-Security-Policy"]
    connection.close()


def deal_of(owner: User, team: str, cast: Cast) -> Change:
    return Change("deal", frozenset({owner.pk}), frozenset({cast.teams[team].pk}))


def test_a_change_reaches_its_owner_their_lead_and_the_executive(site: Site, cast: Cast) -> None:
    for viewer in (cast.minsu, cast.lee, cast.rho, cast.eunji):
        with listening(site, session_of(viewer)) as stream:
            stream.wait_until_open()
            publish([deal_of(cast.minsu, "seoul-1", cast)])
            assert stream.facts() == ["deal"]


def test_nobody_else_hears_of_it(site: Site, cast: Cast) -> None:
    for viewer in (cast.jiwoo, cast.park, cast.bora):
        with listening(site, session_of(viewer), seconds=0.5) as stream:
            stream.wait_until_open()
            publish([deal_of(cast.minsu, "seoul-1", cast)])
            with pytest.raises(TimeoutError):
                stream.facts()


def test_each_hears_of_the_facts_that_concern_them_alone(site: Site, cast: Cast) -> None:
    with listening(site, session_of(cast.bora)) as stream:
        stream.wait_until_open()
        lead = Change("lead", frozenset({cast.bora.pk}))
        publish([deal_of(cast.minsu, "seoul-1", cast), lead, Change("stage", everyone=True)])
        assert stream.facts() == ["lead", "stage"]


def test_without_a_session_there_is_no_stream(site: Site, cast: Cast) -> None:
    for session in ("", "made-up"):
        with listening(site, session) as stream:
            assert stream.response.status == 401


def test_it_closes_when_the_teams_change(site: Site, cast: Cast) -> None:
    with listening(site, session_of(cast.minsu)) as stream:
        stream.wait_until_open()
        publish([Change("membership", everyone=True)])
        assert stream.facts() == ["membership"]
        assert b"data" not in stream.response.read()


def test_a_session_that_ended_or_a_person_who_changed_is_no_longer_valid(
    cast: Cast,
) -> None:
    keys = [session_of(user) for user in (cast.minsu, cast.lee, cast.bora)]
    minsu, lee, bora = (live._admit(key) for key in keys)
    assert minsu
    assert lee
    assert bora
    Session.objects.filter(session_key=keys[0]).delete()
    User.objects.filter(pk=cast.lee.pk).update(is_active=False)
    assert live._still_valid({minsu, lee, bora}) == {bora}


def test_many_streams_are_held_at_once(site: Site, cast: Cast) -> None:
    cookie = f"Cookie: {settings.SESSION_COOKIE_NAME}={session_of(cast.eunji)}"
    request = f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n\r\n"
    address = urlsplit(site.url)
    assert address.hostname
    assert address.port
    clients = [socket.create_connection((address.hostname, address.port)) for _ in range(200)]
    for client in clients:
        client.sendall(request.encode())
    for client in clients:
        client.settimeout(10)
        read_until(client, b"retry: ")
    publish([deal_of(cast.bora, "busan-1", cast)])
    for client in clients:
        read_until(client, b'{"facts": ["deal"]}')
        client.close()


def read_until(client: socket.socket, words: bytes) -> None:
    found = b""
    while words not in found:
        received = client.recv(4096)
        assert received, found
        found += received
