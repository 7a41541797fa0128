"""Runs all of SalesDash on one machine: `make run`, or `python -m salesdash.run`.

Starts the embedded servers, brings the database and files up to date, then runs the web server,
the worker and the scheduler until it is interrupted or one of them ends. Django is not loaded
here, so what stays resident is small.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

from salesdash import embedded
from salesdash.parts import Parts, site_parts

PATIENCE = 120.0
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedByUser(BaseException):
    """Whoever started it wants it to stop."""


def main() -> int:
    """Run until told to stop; the exit status is 0 then, 1 if something failed."""
    for number in INTERRUPTS:
        signal.signal(number, _interrupt)
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.setdefault("PORT", "8000")
    data = embedded.places().data
    _collect_metrics_in(data / "metrics")
    parts = site_parts(host, port, data / "logs")
    try:
        _run(parts, host, port)
    except InterruptedByUser:
        return 0
    except RuntimeError as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        for number in INTERRUPTS:
            signal.signal(number, signal.SIG_IGN)
        print("Stopping …", flush=True)
        parts.stop()
        if not embedded.release():
            print("PostgreSQL and Redis stay up: another program uses them.")


def _run(parts: Parts, host: str, port: str) -> NoReturn:
    started = time.monotonic()
    if not _is_free(host, int(port)):
        raise RuntimeError(f"Port {port} is taken. Choose another: PORT=8001 make run")
    print("Starting SalesDash …", flush=True)
    embedded.ensure()
    sign_ins = _prepare()
    # All at once they would load the same libraries side by side, and people wait for all.
    parts.start_serving()
    url = f"http://{host}:{port}"
    _wait_until_ready(url, parts)
    parts.start_others()
    print(f"\nReady after {time.monotonic() - started:.1f} seconds: {url}\n\n{sign_ins}")
    print("Logs are in", parts.parts[0].log.parent, "– Ctrl-C stops all of it.", flush=True)
    while True:
        time.sleep(0.5)
        parts.check()


def _prepare() -> str:
    """Bring everything up to date; what there is to sign in with, a line a person."""
    demo = [] if os.environ.get("DEMO") == "0" else ["--demo"]
    done = subprocess.run(
        [sys.executable, "manage.py", "prepare", *demo],
        cwd=embedded.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if done.returncode:
        raise RuntimeError("SalesDash could not be prepared; the reason is above.")
    return done.stdout


def _wait_until_ready(url: str, parts: Parts) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        parts.check()
        try:
            urllib.request.urlopen(f"{url}/readyz/", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The site did not answer; see {parts.parts[0].log.parent}")


def _collect_metrics_in(directory: Path) -> None:
    """Where the web processes add up their counts, which begin anew with each start."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise InterruptedByUser


if __name__ == "__main__":
    sys.exit(main())
