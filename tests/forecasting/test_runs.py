"""What is learned and replayed is kept, told and scored, from the demo company in the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.scope import COMPANY, Tree
from alerts.actions import create_rule
from alerts.detect import evaluate
from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.table import By, Method, accuracy
from forecasting.actions.replays import replay_period
from forecasting.actions.runs import learn_period
from forecasting.model.told import told
from forecasting.models import ModelFigure, ModelRun, Replayed
from kpis.evaluate import answer
from kpis.progress import progress_of
from kpis.questions import Question
from periods import Period
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from pipeline.models import Target
from tests.cast import Cast
from tests.forecasting.imagined import LAST_QUARTER, SEOUL, UNTIL

pytestmark = pytest.mark.django_db
RUNNING = LAST_QUARTER.next()


@pytest.fixture
def executive() -> User:
    seed(Plan(400, 4, UNTIL, SEOUL), say=lambda _line: None)
    return User.objects.get(email="executive@demo.example")


def test_a_run_tells_of_every_node_and_repeating_it_changes_nothing(executive: User) -> None:
    run = learn_period(period=RUNNING, at=UNTIL)
    first = _figures(run)
    again = learn_period(period=RUNNING, at=UNTIL)
    company = told(COMPANY, RUNNING, at=UNTIL)

    assert again.pk == run.pk
    assert _figures(again) == first
    assert company.state == "ok"
    assert company.figure is not None
    assert company.figure.p10 <= company.figure.p50 <= company.figure.p90
    assert company.figure.booked == _won(executive, RUNNING)
    assert company.figure.target is not None
    assert 0 <= (company.figure.chance or 0) <= 1
    teams = Tree.load().teams.values()
    selling = [team for team in teams if told(Tree.load().scope(team), RUNNING, at=UNTIL).figure]
    assert len(selling) >= 8


def _figures(run: ModelRun) -> list[tuple[Any, ...]]:
    names = ("team", "user", "booked", "p10", "p50", "p90", "target", "chance")
    return list(ModelFigure.objects.filter(run=run).order_by("pk").values_list(*names))


def test_the_catalog_has_the_median(executive: User) -> None:
    asked = Question("forecast_p50", COMPANY, RUNNING)
    (before,) = answer([asked], viewer=executive, at=UNTIL)
    learn_period(period=RUNNING, at=UNTIL)
    (found,) = answer([asked], viewer=executive, at=UNTIL)
    (other,) = answer(
        [Question("forecast_p50", COMPANY, RUNNING.year_ago())], viewer=executive, at=UNTIL
    )
    figure = told(COMPANY, RUNNING, at=UNTIL).figure

    assert before.value is None
    assert figure is not None
    assert found.value == figure.p50
    assert other.value is None


def test_goals_and_alerts_may_name_the_median(executive: User) -> None:
    learn_period(period=RUNNING, at=UNTIL)
    figure = told(COMPANY, RUNNING, at=UNTIL).figure
    assert figure is not None
    goal = Target.objects.create(
        kpi="forecast_p50", start=RUNNING.start, end=RUNNING.end, value=figure.p50 * 2
    )
    (progress,) = progress_of([goal], viewer=executive, at=UNTIL)
    create_rule(
        by=executive,
        at=UNTIL,
        scope="company",
        fields={
            "kpi": "forecast_p50",
            "period": "this-quarter",
            "direction": "below",
            "threshold": figure.p50 + 1,
        },
        recipients=[executive.pk],
    )

    assert progress.attainment == Decimal("0.5")
    assert [each.kind for each in evaluate(at=UNTIL).transitions] == ["fired"]


def _won(viewer: User, period: Period) -> Decimal | None:
    (found,) = answer([Question("won_revenue", COMPANY, period)], viewer=viewer, at=UNTIL)
    return found.value


def test_a_replay_scores_every_method_and_repeating_it_changes_nothing(executive: User) -> None:
    nodes = replay_period(period=LAST_QUARTER, horizon=Horizon.START, at=UNTIL)
    first = _replayed()
    assert replay_period(period=LAST_QUARTER, horizon=Horizon.START, at=UNTIL) == nodes
    assert _replayed() == first

    found = accuracy(Horizon.START, COMPANY, By.WHOLE)
    (row,) = found.rows
    assert row.actual == _won(executive, LAST_QUARTER)
    assert row.same_quarter_last_year == pytest.approx(
        _won(executive, LAST_QUARTER.year_ago()), abs=Decimal(1)
    )
    assert row.rep_commit is None
    assert found.scores[Method.MODEL].wape == abs((row.model or 0) - row.actual) / row.actual
    assert found.scores[Method.REP_COMMIT].cases == 0
    assert not found.verdict.is_skilled

    by_team = accuracy(Horizon.START, COMPANY, By.TEAM).rows
    assert sum(each.actual for each in by_team) == row.actual
    by_rep = accuracy(Horizon.START, COMPANY, By.REP).rows
    assert sum(each.actual for each in by_rep) == row.actual


def _replayed() -> list[tuple[Any, ...]]:
    names = ("team", "user", "actual", "model", "low", "high", "stage_weighted", "run_rate")
    return list(Replayed.objects.order_by("team", "user").values_list(*names))


def test_the_stage_weighted_replay_is_what_the_kpi_said_then(executive: User) -> None:
    replay_period(period=LAST_QUARTER, horizon=Horizon.START, at=UNTIL)
    (row,) = accuracy(Horizon.START, COMPANY, By.WHOLE).rows
    then = Horizon.START.instant(LAST_QUARTER) - timedelta(microseconds=1)
    past: dict[str, Any] = {"as_of": then, "known_at": then}
    open_then, won_then = answer(
        [
            Question("weighted_pipeline", COMPANY, LAST_QUARTER, closing=LAST_QUARTER, **past),
            Question("won_revenue", COMPANY, LAST_QUARTER, **past),
        ],
        viewer=executive,
        at=UNTIL,
    )

    said = (open_then.value or 0) + (won_then.value or 0)
    assert row.stage_weighted == pytest.approx(said, rel=Decimal("1e-6"))


def test_a_company_without_history_is_told_so(cast: Cast) -> None:
    run = learn_period(period=RUNNING, at=UNTIL)

    assert not run.is_enough
    assert told(COMPANY, RUNNING, at=UNTIL).state == "too_little"
    assert told(COMPANY, RUNNING.next(), at=UNTIL).state == "not_learned"


def test_the_api_tells_scores_and_deals(executive: User, client: Client) -> None:
    learn_period(period=RUNNING, at=UNTIL)
    replay_period(period=LAST_QUARTER, horizon=Horizon.START, at=UNTIL)
    client.force_login(executive)

    here = {"period": "this-quarter", "as_of": UNTIL.isoformat()}
    model = client.get("/api/v1/forecast/model/", here).json()
    deals = client.get("/api/v1/forecast/model/deals/", here).json()
    scored = client.get("/api/v1/forecast/accuracy/", {"horizon": "start"}).json()

    assert model["state"] == "ok"
    assert Decimal(model["p10"]) <= Decimal(model["p50"]) <= Decimal(model["p90"])
    assert deals["results"]
    assert all(0 < Decimal(each["probability"]) < 1 for each in deals["results"])
    assert any(each["reasons"] for each in deals["results"])
    assert [each["method"] for each in scored["methods"]] == [each.value for each in Method]
    assert scored["quarters"][0]["period"] == LAST_QUARTER.code
    assert scored["skill"]["claimed"] is False
    assert client.get("/api/v1/forecast/accuracy/", {"horizon": "x"}).status_code == 400
