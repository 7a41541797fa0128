"""The model on companies it has never seen: ten demo companies, their last four quarters.

Each quarter is forecast by what was known at its horizon, after learning from the quarters
before alone. The histories come straight from the demo's tables, see `imagined`.
"""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.skill import judge
from tests.forecasting.imagined import LAST_QUARTER, demo, noise
from tests.forecasting.trying import RIVALS, compared, is_held, tried, wape

SEEDS = range(1, 11)
DEALS = 2_000
QUARTERS = LAST_QUARTER.trailing(4)


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [Horizon.START, Horizon.MIDDLE])
def test_the_model_beats_every_baseline_on_companies_it_has_never_seen(horizon: Horizon) -> None:
    cases = [
        case
        for seed in SEEDS
        for history in [demo(DEALS, seed)]
        for quarter in QUARTERS
        for case in tried(history, quarter, horizon)
    ]

    assert len(cases) >= 200
    assert wape(cases, "model") < min(wape(cases, rival) for rival in RIVALS)
    assert 0.7 <= np.mean([is_held(case) for case in cases]) <= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_no_skill_is_claimed_where_history_is_noise(seed: int) -> None:
    history = noise(1_500, seed)
    quarters = LAST_QUARTER.trailing(7)
    cases = [case for quarter in quarters for case in tried(history, quarter, Horizon.START)]

    verdict = judge(compared(cases), periods=len(quarters))

    assert verdict.cases >= 50
    assert not verdict.is_skilled


@pytest.mark.slow
def test_skill_is_claimed_where_deals_tell_what_will_come() -> None:
    history = demo(5_000, 1)
    quarters = LAST_QUARTER.trailing(8)
    cases = [case for quarter in quarters for case in tried(history, quarter, Horizon.START)]

    assert judge(compared(cases), periods=len(quarters)).is_skilled
