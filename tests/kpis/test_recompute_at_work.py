"""Recomputing by real workers, one of which is killed in the midst of a step."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from playwright.sync_api import expect

from kpis.actions.recomputations import start_recomputation
from kpis.models import Recomputation, State
from kpis.storage.locking import hold_writers
from kpis.tasks import share_out
from salesdash.celery import app
from tests import processes
from tests.browser import PHONE, barriers
from tests.cast import Cast, make_deal

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("site"),
]


@pytest.fixture
def own_worker(shared_database: None, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this test's own, with one process that does the work."""
    app.control.purge()
    log = tmp_path / "worker.log"
    command = ("celery", "-A", "salesdash.celery", "worker", "-c", "1", "--loglevel", "INFO")
    with processes.running(log, *command) as process:
        processes.wait_for_words("ready.", process, log)
        yield process
    app.control.purge()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + processes.PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def children(process: subprocess.Popen[bytes]) -> list[int]:
    told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in told.split()]


def test_a_killed_worker_s_step_is_done_again(
    own_worker: subprocess.Popen[bytes], cast: Cast
) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=700)
    start_recomputation(by=cast.sam, at=timezone.now())
    with transaction.atomic():
        hold_writers()
        share_out()
        wait_until(somebody_waits_for_the_lock)
        for pid in children(own_worker):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: Recomputation.objects.get().state != State.RUNNING)
    told: Any = Recomputation.objects.for_listing().get()
    assert (told.state, told.problem) == (State.FINISHED, "")
    assert told.spans_done == told.spans > 0


@pytest.mark.browser
def test_staff_watch_it_finish(
    site: Site, worker: Path, cast: Cast, new_page: Callable[..., Page]
) -> None:
    page = new_page(cast.sam, viewport=PHONE)
    page.goto("/recomputation/")
    expect(page.locator("body")).to_have_attribute("data-live", "on")
    page.get_by_role("button", name="Start").click()
    progress = page.locator("#recomputation")
    expect(progress).to_contain_text("finished", timeout=60_000)
    expect(progress).to_contain_text(cast.sam.name)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
