"""What is said of a figure beside its value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.wording import attainment
from pipeline.models import Target
from tests.cast import Cast, make_deal, seoul
from tests.kpis.asking import ask


def set_target(cast: Cast, kpi: str, value: int) -> None:
    period = cast.company.calendar.parse("2026-Q1", at=seoul(2026, 1, 1))
    Target.objects.create(kpi=kpi, start=period.start, end=period.end, value=value)


@pytest.fixture
def won(cast: Cast) -> Cast:
    """One deal won for 100, forty days after it was created."""
    day = seoul(2026, 2, 14)
    make_deal(cast, cast.minsu, cast.won, amount=100, closed_at=day)
    return cast


def test_attainment_is_the_actual_of_the_target(won: Cast) -> None:
    set_target(won, "won_revenue", 400)
    assert attainment(ask(won, "won_revenue")) == Decimal(1) / 4


def test_where_down_is_good_it_is_the_target_of_the_actual(won: Cast) -> None:
    set_target(won, "sales_cycle", 20)
    assert ask(won, "sales_cycle").value == 40
    assert attainment(ask(won, "sales_cycle")) == Decimal(1) / 2


def test_there_is_none_without_a_target(won: Cast) -> None:
    assert attainment(ask(won, "sales_cycle")) is None
