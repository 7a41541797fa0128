"""The model itself, on an imagined company: nothing from later is used, and it repeats itself."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import numpy as np
import pytest

from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.replay import replay
from forecasting.model.coming import Coming
from forecasting.model.forecast import Model, learn_model, play, stands
from forecasting.model.history import History, moment
from forecasting.model.learning import TooLittle, fit, snapshot_of
from forecasting.model.simulation import Outcomes, Spread, Standing, simulate
from periods import Period
from tests.forecasting.imagined import LAST_QUARTER, SEOUL, demo, known_at

AT = Horizon.START.instant(LAST_QUARTER)
NOTHING_COMING = Coming((), (), (), (0.0,))


@pytest.fixture(scope="module")
def history() -> History:
    return demo(800, 3)


@pytest.fixture(scope="module")
def known(history: History) -> History:
    return known_at(history, AT)


@pytest.fixture(scope="module")
def model(known: History) -> Model:
    learned = learn_model(known, LAST_QUARTER, AT)
    assert isinstance(learned, Model)
    return learned


def _outcomes(model: Model, history: History) -> Outcomes:
    return play(model, stands(model, history, LAST_QUARTER, AT), seed=1)


def test_the_same_seed_gives_the_same_outcomes(known: History, model: Model) -> None:
    assert np.array_equal(_outcomes(model, known).brought, _outcomes(model, known).brought)


def test_learning_twice_gives_the_same_model(known: History, model: Model) -> None:
    assert learn_model(known, LAST_QUARTER, AT) == model


def test_a_model_survives_being_written(model: Model) -> None:
    assert Model.read(model.written()) == model


def test_the_teams_outcomes_add_up_to_the_companys(known: History, model: Model) -> None:
    outcomes = _outcomes(model, known)
    teams = {team for _owner, team in outcomes.leaves}
    by_team = [
        outcomes.of([n for n, leaf in enumerate(outcomes.leaves) if leaf[1] == team])
        for team in teams
    ]

    assert np.allclose(np.sum(by_team, axis=0), outcomes.of(range(len(outcomes.leaves))))


def test_deals_further_on_are_likelier_to_be_won(known: History, model: Model) -> None:
    rows = known.open_at(moment(AT))
    chance = model.learned.chances(known, rows, snapshot_of(LAST_QUARTER, AT))
    stage = known["stage"][rows]

    assert chance[stage >= 6].mean() > 2 * chance[stage <= 2].mean()
    assert ((chance > 0) & (chance < 1)).all()


def test_a_young_company_is_told_that_there_is_too_little(history: History) -> None:
    young = known_at(history, SEOUL.start_of(LAST_QUARTER.year_ago().year_ago().start))
    found = learn_model(young, LAST_QUARTER.year_ago().year_ago(), young.until)

    assert isinstance(found, TooLittle)
    assert found.periods < 4


def test_what_is_booked_is_certain() -> None:
    standing = Standing(((1, 1),), np.array([7.0]), np.zeros(0), np.zeros(0), np.zeros(0, int))
    outcomes = simulate(standing, NOTHING_COMING, [1.0], Spread(0.2, 0.2), seed=1)

    assert np.quantile(outcomes.of([0]), [0.1, 0.9]).tolist() == [7.0, 7.0]


def test_the_draws_have_the_mean_that_chances_and_amounts_give() -> None:
    chances, worth = np.array([0.2, 0.5, 0.9]), np.array([100.0, 40.0, 10.0])
    standing = Standing(((1, 1),), np.zeros(1), chances, worth, np.zeros(3, int))
    outcomes = simulate(standing, NOTHING_COMING, [1.0], Spread(0.0, 0.0), seed=5, draws=40_000)

    assert outcomes.of([0]).mean() == pytest.approx((chances * worth).sum(), rel=0.02)


def test_new_business_comes_as_often_and_as_large_as_was_learned() -> None:
    standing = Standing(((1, 1),), np.zeros(1), np.zeros(0), np.zeros(0), np.zeros(0, int))
    coming = Coming(((1, 1),), (1.5,), (2.0,), (10.0, 20.0, 30.0))
    outcomes = simulate(standing, coming, [1.0], Spread(0.0, 0.0), seed=5, draws=40_000)

    assert outcomes.of([0]).mean() == pytest.approx(1.5 * 2.0 * 20.0, rel=0.02)


def test_weights_find_what_decides_and_thin_data_stay_near_nothing() -> None:
    dice = np.random.default_rng(1)
    features = np.column_stack([np.ones(4000), dice.normal(size=4000), dice.normal(size=4000)])
    wins = (dice.random(4000) < 1 / (1 + np.exp(1 - 2 * features[:, 1]))).astype(float)

    found = fit(features, wins, 1.0, np.full(3, 1.0))
    thin = fit(features[:20], wins[:20], 1.0, np.full(3, 50.0))

    assert found == pytest.approx([-1.0, 2.0, 0.0], abs=0.15)
    assert np.abs(thin).max() < 0.3


def test_methods_say_what_a_naive_count_says(known: History) -> None:
    """Stage-weighted, last year's quarter and the mean of four, counted version by version."""
    replayed = replay(known, LAST_QUARTER, AT, is_start=True, seed=1)
    said = replayed.of(range(len(replayed.leaves)))

    assert said.stage_weighted == pytest.approx(_naive_weighted(known))
    assert said.same_quarter_last_year == pytest.approx(_naive_won(known, LAST_QUARTER.year_ago()))
    quarters = LAST_QUARTER.trailing(5)[:-1]
    assert said.run_rate == pytest.approx(sum(_naive_won(known, each) for each in quarters) / 4)


