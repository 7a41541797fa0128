"""What the web server runs: the stream of changes natively, Django behind a pool of threads.

Threads keep their database connections, which Django's own ASGI handler would not.
"""

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings

from salesdash.wsgi import application as django

# After Django, whose models it needs.
from salesdash import live  # isort: skip

hub = live.Hub()
pages = WSGIMiddleware(cast(Any, django), workers=settings.WEB_THREADS)


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    """Pass each connection to what serves it."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/events/":
        await live.serve(hub, scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _lifespan(receive: live.Receive, send: live.Send) -> None:
    await receive()
    hub.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub.stop()
    await send({"type": "lifespan.shutdown.complete"})
