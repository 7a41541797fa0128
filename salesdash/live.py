"""The stream that tells an open page which facts changed: `GET /events/`.

    event: changed
    data: {"facts": ["deal"]}

One Redis subscription a process feeds all its streams. Each knows what its viewer may see and is
told of nothing else. A stream that may have missed something, or whose viewer's session, person or
teams changed, is closed: the browser opens it again, is admitted anew, and reloads its panels.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.http import HttpRequest
from django.utils import timezone
from redis import RedisError
from redis.asyncio import Redis

from accounts.models import User
from accounts.scope import Reach, reach
from kpis.live import Change

HEARTBEAT = 15.0
# Memberships begin and end by date too, so every stream is admitted anew now and then.
LONGEST = 3600.0
PERSON = ("pk", "password", "role", "is_active")
# A change of these changes who sees what.
REACH_FACTS = {"membership", "team"}

log = structlog.stdlib.get_logger(__name__)
# Few, since each holds a database connection.
_database = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live")

Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Viewer:
    """Who looks, through which session, and what they see.

    `person` holds what, when it changes, calls for a new look at who this is.
    """

    session_key: str
    person: tuple[Any, ...]
    reach: Reach = field(compare=False)


@dataclass(eq=False)
class Stream:
    """One open connection: what its viewer has yet to be told."""

    viewer: Viewer
    facts: set[str] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def tell(self, changes: Iterable[Change]) -> None:
        sees = self.viewer.reach.sees
        new = {c.fact for c in changes if c.everyone or sees(c.owners, c.teams)}
        if new:
            self.facts |= new
            self.wake.set()

    def close(self) -> None:
        self.closed = True
        self.wake.set()

    async def next_message(self) -> bytes:
        """What to send next: the changes since the last, or a heartbeat."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), HEARTBEAT)
        self.wake.clear()
        facts, self.facts = sorted(self.facts), set()
        if not facts:
            return b":\n\n"
        return f"event: changed\ndata: {json.dumps({'facts': facts})}\n\n".encode()


class Hub:
    """The streams of this process, and what feeds them."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.listening = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._review())]

    async def stop(self) -> None:
        self.close_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def refuse(self) -> None:
        """Close all streams, and from now on each at once: the server is about to stop."""
        self.listening.clear()
        self.close_all()

    def close_all(self) -> None:
        for stream in self.streams:
            stream.close()

    def deliver(self, data: bytes) -> None:
        """Pass a published message on to those who may know."""
        changes = [Change.read(found) for found in json.loads(data)]
        for stream in self.streams:
            stream.tell(changes)
        if REACH_FACTS.intersection(change.fact for change in changes):
            self.close_all()

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as error:
                log.warning("live changes lost", error=str(error))
                self.listening.clear()
                self.close_all()
                await asyncio.sleep(1)

    async def _receive(self) -> None:
        redis = Redis.from_url(settings.REDIS_URL, health_check_interval=10)
        async with redis, redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(settings.LIVE_CHANNEL)
            self.listening.set()
            while True:
                message = await channel.get_message(timeout=HEARTBEAT)
                if message:
                    self.deliver(message["data"])

    async def _review(self) -> None:
        """Close the streams whose session ended or whose person changed."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            viewers = {stream.viewer for stream in self.streams}
            try:
                valid = await in_database(_still_valid, viewers)
            except Exception:
                log.exception("sessions of live streams could not be read")
                continue
            for stream in [stream for stream in self.streams if stream.viewer not in valid]:
                stream.close()


async def serve(hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request for the stream; 401 where nobody is signed in, 405 unless it is a GET."""
    if scope["method"] != "GET":
        await _refuse(send, 405)
        return
    viewer = await in_database(_admit, _session_key(scope))
    if viewer is None:
        await _refuse(send, 401)
        return
    await _answer(send, 200, b"text/event-stream")
    stream = Stream(viewer, closed=not hub.listening.is_set())
    hub.streams.add(stream)
    try:
        # Spread out, lest all come back in the same moment after a restart.
        await _write(send, f"retry: {random.randint(500, 3000)}\n\n".encode())
        await _flow(stream, receive, send)
    finally:
        hub.streams.discard(stream)
    await send({"type": "http.response.body", "body": b""})


async def in_database(function: Any, *arguments: Any) -> Any:
    """Run what asks the database on a thread of its own."""

    def asked() -> Any:
        close_old_connections()
        return function(*arguments)

    return await asyncio.get_running_loop().run_in_executor(_database, asked)


async def _flow(stream: Stream, receive: Receive, send: Send) -> None:
    leaving = asyncio.create_task(_close_when_left(stream, receive))
    ends = asyncio.get_running_loop().time() + LONGEST * random.uniform(0.8, 1)
    try:
        while not stream.closed and asyncio.get_running_loop().time() < ends:
            message = await stream.next_message()
            if not stream.closed or message != b":\n\n":
                await _write(send, message)
    finally:
        leaving.cancel()


async def _close_when_left(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.close()


async def _refuse(send: Send, status: int) -> None:
    await _answer(send, status, b"text/plain")
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, content_type: bytes) -> None:
    headers = [
        (b"content-type", content_type),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"referrer-policy", b"same-origin"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _session_key(scope: Scope) -> str:
    headers = [value for name, value in scope["headers"] if name == b"cookie"]
    cookies: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        cookies.load("; ".join(value.decode("latin-1") for value in headers))
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _admit(session_key: str) -> Viewer | None:
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    person = User.objects.filter(pk=user.pk).values_list(*PERSON).get()
    return Viewer(session_key, person, reach(user))


def _still_valid(viewers: set[Viewer]) -> set[Viewer]:
    keys = {viewer.session_key for viewer in viewers}
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = set(alive.values_list("session_key", flat=True))
    ids = {viewer.person[0] for viewer in viewers}
    people = set(User.objects.filter(pk__in=ids).values_list(*PERSON))
    return {v for v in viewers if v.session_key in sessions and v.person in people}
