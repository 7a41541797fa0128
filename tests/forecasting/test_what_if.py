"""What-if: the model's own draws under levers, from the demo company in the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.scope import COMPANY, Tree
from forecasting.actions.runs import learn_period
from forecasting.model.coming import Coming
from forecasting.model.kept import read, written
from forecasting.model.simulation import Outcomes, Spread, Standing, Tempo, simulate
from forecasting.models import ModelFigure, ModelRun, RunParts
from forecasting.whatif.asking import Asked, what_if
from forecasting.whatif.levers import Levers
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from tests.cast import Cast
from tests.forecasting.imagined import LAST_QUARTER, SEOUL, UNTIL

RUNNING = LAST_QUARTER.next()
LEAVES = ((1, 1), (2, 1), (3, 2))
STANDING = Standing(
    LEAVES,
    np.array([5.0, 0.0, 2.0]),
    np.array([0.1, 0.5, 0.9, 0.3, 0.02]),
    np.array([100, 40, 10, 70, 500]),
    np.array([0, 0, 1, 1, 2]),
)
COMING = Coming(LEAVES[1:], (1.5, 0.4), (1.0, 2.0), (10.0, 20.0, 30.0))


def played(tempo: Tempo, standing: Standing = STANDING) -> Outcomes:
    return simulate(standing, COMING, [0.8, 1.0, 1.1], Spread(0.3, 0.2), seed=3, tempo=tempo)


factors = st.floats(0.03, 30.0)


@settings(max_examples=60, deadline=None)
@given(slow=factors, fast=factors)
def test_going_faster_never_lowers_any_draw(slow: float, fast: float) -> None:
    slow, fast = sorted((slow, fast))
    assert (played(Tempo(pace=fast)).brought >= played(Tempo(pace=slow)).brought).all()
    assert (played(Tempo(volume=fast)).brought >= played(Tempo(volume=slow)).brought).all()


def test_a_chance_grows_as_time_goes_on_by_the_power_of_the_pace() -> None:
    chances = np.array([0.2, 0.6])
    standing = Standing(((1, 1),), np.zeros(1), chances, np.array([1.0, 10.0]), np.zeros(2, int))
    nothing = Coming((), (), (), (0.0,))
    outcomes = simulate(
        standing, nothing, [1.0], Spread(0, 0), seed=5, draws=40_000, tempo=Tempo(pace=1.5)
    )
    won = outcomes.of([0])

    assert (won % 10 >= 1).mean() == pytest.approx(1 - 0.8**1.5, abs=0.01)
    assert (won >= 10).mean() == pytest.approx(1 - 0.4**1.5, abs=0.01)


def test_a_part_is_drawn_as_it_is_within_the_whole() -> None:
    whole, part = played(Tempo(1.2, 1.1)), played(Tempo(1.2, 1.1), STANDING.part([1, 2]))
    assert np.array_equal(part.brought, whole.brought[:, 1:])
    assert part.booked.tolist() == [0.0, 2.0]


def test_what_a_run_stands_on_survives_being_written() -> None:
    again = read(written(STANDING))
    assert again.leaves == STANDING.leaves
    for name in ("booked", "chance", "worth", "leaf"):
        assert np.array_equal(getattr(again, name), getattr(STANDING, name))
    assert np.array_equal(played(Tempo(), again).brought, played(Tempo()).brought)


@pytest.fixture
def executive(db: None) -> User:
    seed(Plan(400, 4, UNTIL, SEOUL), say=lambda _line: None)
    learn_period(period=RUNNING, at=UNTIL)
    return User.objects.get(email="executive@demo.example")


def test_with_nothing_moved_it_is_the_models_own_forecast_of_every_node(executive: User) -> None:
    tree = Tree.load()
    scopes = [COMPANY, *(tree.scope(team) for team in tree.teams.values())]
    told = 0
    for scope in scopes:
        found = what_if(Asked(executive, scope, RUNNING, UNTIL), Levers())
        figure = ModelFigure.objects.of_scope(scope).filter(user=None).first()
        if figure is None:
            assert (found.state, found.scenes) == ("nothing", ())
            continue
        for scene in found.scenes:
            ends = scene.ends
            assert (ends.p10, ends.p50, ends.p90) == (figure.p10, figure.p50, figure.p90)
            assert (scene.target, scene.chance) == (figure.target, figure.chance)
        assert found.booked == figure.booked
        told += 1
    assert told > 8


def test_each_lever_moves_the_outcome_its_own_way(executive: User) -> None:
    def p50(**percents: int) -> Decimal:
        levers = Levers.of({name: Decimal(value) for name, value in percents.items()})
        return what_if(Asked(executive, COMPANY, RUNNING, UNTIL), levers).scenes[1].ends.p50

    assert p50(win_rate=80) < p50() < p50(win_rate=120)
    assert p50(cycle=120) < p50() < p50(cycle=80)
    assert p50(leads=50) < p50() < p50(leads=200)
    found = what_if(Asked(executive, COMPANY, RUNNING, UNTIL), Levers(deal_size=Decimal(150)))
    assert found.booked is not None
    base, half_more = (scene.ends.draws for scene in found.scenes)
    booked = float(found.booked)
    assert half_more == pytest.approx(booked + (base - booked) * 1.5)
    assert p50(churn=150) == p50()


def test_churn_above_plan_raises_the_target_by_what_is_lost(executive: User) -> None:
    found = what_if(Asked(executive, COMPANY, RUNNING, UNTIL), Levers(churn=Decimal(150)))
    base, then = found.scenes

    assert found.due
    assert found.today.churn
    assert then.raised == (found.due * found.today.churn / 2).quantize(Decimal("0.01"))
    assert base.target is not None
    assert then.target == base.target + then.raised
    assert then.gap == then.ends.p50 - then.target
    assert then.takes is not None
    assert base.takes is not None
    assert then.takes.missing == max(base.takes.missing + then.raised, Decimal(0)) or (
        base.takes.missing == 0
    )


def test_only_the_last_run_of_a_period_can_be_played_again(executive: User) -> None:
    learn_period(period=RUNNING, at=UNTIL + timedelta(days=1))
    assert ModelRun.objects.count() == 2
    assert RunParts.objects.count() == 1

    earlier = what_if(Asked(executive, COMPANY, RUNNING, UNTIL))
    assert (earlier.state, earlier.scenes) == ("not_kept", ())


@pytest.mark.django_db
def test_without_history_nothing_is_made_up(cast: Cast) -> None:
    asked = Asked(cast.eunji, COMPANY, RUNNING, UNTIL)
    assert what_if(asked, Levers()).state == "not_learned"
    learn_period(period=RUNNING, at=UNTIL)
    found = what_if(asked, Levers(win_rate=Decimal(150)))

    assert (found.state, found.scenes) == ("too_little", ())
