"""Bias, weighted error and coverage, against sums done by hand."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.scores import Case, score
from forecasting.accuracy.skill import Compared, judge
from tests.forecasting.imagined import LAST_QUARTER, SEOUL


def _case(forecast: int, actual: int, low: int | None = None, high: int | None = None) -> Case:
    edges = (None if edge is None else Decimal(edge) for edge in (low, high))
    return Case(Decimal(forecast), Decimal(actual), *edges)


def test_a_score_by_hand() -> None:
    found = score([_case(120, 100, 80, 130), _case(30, 50, 10, 40), _case(50, 50, 50, 60)])

    assert found.bias == Decimal(0)
    assert found.wape == Decimal(40) / Decimal(200)
    assert found.coverage == Decimal(2) / Decimal(3)
    assert found.cases == 3


def test_bias_is_signed() -> None:
    assert score([_case(150, 100)]).bias == Decimal("0.5")
    assert score([_case(50, 100)]).bias == Decimal("-0.5")


def test_where_nothing_came_nothing_is_scored() -> None:
    found = score([_case(10, 0), _case(0, 0)])

    assert (found.bias, found.wape, found.coverage) == (None, None, None)
    assert score([]).cases == 0


def test_a_method_without_a_range_has_no_coverage() -> None:
    assert score([_case(1, 1)]).coverage is None


def test_the_horizons_of_a_quarter() -> None:
    quarter = LAST_QUARTER

    days = {str(each): SEOUL.business_day(each.instant(quarter)).isoformat() for each in Horizon}

    assert days == {"start": "2026-07-08", "middle": "2026-08-16", "minus14": "2026-09-17"}


def _compared(rival: str, mine: float, theirs: float, spread: float) -> Compared:
    dice = np.random.default_rng(3)
    noise = dice.normal(0, spread, 60)
    return Compared(rival, np.full(60, mine), theirs + noise, np.full(60, 10.0))


def test_skill_needs_to_beat_every_rival_clearly() -> None:
    clear, close = _compared("run_rate", 2, 4, 1), _compared("usual", 2, 2.05, 3)

    assert judge([clear], periods=8).is_skilled
    verdict = judge([clear, close], periods=8)
    assert not verdict.is_skilled
    assert verdict.rival == "usual"


def test_few_cases_claim_nothing() -> None:
    few = Compared("run_rate", np.full(19, 1.0), np.full(19, 5.0), np.full(19, 10.0))

    assert not judge([few], periods=8).is_skilled
    assert not judge([_compared("run_rate", 2, 4, 1)], periods=3).is_skilled
    assert not judge([], periods=8).is_skilled