def _rows(history: History) -> list[Any]:
    return list(history.versions.itertuples())


def _naive_won(history: History, period: Period) -> float:
    start, end = period.starts_at.timestamp(), period.ends_at.timestamp()
    total = 0.0
    for row in _rows(history):
        began = row.began.replace(tzinfo=UTC)
        if row.outcome == 1 and start <= began.timestamp() < end:
            total += _naive_worth(history, row, SEOUL.business_day(began))
    return total


def _naive_worth(history: History, row: Any, day: date) -> float:
    prices = history.prices[0]
    dated = zip(prices.days.tolist(), prices.prices.tolist(), strict=True)
    price = [price for since, price in dated if since <= day][-1] if row.currency == 0 else 1.0
    return float(row.amount) * price


def _naive_weighted(history: History) -> float:
    today = SEOUL.business_day(AT)
    total = _naive_won(history, Period(LAST_QUARTER.start, today, None, SEOUL))
    for row in {row.deal: row for row in _rows(history)}.values():
        step = history.steps[row.stage]
        omitted = (row.category or step.category) == 1
        closes = LAST_QUARTER.start <= row.expected.date() < LAST_QUARTER.end
        if row.outcome == 0 and closes and not omitted:
            own = step.probability if np.isnan(row.probability) else row.probability
            total += _naive_worth(history, row, today) * own
    return total


def test_nothing_that_happened_later_is_used(history: History, known: History) -> None:
    """A future fact planted in the history moves nothing that is said of earlier."""
    planted = history.versions.copy()
    later = planted["began"] > np.datetime64(int(AT.timestamp()), "s")
    planted.loc[later, "amount"] *= 1000
    planted.loc[later, "outcome"] = 1
    tainted = History(planted, history.steps, history.prices, history.calendar, history.until)

    said = replay(known, LAST_QUARTER, AT, is_start=True, seed=1)
    again = replay(known_at(tainted, AT), LAST_QUARTER, AT, is_start=True, seed=1)

    places = range(len(said.leaves))
    assert again.leaves == said.leaves
    assert again.of(places) == said.of(places)
