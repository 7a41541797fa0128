"""Memory of web server and worker while all stored values are computed anew."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.serving import Visitor, web, worker
from kpis.models import StoredUnit
from kpis.tasks import recompute_stored_values

PORT = 8393
LONGEST = 900.0


def measure(_rounds: int) -> None:
    """Print the most that both take together, above what they take when idle."""
    with web(PORT) as serving, worker() as working:
        Visitor.named("executive", PORT).get("/")
        idle = _mebibytes(serving, working)
        recompute_stored_values.delay()
        began, most = time.monotonic(), idle
        while _is_filling(began) and time.monotonic() - began < LONGEST:
            most = max(most, _mebibytes(serving, working))
            time.sleep(0.5)
    print(f"{'web and worker idle, MiB':48}{idle:9.0f}")
    print(f"{'most during recompute, above idle':48}{most - idle:9.0f}")


def _is_filling(began: float) -> bool:
    """Until for ten seconds nothing was filled any more."""
    latest = StoredUnit.objects.latest("filled_at").filled_at.timestamp()
    return time.time() - latest < 10 or time.monotonic() - began < 10


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
