"""The programs that make up a running site, kept together: all run, or all stop."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from salesdash import embedded

# A worker's task that takes longer is done again by the next worker. The web server cuts its
# requests off a little earlier, in its own words.
GRACE = 10.0
LAST_LINES = 20
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


class PartEndedError(RuntimeError):
    """A part ended by itself; says which, and its last words."""


@dataclass
class Part:
    """One program, `python -m MODULE …`, that writes to a log of its own."""

    name: str
    module: tuple[str, ...]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.module],
                cwd=embedded.PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # A group of its own: an interrupt at the terminal reaches it through us alone.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the program and those it started."""
        if self.process and self.is_running():
            os.killpg(self.process.pid, number)

    def check(self) -> None:
        if self.process and not self.is_running():
            lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            ended = f"The {self.name} ended with status {self.process.returncode}."
            raise PartEndedError("\n".join([ended, *lines, f"More in {self.log}"]))


@dataclass
class Parts:
    """All of them; the first one serves people."""

    parts: list[Part]

    def start_serving(self) -> None:
        self.parts[0].start()

    def start_others(self) -> None:
        for part in self.parts[1:]:
            part.start()

    def check(self) -> None:
        """Raise `PartEndedError` for one that is no longer there."""
        for part in self.parts:
            part.check()

    def stop(self) -> None:
        """Ask all to end, and make those end that have not after a while."""
        for part in self.parts:
            part.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while any(part.is_running() for part in self.parts) and time.monotonic() < deadline:
            time.sleep(0.05)
        for part in self.parts:
            part.signal(signal.SIGKILL)


def site_parts(host: str, port: str, logs: Path) -> Parts:
    """The web server, the worker and the scheduler, sized for this machine."""
    logs.mkdir(parents=True, exist_ok=True)
    cores = str(len(os.sched_getaffinity(0)))
    celery = ("celery", "-A", "salesdash.celery")
    web = (
        "uvicorn", "salesdash.asgi:application", "--host", host, "--port", port,
        "--workers", os.environ.get("WEB_PROCESSES", cores),
        "--timeout-graceful-shutdown", "8", "--no-access-log", "--no-server-header",
    )  # fmt: skip
    worker = (
        *celery, "worker", "--concurrency", os.environ.get("WORKER_PROCESSES", cores),
        "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    )  # fmt: skip
    beat = (*celery, "beat", "--pidfile", "", "--loglevel", "INFO")
    programs = {"web server": web, "worker": worker, "scheduler": beat}
    return Parts([Part(name, module, _log(logs, name)) for name, module in programs.items()])


def _log(logs: Path, name: str) -> Path:
    return logs / f"{name.replace(' ', '-')}.log"


def _end_with_parent() -> None:
    """Asks the kernel to end this process when the one that started it is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
