"""Times several ways of doing one thing, in turns, so that a busy machine slows all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any


def in_turns(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median of each in milliseconds; each is done once beforehand, untimed."""
    for way in ways.values():
        way()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(rounds):
        for name, way in ways.items():
            times[name].append(milliseconds(way))
    return {name: median(taken) for name, taken in times.items()}


def milliseconds(done: Callable[[], Any]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    done()
    return (time.perf_counter() - began) * 1000
