"""Memory of web server and worker while all stored values are computed anew."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.results import note
from benchmarks.serving import Visitor, web, worker
from kpis.models import Recomputation, State
from kpis.tasks import recompute_stored_values

LONGEST, EVERY = 900.0, 0.05


def measure(_rounds: int) -> None:
    """Print the most that both take together, above what they take when idle."""
    with web() as site, worker() as working:
        Visitor.named("executive", site).get("/")
        idle = _mebibytes(site.process, working)
        recompute_stored_values.delay()
        began, looks, most = time.monotonic(), 0, idle
        while _is_recomputing(began) and time.monotonic() - began < LONGEST:
            most, looks = max(most, _mebibytes(site.process, working)), looks + 1
            time.sleep(EVERY)
        taken = time.monotonic() - began
    print(f"{'web and worker idle, MiB':48}{idle:9.0f}")
    print(f"{f'most of {looks} looks in {taken:.0f} s, above idle':48}{most - idle:9.0f}")
    note("memory of web and worker during recompute, above idle", "MiB", most - idle)


def _is_recomputing(began: float) -> bool:
    """Until what was begun since has ended; it takes the worker a moment to begin."""
    latest = Recomputation.objects.order_by("-pk").first()
    if latest is None or latest.started_at.timestamp() < time.time() - (time.monotonic() - began):
        return True
    return latest.state == State.RUNNING


def _mebibytes(*programs: subprocess.Popen[bytes]) -> float:
    """What these programs and those they started hold; what is shared counts once."""
    pids = [pid for program in programs for pid in _family(program.pid)]
    return sum(_held(pid) for pid in pids) / 1024


def _family(pid: int) -> Iterable[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _held(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
