"""Figures and the executive's home over HTTP, against an empty page of the same server."""

from __future__ import annotations

from statistics import median

from django.core.cache import cache

from benchmarks.serving import Visitor, web
from benchmarks.timing import in_turns
from kpis.registry import all_kpis

PORT = 8391
PERIODS = ("last-quarter", "this-month", "last-year")
EMPTY, HOME = "/bench/empty/", "/"


def measure(rounds: int) -> None:
    """Print what pages and figures take, as ratios to an empty page."""
    with web(PORT):
        visitor = Visitor.named("executive", PORT)
        print("over HTTP, signed in, one client; milliseconds, and times an empty page")
        _print_homes(visitor, rounds)
        _print_figures(visitor, rounds)


def _print_homes(visitor: Visitor, rounds: int) -> None:
    def uncached() -> None:
        cache.clear()
        visitor.get(HOME)

    times = in_turns(
        {
            "an empty page": lambda: visitor.get(EMPTY),
            "executive home, warm": lambda: visitor.get(HOME),
            "executive home, no cache but stored values": uncached,
        },
        rounds,
    )
    for name, taken in times.items():
        _line(name, taken, times["an empty page"])


def _print_figures(visitor: Visitor, rounds: int) -> None:
    """Every KPI for standard periods; asked before by somebody, as stored ones are."""
    ratios: dict[str, float] = {}
    for period in PERIODS:
        for kpi in all_kpis():
            path = f"/api/v1/kpis/{kpi}/?period={period}"
            times = in_turns(
                {"empty": lambda: visitor.get(EMPTY), "figure": lambda p=path: visitor.get(p)},
                max(3, rounds // 3),
            )
            ratios[f"{kpi}, {period}"] = times["figure"] / times["empty"]
    slowest = sorted(ratios, key=lambda name: -ratios[name])[:5]
    _line(f"a figure, median of {len(ratios)}", None, None, median(ratios.values()))
    for name in slowest:
        _line(f"  slowest: {name}", None, None, ratios[name])


def _line(name: str, taken: float | None, empty: float | None, ratio: float | None = None) -> None:
    shown = f"{taken:9.1f}" if taken is not None else " " * 9
    found = ratio if ratio is not None else (taken or 0) / (empty or 1)
    print(f"{name:48}{shown}{found:8.2f} ×", flush=True)
