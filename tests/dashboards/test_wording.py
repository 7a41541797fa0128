"""What is said of a figure beside its value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from accounts.selection import select
from charts.data import Style
from dashboards.look import Look
from dashboards.wording import attainment, pace_words, target_words
from pipeline.models import Contract, Target
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW, ask


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


def look_of(cast: Cast) -> Look:
    chosen = select(QueryDict("period=2026-Q1"), cast.eunji, at=NOW)
    return Look(cast.eunji, chosen, Style("en", "KRW"))


@pytest.mark.parametrize(
    ("limit", "target", "pace"),
    [
        (120, "25\xa0% of the ₩120 limit", "within the limit so far"),
        (10, "300\xa0% of the", "above the pace"),
    ],
)
def test_where_down_is_good_it_says_how_much_of_the_limit_is_used(
    cast: Cast, limit: int, target: str, pace: str
) -> None:
    """Not that a quarter of what may be lost is an attainment of 400 %."""
    set_target(cast, "churned_value", limit)
    span = {"start": date(2025, 2, 1), "end": date(2026, 2, 1)}
    Contract.objects.create(customer=make_customer(), **span, value=360)
    found = ask(cast, "churned_value")
    look = look_of(cast)
    assert target in target_words(found, look.style)
    assert pace in pace_words(found, look)[0]


def test_there_is_none_without_a_target(won: Cast) -> None:
    assert attainment(ask(won, "sales_cycle")) is None
