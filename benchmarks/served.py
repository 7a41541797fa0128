"""Figures and the executive's home over HTTP, against an empty page of the same server."""

from __future__ import annotations

from statistics import median

from django.core.cache import cache
from django.db import transaction

from benchmarks.results import note
from benchmarks.serving import Visitor, web
from benchmarks.timing import in_turns, milliseconds
from kpis.registry import all_kpis
from kpis.storage.locking import hold_writers
from kpis.storage.remembering import forget_all

PERIODS = ("last-quarter", "this-month", "last-year")
EMPTY, HOME = "/bench/empty/", "/"


def measure(rounds: int) -> None:
    """Print what pages and figures take, as ratios to an empty page."""
    with web() as site:
        visitor = Visitor.named("executive", site)
        print("over HTTP, signed in, one client; milliseconds, and times an empty page")
        empty = _print_homes(visitor, rounds)
        _print_first_asks(visitor, empty)
        _print_figures(visitor, rounds)


def _print_homes(visitor: Visitor, rounds: int) -> float:
    def uncached() -> None:
        cache.clear()
        visitor.get(HOME)

    times = in_turns(
        {
            "an empty page": lambda: visitor.get(EMPTY),
            "executive home, warm": lambda: visitor.get(HOME),
            "executive home, nothing cached but stored values": uncached,
        },
        rounds,
    )
    empty = times["an empty page"]
    for name, taken in times.items():
        print(f"{name:52}{taken:9.1f}{taken / empty:8.2f} ×", flush=True)
        note(name, "ms" if taken is empty else "×", taken if taken is empty else taken / empty)
    return empty


def _paths() -> dict[str, str]:
    """Every KPI for standard periods."""
    return {
        f"{kpi}, {period}": f"/api/v1/kpis/{kpi}/?period={period}"
        for period in PERIODS
        for kpi in all_kpis()
    }


def _print_first_asks(visitor: Visitor, empty: float) -> None:
    """As after an edit that moved them all: nothing is recalled, only months are stored."""
    with transaction.atomic():
        hold_writers()
        forget_all()
    times = {name: milliseconds(lambda p=path: visitor.get(p)) for name, path in _paths().items()}
    _print_ratios("a figure, asked first", {name: each / empty for name, each in times.items()})


def _print_figures(visitor: Visitor, rounds: int) -> None:
    """Asked before by somebody."""
    ratios: dict[str, float] = {}
    for name, path in _paths().items():
        ways = {"empty": lambda: visitor.get(EMPTY), "figure": lambda p=path: visitor.get(p)}
        times = in_turns(ways, max(3, rounds // 3))
        ratios[name] = times["figure"] / times["empty"]
    _print_ratios("a figure, asked before", ratios)


def _print_ratios(what: str, ratios: dict[str, float]) -> None:
    print(f"{f'{what}: median of {len(ratios)}':52}{median(ratios.values()):17.2f} ×")
    note(f"{what}: median", "×", median(ratios.values()))
    note(f"{what}: slowest", "×", max(ratios.values()))
    for name in sorted(ratios, key=lambda name: -ratios[name])[:5]:
        print(f"{f'  slowest: {name}':52}{ratios[name]:17.2f} ×", flush=True)
