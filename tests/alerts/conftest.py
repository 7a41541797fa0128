"""Mail servers that behave as a test asks of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller

from tests import processes
from tests.conftest import Inbox


class Moody(Inbox):
    """Answers RCPT and DATA as told, by recipient or "*"; may fall silent before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.port = processes.free_port()
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self.silent = False
        self.asked = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802 # aiosmtpd's name for it
        _server, _session, envelope, address, _options = arguments
        if refusal := self.rcpt.get(address, self.rcpt.get("*")):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 # aiosmtpd's name for it
        self.asked += 1
        if self.silent:
            while self.silent:
                await asyncio.sleep(0.02)
            return "451 the client is gone"
        if refusal := self.data.get("*"):
            return refusal
        return await super().handle_DATA(*arguments)


@pytest.fixture
def mail(settings: Any) -> Iterator[Moody]:
    """A real SMTP server of this test's own, to which this process sends."""
    handler = Moody()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = urlsplit(handler.url).port
    yield handler
    handler.silent = False
    controller.stop()
