"""`python -m benchmarks [--deals N]`: make the demo company apart from any other data, measure."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Each size has servers and data of its own, which the next run finds again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--deals", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    # Never the company that people work with.
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ["SALESDASH_DATA_DIR"] = str(PROJECT / ".data" / f"bench-{options.deals}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "salesdash.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    from salesdash import embedded

    embedded.ensure()
    import django

    django.setup()
    from benchmarks import company, edits, figures

    company.prepare(options.deals)
    figures.measure(options.rounds)
    edits.measure(options.rounds)


if __name__ == "__main__":
    main()
