"""What every test may ask for: real servers, real programs, a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from salesdash import embedded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from accounts.models import User
    from pipeline.importers.report import Report
    from tests.cast import Cast

# A busy machine is slow, not wrong.
hypothesis.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("any-machine")


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """PostgreSQL and Redis with throw-away data; a running installation is not disturbed."""
    embedded.ensure()
    yield
    embedded.release(seconds=0)


@pytest.fixture(scope="session", autouse=True)
def compiled_translations() -> None:
    """Korean as the sources have it now."""
    from salesdash import translations

    translations.compile_all()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    servers: None,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """The servers must be up before pytest-django makes a database for each process."""


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test sees what another cached."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """The shared company; see tests/cast.py."""
    from tests.cast import make_cast

    return make_cast()


@dataclass(frozen=True)
class Site:
    """The web server under test."""

    url: str


@pytest.fixture(scope="session")
def running_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from tests import processes

    log = tmp_path_factory.mktemp("site") / "log"
    port = processes.free_port()
    site = Site(f"http://127.0.0.1:{port}")
    command = ("uvicorn", "salesdash.asgi:application", "--port", str(port))
    with processes.running(log, *command, "--no-access-log", PORT=str(port)) as process:
        processes.wait_for_site(site.url, process, log)
        yield site


@pytest.fixture
def shared_database(transactional_db: None) -> Iterator[None]:
    """A database that other programs use too; they come to rest before it is emptied."""
    from tests import processes

    yield
    processes.wait_for_rest()


@pytest.fixture
def site(shared_database: None, running_site: Site) -> Site:
    """The real server on the test's database; make the cast after asking for it.

    Rows must be committed for it to see them, so such tests run without a transaction.
    """
    return running_site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from tests.browser import started

    # Playwright keeps an event loop in this thread, which Django takes for an async caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with started() as chromium:
        yield chromium


@pytest.fixture
def new_page(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`new_page(user, viewport=PHONE)`: a signed-in page in a browser profile of its own.

    The test fails at its end if a page logged an error, broke the content security policy, or
    asked another host for anything.
    """
    from tests.browser import WIDE, Complaints, sign_in

    complaints = Complaints(site.url.removeprefix("http://"))
    contexts = []

    def opened(user: User | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=site.url, **{"viewport": WIDE, **options})
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page)
        if user:
            sign_in(page, site.url, user)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints.said == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page, wide, with nobody signed in yet."""
    return new_page()


class Inbox:
    """An SMTP server's handler that keeps what arrives."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 # aiosmtpd's name for it
        from email import message_from_bytes, policy

        _server, _session, envelope = arguments
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture(scope="session")
def mail_server() -> Iterator[tuple[Inbox, str]]:
    from aiosmtpd.controller import Controller

    from tests import processes

    inbox, port = Inbox(), processes.free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def smtp(mail_server: tuple[Inbox, str]) -> Inbox:
    """A real SMTP server, to which `worker` sends; `.messages` is what arrived."""
    inbox, _url = mail_server
    inbox.messages.clear()
    return inbox


@pytest.fixture(scope="session")
def running_worker(
    django_db_setup: None,
    mail_server: tuple[Inbox, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    from tests import processes

    log = tmp_path_factory.mktemp("worker") / "log"
    command = ("celery", "-A", "salesdash.celery", "worker", "-c", "1", "--loglevel", "INFO")
    with processes.running(log, *command, EMAIL_URL=mail_server[1]) as process:
        processes.wait_for_words("ready.", process, log)
        yield log


@pytest.fixture
def worker(shared_database: None, running_worker: Path) -> Iterator[Path]:
    """A real Celery worker on the test's database and Redis, with an empty queue; its log."""
    from salesdash.celery import app

    app.control.purge()
    yield running_worker
    app.control.purge()


@pytest.fixture
def beat(worker: Path, tmp_path: Path) -> Iterator[Path]:
    """A real Celery beat, which looks every second, at alert rules every other; its log."""
    from tests import processes

    log = tmp_path / "beat.log"
    command = ("celery", "-A", "salesdash.celery", "beat", "--max-interval", "1")
    with processes.running(log, *command, "--loglevel", "INFO", ALERTS_EVERY="2") as process:
        processes.wait_for_words("beat: Starting", process, log)
        yield log


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real exports that lie beside the project; tests that read them are skipped without."""
    folder = embedded.PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the real exports in {folder}")
    return folder


@pytest.fixture(scope="module")
def maven(
    django_db_setup: None, django_db_blocker: Any, shared_data: Path, tmp_path_factory: Any
) -> Iterator[Report]:
    """The Maven CRM export, loaded once for a module and gone with it: its import's report.

    Tests that use it are marked django_db too; what they write is undone after each.
    """
    from django.db import transaction

    from pipeline.importers.loading import load
    from pipeline.importers.mapping import PRESETS, read_mapping
    from pipeline.importers.report import Report
    from tests.planner import know_the_tables

    report = Report(rejected_folder=tmp_path_factory.mktemp("rejected"), stamp="maven")
    with django_db_blocker.unblock(), transaction.atomic():
        load(shared_data / "maven_crm", read_mapping(PRESETS / "maven.toml"), report)
        know_the_tables()
        yield report
        transaction.set_rollback(True)
