"""The worked example of docs/what-if.md: a quarterly target of 127억, and churn above plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from charts.numbers import Unit, write
from forecasting.model.coming import Coming
from forecasting.model.simulation import Spread, Standing, simulate
from forecasting.whatif.asking import Scene, scene_of
from forecasting.whatif.levers import Levers, Rates
from forecasting.whatif.outcome import Drawn
from tests.forecasting.imagined import LAST_QUARTER

QUARTER = LAST_QUARTER.next()
TARGET, DUE = Decimal(12_700_000_000), Decimal(8_000_000_000)
TODAY = Rates(
    win_rate=Decimal("0.3"),
    deal_size=Decimal(100_000_000),
    cycle=Decimal(57),
    leads=Decimal(50),
    churn=Decimal("0.1"),
    conversion=Decimal("0.2"),
)
LANDS = Drawn(4_000_000_000.0, np.full(1000, 7_900_000_000.0))


def scene(**percents: int) -> Scene:
    levers = Levers.of({name: Decimal(value) for name, value in percents.items()})
    return scene_of(levers, LANDS, TARGET, TODAY, DUE, QUARTER)


def closing(found: Scene) -> tuple[int, int | None, int | None, date | None]:
    assert found.takes is not None
    takes = found.takes
    return int(takes.missing), takes.deals, takes.inquiries, takes.by


def test_as_planned_eight_deals_are_missing() -> None:
    found = scene()
    assert QUARTER.code == "2026-Q4"
    assert found.ends.p50 == 11_900_000_000
    assert found.gap == -800_000_000
    assert closing(found) == (800_000_000, 8, 134, date(2026, 11, 4))


def test_churn_above_plan_raises_the_target_to_131() -> None:
    found = scene(churn=150)
    assert found.raised == 400_000_000
    assert found.target == 13_100_000_000
    assert write(found.target, Unit.MONEY, language="ko", currency="KRW") == "131억"
    assert found.ends.p50 == scene().ends.p50
    assert closing(found) == (1_200_000_000, 12, 200, date(2026, 11, 4))


def test_a_shorter_cycle_leaves_more_time_and_a_higher_win_rate_takes_less() -> None:
    assert closing(scene(churn=150, cycle=75)) == (1_200_000_000, 12, 200, date(2026, 11, 18))
    found = scene(churn=150, cycle=75, win_rate=110)
    assert found.rates.win_rate == Decimal("0.33")
    assert closing(found) == (1_200_000_000, 12, 182, date(2026, 11, 18))


def test_deals_in_hand_go_further_and_more_new_ones_come() -> None:
    tempo = TODAY.tempo(Levers(cycle=Decimal(75), win_rate=Decimal(110)))
    assert tempo.pace == pytest.approx(1.4667, abs=1e-4)
    nobody, nothing = ((1, 1),), np.zeros(0)
    deal = Standing(nobody, np.zeros(1), np.array([0.4]), np.array([1.0]), np.zeros(1, int))
    none = Standing(nobody, np.zeros(1), nothing, nothing, np.zeros(0, int))
    coming = Coming(nobody, (3.0,), (1.0,), (1.0,))
    calm = Spread(0, 0)

    won = simulate(deal, Coming((), (), (), (0.0,)), [1.0], calm, seed=1, tempo=tempo, draws=40_000)
    new = simulate(none, coming, [1.0], calm, seed=1, tempo=tempo, draws=40_000)

    assert won.of([0]).mean() == pytest.approx(0.527, abs=0.008)
    assert new.of([0]).mean() == pytest.approx(4.4, abs=0.05)


def test_a_win_rate_stops_at_all_deals() -> None:
    levers = Levers(win_rate=Decimal(300))
    high = Rates(win_rate=Decimal("0.5"))
    assert high.under(levers).win_rate == 1
    assert high.tempo(levers).pace == 2.0
