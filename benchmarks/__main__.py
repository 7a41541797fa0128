"""`python -m benchmarks [--deals N] [--only PART …]`: make the demo company, measure it.

With `--table`: what was measured last at each size."""

from __future__ import annotations

import argparse
import os
import time
from importlib import import_module
from pathlib import Path

from benchmarks.results import print_table

PROJECT = Path(__file__).resolve().parent.parent
# In this order: the later ones change what is there.
PARTS = (
    "served",
    "ranges",
    "past",
    "forecast",
    "recompute",
    "edits",
    "live",
    "memory",
    "load",
)


def main() -> None:
    """Each size has servers and data of its own, which the next run finds again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--deals", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9, help="how often each way is timed")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    parser.add_argument("--table", action="store_true", help="only what was measured, by size")
    options = parser.parse_args()
    if options.table:
        print_table(PROJECT / ".data")
        return
    # Never the company that people work with.
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ["SALESDASH_DATA_DIR"] = str(PROJECT / ".data" / f"bench-{options.deals}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    from salesdash import embedded

    embedded.ensure()
    import django

    django.setup()
    from benchmarks import company

    company.prepare(options.deals)
    for part in options.only:
        began = time.perf_counter()
        print(f"\n== {part} (load {os.getloadavg()[0]:.1f})", flush=True)
        import_module(f"benchmarks.{part}").measure(options.rounds)
        print(f"   {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
