"""What the web server runs: the stream of changes natively, Django behind a pool of threads.

Threads keep their database connections, which Django's own ASGI handler would not.
"""

import asyncio
import signal
from types import FrameType
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings

from salesdash.wsgi import application as django

# After Django, whose models it needs.
from salesdash import live  # isort: skip

hub = live.Hub()
pages = WSGIMiddleware(cast(Any, django), workers=settings.WEB_THREADS)
STOPS = (signal.SIGTERM, signal.SIGINT)
CUT_OFF = b"SalesDash is stopping. Look whether what you sent was done, then try again.\n"


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """Pass each connection to what serves it."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/events/":
        await live.serve(hub, scope, receive, send)
    else:
        await _page(scope, receive, send)


async def _lifespan(receive: live.Receive, send: live.Send) -> None:
    await receive()
    hub.start()
    _end_streams_when_told_to_stop()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub.stop()
    await send({"type": "lifespan.shutdown.complete"})


def _end_streams_when_told_to_stop() -> None:
    """The server says that it stops only once all connections are done; streams never would be."""
    loop = asyncio.get_running_loop()
    for number in STOPS:
        stop_server = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, stop_server: Any = stop_server) -> None:
            loop.call_soon_threadsafe(hub.refuse)
            stop_server(number, frame)

        if callable(stop_server):
            signal.signal(number, stop)


async def _page(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """A request that the server cuts off when it stops is told so; it is no fault of the page."""
    begun = False

    async def sent(message: Any) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await pages(scope, receive, sent)
    except asyncio.CancelledError:
        if not begun:
            headers = [(b"content-type", b"text/plain"), (b"retry-after", b"5")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": CUT_OFF})
        raise
