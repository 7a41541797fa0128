"""One command runs all of it, and stops all of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from salesdash import embedded
from tests.processes import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("run")]


class Run:
    """`python -m salesdash.run` on data of its own."""

    def __init__(self, data: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.output = data.parent / "output"
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "salesdash.run"],
                cwd=embedded.PROJECT,
                env=environment(data, port),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until(self, words: str, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def part(self, *words: str) -> psutil.Process:
        """The program with these words in its command line."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if set(words) <= set(child.cmdline()))

    def started(self) -> list[psutil.Process]:
        """All that it started and they in turn, but for the servers, which have no parent."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def environment(data: Path, port: int) -> dict[str, str]:
    return os.environ | {
        "SALESDASH_DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "salesdash.settings",
        "DEMO": "0",
        "PORT": str(port),
        "WEB_PROCESSES": "1",
        "WORKER_PROCESSES": "1",
    }


@pytest.fixture(scope="module")
def data(elsewhere: Path) -> Path:
    """Kept from one start to the next, as it would be."""
    return elsewhere / "data"


@pytest.fixture
def run(data: Path) -> Iterator[Run]:
    running = Run(data, free_port())
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGTERM)


def nothing_is_left(started: list[psutil.Process], data: Path) -> bool:
    """Whether all these programs, and the servers of this data, end within a while."""
    _gone, alive = psutil.wait_procs(started + servers_of(data), timeout=30)
    return not alive and not servers_of(data)


def servers_of(data: Path) -> list[psutil.Process]:
    processes = psutil.process_iter(["cmdline"])
    return [p for p in processes if str(data) in " ".join(p.info["cmdline"] or ())]


def test_it_serves_an_empty_company_and_an_interrupt_stops_everything(run: Run, data: Path) -> None:
    run.wait_until("Ctrl-C stops all of it")
    assert f"add the first person at {run.url}/welcome/" in run.said()
    with urllib.request.urlopen(f"{run.url}/welcome/") as response:
        page = response.read().decode()
    assert "Set up the company" in page
    sheet = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    request = urllib.request.Request(run.url + sheet, headers={"Accept-Encoding": "br"})
    with urllib.request.urlopen(request) as response:
        assert response.headers["Content-Encoding"] == "br"
        assert "immutable" in response.headers["Cache-Control"]
    started = run.started()
    assert run.stop() == 0
    assert nothing_is_left(started, data)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(run.url)


def test_a_part_that_dies_stops_the_rest_and_is_named(run: Run, data: Path) -> None:
    run.wait_until("Ctrl-C stops all of it")
    started = run.started()
    run.part("celery", "worker").kill()
    assert run.process.wait(60) == 1
    assert "The worker ended with status -9." in run.said()
    assert nothing_is_left(started, data)


def test_when_it_is_killed_itself_nothing_stays_behind(run: Run, data: Path) -> None:
    run.wait_until("Ctrl-C stops all of it")
    started = run.started()
    assert len(started) >= 4
    run.process.kill()
    run.process.wait()
    assert nothing_is_left(started, data)


def test_a_taken_port_is_named_with_what_to_do(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = Run(data, other.getsockname()[1])
        assert run.process.wait(60) == 1
    assert "is taken. Choose another: PORT=8001 make run" in run.said()
