"""One log line an event, readable in a terminal or JSON for collectors."""

import logging.config
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.stdlib.get_logger("salesdash.request")

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """A `logging.config` dictionary that writes every library's records through structlog."""
    renderer: list[Any] = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    if as_json:
        renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["err"], "level": level},
        "loggers": {
            # Said once, by the request line.
            "django.request": {"level": "ERROR"},
            "uvicorn": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Set up logging and structlog alike; Django calls it with `LOGGING`."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class RequestLogMiddleware:
    """Names the request in every line it causes, and says how it ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = request.headers.get("X-Request-ID") or uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id[:64])
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id[:64]
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.monotonic() - started) * 1000, 1),
            user_id=_user_id(request),
        )
        return response


def _user_id(request: HttpRequest) -> int | None:
    # Not `request.user`: reading it would open a session for requests that need none.
    user = getattr(request, "_cached_user", None)
    return user.pk if user else None
