"""Chromium, as a person would use it, and strict about what a page may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from accounts.models import User
from tests import chromium

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What htmx says where a newer request of a panel takes the place of one under way.
REPLACED = ("htmx:afterRequest", "htmx:sendAbort")
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Milliseconds; long enough for a machine that is busy with other things.
PATIENCE = 30_000


@contextmanager
def started() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=list(ARGUMENTS)
        )
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What went wrong in a page that a person would not see at once."""

    home: str
    said: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("pageerror", self._error)
        page.on("console", self._line)
        page.on("request", self._request)

    def _error(self, error: Error) -> None:
        self.said.append(f"script error: {error}")

    def _line(self, line: ConsoleMessage) -> None:
        if line.type == "error" and not line.text.startswith(REPLACED):
            self.said.append(line.text)

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc != self.home:
            self.said.append(f"asked another host: {request.url}")


def barriers(page: Page) -> list[str]:
    """What axe finds that keeps people out: the rule and the first place that breaks it."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]


def sign_in(page: Page, url: str, user: User) -> None:
    """Give the page's browser a session of this person, without the form."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}])
