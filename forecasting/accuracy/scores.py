"""How wrong forecasts were: bias, weighted error, and how often a range held the outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Case:
    """What was said of one node in one period, and what came; `low` to `high` was the range."""

    forecast: Decimal
    actual: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Score:
    """Of `cases` forecasts: fractions, None where nothing came or nothing was said.

    `bias` is signed: above 0 more was said than came. `wape` is the sum of the errors by the
    sum of what came. `coverage` is the share of outcomes within their ranges.
    """

    cases: int
    bias: Decimal | None = None
    wape: Decimal | None = None
    coverage: Decimal | None = None


def score(cases: Iterable[Case]) -> Score:
    """The score of a method over nodes and periods."""
    said = list(cases)
    came = sum((case.actual for case in said), Decimal(0))
    if not came:
        return Score(len(said), coverage=_coverage(said))
    errors = [case.forecast - case.actual for case in said]
    bias = sum(errors, Decimal(0)) / came
    return Score(len(said), bias, sum(map(abs, errors), Decimal(0)) / came, _coverage(said))


def _coverage(cases: list[Case]) -> Decimal | None:
    held = [
        case.low <= case.actual <= case.high
        for case in cases
        if case.low is not None and case.high is not None
    ]
    return Decimal(sum(held)) / len(held) if held else None
