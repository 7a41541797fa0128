"""What was measured at each size, kept beside the data so that sizes can be compared."""

from __future__ import annotations

import json
import os
from pathlib import Path

Results = dict[str, list[float | str]]
NAME = "results.json"
# At a million deals these may be so many times what they are at ten thousand.
GROWING = (
    "a figure, asked before: median",
    "executive home, warm",
    "executive home, nothing cached but stored values",
)


def note(what: str, unit: str, value: float) -> None:
    """Keep a figure of the size at hand, in place of what it was before, with the load."""
    path = Path(os.environ["SALESDASH_DATA_DIR"], NAME)
    known = _read(path)
    known[what] = [round(value, 2), unit, round(os.getloadavg()[0], 1)]
    path.write_text(json.dumps(known, indent=1))


def _read(path: Path) -> Results:
    found: Results = json.loads(path.read_text()) if path.exists() else {}
    return found


def print_table(data: Path) -> None:
    """A table in Markdown of all sizes; in brackets the machine's load at the time."""
    sizes = sorted(int(path.parent.name[6:]) for path in data.glob(f"bench-*/{NAME}"))
    found = {size: _read(data / f"bench-{size}" / NAME) for size in sizes}
    print("| what |", " | ".join(f"{size:,}" for size in sizes), "|")
    print("|---" * (len(sizes) + 1) + "|")
    for what in dict.fromkeys(what for results in found.values() for what in results):
        cells = [_cell(found[size].get(what)) for size in sizes]
        print(f"| {what} |", " | ".join(cells), "|")
    first, last = found[sizes[0]], found[sizes[-1]]
    for what in GROWING:
        if what in first and what in last:
            times = float(last[what][0]) / float(first[what][0])
            print(f"{what}: at {sizes[-1]:,} {times:.2f} × what it is at {sizes[0]:,}")


def _cell(noted: list[float | str] | None) -> str:
    if noted is None:
        return ""
    value, unit, load = noted
    return f"{value} {unit} ({load})"
