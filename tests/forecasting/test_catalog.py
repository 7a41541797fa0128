"""The catalog's forecast: it equals the grid, adds up, and can be aimed at."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.scope import resolve
from forecasting.actions.calls import Cell, Change, adjust, submit
from forecasting.models import Column
from kpis.declarations import State
from kpis.evaluate import answer
from kpis.questions import Answer, Question
from kpis.records import records
from pipeline.models import Target
from tests.cast import Cast
from tests.forecasting.asking import NOW, forecast_of, open_deal, quarter, won_deal


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """minsu: 10 closed, 20 committed, submitted 25, adjusted to 15; bora has 50 likely."""
    won_deal(cast, cast.minsu, 10)
    open_deal(cast, cast.minsu, 20)
    open_deal(cast, cast.bora, 50, stage=3)
    period = quarter(cast)
    submit(by=cast.minsu, period=period, commit=Decimal(25), best_case=Decimal(30), at=NOW)
    adjust(
        by=cast.lee,
        cell=Cell(cast.teams["seoul-1"], user=cast.minsu),
        period=period,
        changes={Column.COMMIT: Change(Decimal(15), 0)},
        reason="Too hopeful",
        at=NOW,
    )
    return cast


def question(
    cast: Cast, kpi: str, scope: str = "company", basis: str = "", by: str = ""
) -> Question:
    viewer = User.objects.get(pk=cast.eunji.pk)
    return Question(kpi, resolve(scope, viewer), quarter(cast), basis=basis, by=by)


def ask(cast: Cast, *asked: str) -> Answer:
    (found,) = answer([question(cast, *asked)], viewer=cast.eunji, at=NOW)
    return found


@pytest.mark.parametrize(
    ("kpi", "basis", "value"),
    [
        ("forecast_commit", "called", 15),
        ("forecast_commit", "system", 30),
        ("forecast_best_case", "called", 80),
        ("forecast_best_case", "system", 80),
    ],
)
def test_the_figure_is_the_grid_s(deals: Cast, kpi: str, basis: str, value: int) -> None:
    found = ask(deals, kpi, "company", basis)
    assert found.value == value
    calls = forecast_of(deals)
    column = calls.calls.of(calls.forest.root).of(kpi.removeprefix("forecast_"))
    assert found.value == (column.base if basis == "called" else column.system)


@pytest.mark.parametrize("by", ["team", "rep"])
def test_its_parts_add_up_to_it(deals: Cast, by: str) -> None:
    found = ask(deals, "forecast_commit", "company", "called", by)
    assert sum(row.result.value or 0 for row in found.rows) == found.value == 15


def test_a_person_s_own_figure_is_what_they_submitted(deals: Cast) -> None:
    assert ask(deals, "forecast_commit", f"user:{deals.minsu.pk}").value == 25
    assert ask(deals, "forecast_commit", "team:seoul-1").value == 15


@pytest.mark.parametrize("part", ["numerator", "closed", "submitted", "adjusted"])
def test_the_rows_behind_each_part_add_up_to_it(deals: Cast, part: str) -> None:
    found = records(question(deals, "forecast_commit"), viewer=deals.eunji, at=NOW, part=part)
    brought = sum(row["contribution"] for row in found.rows)
    assert brought == found.total
    assert found.total == {"numerator": 20, "closed": 10, "submitted": -5, "adjusted": -10}[part]


def test_the_gap_is_against_the_target_for_won_revenue(deals: Cast) -> None:
    assert ask(deals, "forecast_gap").state is State.NO_TARGET
    period = quarter(deals)
    Target.objects.create(kpi="won_revenue", start=period.start, end=period.end, value=40)
    assert ask(deals, "forecast_gap").value == -25
    assert ask(deals, "forecast_gap", "company", "system").value == -10


def test_a_goal_may_be_set_for_it(deals: Cast) -> None:
    period = quarter(deals)
    Target.objects.create(kpi="forecast_commit", start=period.start, end=period.end, value=30)
    viewer = User.objects.get(pk=deals.eunji.pk)
    asked = Question("target_attainment", resolve("company", viewer), period, of="forecast_commit")
    (found,) = answer([asked], viewer=viewer, at=NOW)
    assert found.value == Decimal("0.5")


def test_however_many_forecasts_a_few_statements_read_them(deals: Cast) -> None:
    scopes = ("company", "team:seoul", "team:seoul-1", "team:busan")
    asked = [question(deals, "forecast_commit", scope) for scope in scopes]
    with CaptureQueriesContext(connection) as queries:
        answer(asked, viewer=deals.eunji, at=NOW)
    reads = [each for each in queries if '"pipeline_deal"' in each["sql"]]
    assert len(reads) <= 3
