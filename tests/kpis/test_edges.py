"""The turn of a day belongs to the new one: nothing of that very midnight is in the old period."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.instants import instant_of
from accounts.scope import resolve
from history import as_recorded_at
from kpis.parameters import window_from
from pipeline.models import Deal
from pipeline.waterfall import Step, waterfall
from tests.cast import Cast, make_cast, make_deal, seoul
from tests.kpis.asking import NOW, ask

MIDNIGHT = seoul(2026, 2, 1)


@pytest.fixture
def told(db: None) -> Cast:
    """Two open deals of January: at the very midnight one is won and a third one begins."""
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    with as_recorded_at(seoul(2026, 1, 5)):
        for amount in (100, 20):
            make_deal(cast, cast.minsu, 2, amount=amount, created_at=seoul(2026, 1, 5))
    with as_recorded_at(MIDNIGHT):
        won = {"stage": cast.won, "outcome": "won", "closed_at": MIDNIGHT}
        Deal.objects.filter(amount=20).update(**won)
        make_deal(cast, cast.minsu, 2, amount=7, created_at=MIDNIGHT)
    return cast


def test_a_stock_at_a_period_s_end_is_that_before_midnight(told: Cast) -> None:
    assert ask(told, "open_pipeline", "2026-01").value == 120
    assert ask(told, "open_pipeline", "2026-02-01").value == 107


def test_flows_and_stocks_agree_on_the_day_of_a_change(told: Cast) -> None:
    assert ask(told, "won_deals", "2026-01").value == 0
    assert ask(told, "won_deals", "2026-02").value == 1
    assert ask(told, "new_deals", "2026-01").value == 2


@pytest.mark.parametrize("past", ["as_of", "known_at"])
def test_a_bare_date_is_its_day_s_last_instant(told: Cast, past: str) -> None:
    end = instant_of("2026-01-31", told.company.calendar)
    assert end is not None
    assert end < MIDNIGHT
    assert ask(told, "open_pipeline", "2026-Q1", **{past: end}).value == 120
    assert ask(told, "open_pipeline", "2026-Q1", **{past: MIDNIGHT}).value == 107


def test_a_period_is_over_at_its_last_day_s_end(told: Cast) -> None:
    end = instant_of("2026-01-31", told.company.calendar)
    found = ask(told, "won_revenue", "2026-01", compare="previous", as_of=end)
    assert found.at == MIDNIGHT
    assert found.comparison is not None
    assert not found.comparison.like_for_like


def test_one_month_s_waterfall_ends_where_the_next_begins(told: Cast) -> None:
    Deal.objects.update(expected_close=seoul(2026, 3, 10).date())
    spans = ({"end": "2026-01-31"}, {"start": "2026-01-31", "end": "2026-02-28"})
    january, february = (
        waterfall(window_from({"closing": "2026-Q1", **span}, viewer=told.eunji, at=NOW))
        for span in spans
    )
    bars = [{bar.step: bar.value for bar in found.bars} for found in (january, february)]
    assert bars[0][Step.END] == bars[1][Step.START]
    assert (bars[0][Step.WON], bars[1][Step.WON]) == (Decimal(0), Decimal(-20))
    assert resolve("company", told.eunji) == january.window.scope
