"""How an amount becomes revenue, worked out by hand and held for any."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from forecasting.revenue.schedules import (
    PARTS,
    Point,
    Running,
    Schedule,
    Straight,
    by_span,
    parts,
    places_of,
)

DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))
AMOUNTS = st.decimals(0, 10**12, places=2)


def months(first: tuple[int, int], count: int) -> list[date]:
    """The first days of so many months and of the one after."""
    year, month = first
    found = [divmod(12 * year + month - 1 + number, 12) for number in range(count + 1)]
    return [date(year, month + 1, 1) for year, month in found]


def test_a_point_comes_all_at_once() -> None:
    point = Point(Decimal(900), date(2026, 2, 28))
    assert by_span([point], months((2026, 1), 3)) == [0, 900, 0]


def test_whole_months_bring_in_the_same_whatever_their_length() -> None:
    year = Straight(Decimal(1200), date(2026, 1, 1), date(2027, 1, 1), 0)
    assert by_span([year], months((2026, 1), 12)) == [100] * 12


def test_the_first_and_the_last_month_count_by_their_days() -> None:
    # 16 of January's 31 days, February, March, 15 of April's 30: 0.51613 + 2 + 0.5 months.
    spread = Straight(Decimal(301_613), date(2026, 1, 16), date(2026, 4, 16), 0)
    whole = Fraction(16, 31) + 2 + Fraction(1, 2)
    assert by_span([spread], months((2026, 1), 4)) == [
        round(301_613 * Fraction(16, 31) / whole),
        100_000,
        100_000,
        50_000,
    ]
    assert sum(by_span([spread], months((2026, 1), 4))) == 301_613


def test_rounding_is_carried_so_that_nothing_is_lost() -> None:
    # 33.3…, 66.6…, 100: the sums are rounded, not the months.
    thirds = Straight(Decimal(100), date(2026, 1, 1), date(2026, 4, 1), 0)
    assert by_span([thirds], months((2026, 1), 3)) == [33, 34, 33]


def test_a_term_that_is_ended_early_is_cut_off() -> None:
    cut = Straight(Decimal(1200), date(2026, 1, 1), date(2027, 1, 1), 0, stop=date(2026, 3, 16))
    assert by_span([cut], months((2026, 1), 4)) == [100, 100, 48, 0]


def test_a_price_a_month_runs_on() -> None:
    price = Running(Decimal(310), date(2026, 1, 22), 0)
    assert by_span([price], months((2026, 1), 3)) == [100, 310, 310]


def test_currencies_have_the_places_that_people_pay_in() -> None:
    assert (places_of("KRW"), places_of("USD"), places_of("JPY")) == (0, 2, 0)


def test_every_day_of_every_month_is_a_whole_number_of_parts() -> None:
    assert all(PARTS % days == 0 for days in (28, 29, 30, 31))
    assert parts(date(2024, 3, 1)) - parts(date(2024, 2, 1)) == PARTS


@given(AMOUNTS, DAYS, st.integers(1, 1500), st.integers(0, 2), st.lists(DAYS, max_size=12))
def test_however_it_is_cut_it_adds_up_and_is_never_negative(
    amount: Decimal, begin: date, days: int, places: int, edges: list[date]
) -> None:
    spread = Straight(amount, begin, begin + timedelta(days=days), places)
    found = by_span([spread], sorted([begin, *edges, date(2035, 1, 1)]))
    assert sum(found) + spread.before(min([begin, *edges])) == amount
    assert min(found) >= 0


@given(AMOUNTS, DAYS, st.integers(2, 900), st.integers(1, 899), DAYS)
def test_two_parts_of_a_span_bring_in_what_the_whole_does(
    amount: Decimal, begin: date, days: int, stop: int, middle: date
) -> None:
    finish = begin + timedelta(days=days)
    schedules: list[Schedule] = [
        Straight(amount, begin, finish, 2, begin + timedelta(days=min(stop, days - 1))),
        Running(amount, begin, 0),
        Point(amount, finish),
    ]
    first, last = date(2022, 12, 1), date(2033, 1, 1)
    for each in schedules:
        assert sum(by_span([each], [first, middle, last])) == sum(by_span([each], [first, last]))
