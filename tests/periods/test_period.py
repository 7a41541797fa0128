from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from periods import Grain, Period, PeriodError
from tests.periods.strategies import SEOUL, at, grains, instants, periods, ranges, seoul, units


def test_a_quarter_runs_from_its_first_instant_to_the_next_quarters() -> None:
    quarter = seoul("2026-Q4")

    assert quarter.starts_at.isoformat() == "2026-10-01T00:00:00+09:00"
    assert quarter.ends_at.isoformat() == "2027-01-01T00:00:00+09:00"
    assert (quarter.days, quarter.last_day) == (92, date(2026, 12, 31))


def test_a_unit_must_be_whole_and_a_span_forward() -> None:
    with pytest.raises(PeriodError, match="not a whole quarter"):
        Period(date(2026, 10, 1), date(2026, 12, 31), Grain.QUARTER, SEOUL)
    with pytest.raises(PeriodError, match="before it starts"):
        Period(date(2026, 10, 2), date(2026, 10, 1), None, SEOUL)


@given(periods)
def test_both_ends_are_instants_with_a_zone(period: Period) -> None:
    assert period.starts_at.utcoffset() is not None
    assert period.calendar.business_day(period.starts_at) == period.start
    assert period.calendar.business_day(period.ends_at) == period.end


# Neighbours


@given(periods)
def test_periods_follow_each_other_without_a_gap(period: Period) -> None:
    assert period.previous().end == period.start
    assert period.next().start == period.end


@given(units())
def test_the_unit_after_the_unit_before_is_the_unit(period: Period) -> None:
    assert period.previous().next() == period == period.next().previous()


@given(ranges())
def test_a_range_has_as_many_days_before_it(period: Period) -> None:
    assert period.previous().days == period.next().days == period.days
    assert period.previous().next() == period


@pytest.mark.parametrize(
    ("code", "year_ago"),
    [
        ("2026", "2025"),
        ("2026-H2", "2025-H2"),
        ("2026-Q4", "2025-Q4"),
        ("2024-02", "2023-02"),
        ("2026-W47", "2025-W47"),
        ("2026-W53", "2025-W52"),
        ("2024-02-29", "2023-02-28"),
        ("2024-02-29..2024-02-29", "2023-02-28..2023-02-28"),
        ("2024-02-28..2024-02-28", "2023-02-28..2023-02-28"),
        ("2024-02-01..2024-02-29", "2023-02-01..2023-02-28"),
        ("2025-12-20..2026-01-05", "2024-12-20..2025-01-05"),
    ],
)
def test_a_year_ago(code: str, year_ago: str) -> None:
    assert seoul(code).year_ago().code == year_ago


@given(periods)
def test_a_year_ago_is_of_the_same_kind_and_about_a_year_earlier(period: Period) -> None:
    year_ago = period.year_ago()

    assert year_ago.grain == period.grain
    assert timedelta(days=363) <= period.start - year_ago.start <= timedelta(days=371)


def test_trailing_periods_end_with_this_one() -> None:
    codes = [period.code for period in seoul("2026-Q2").trailing(4)]

    assert codes == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]


def test_trailing_needs_at_least_one() -> None:
    with pytest.raises(PeriodError):
        seoul("2026").trailing(0)


@pytest.mark.parametrize(
    ("move", "edge"),
    [
        (Period.previous, date(2, 1, 1)),
        (Period.year_ago, date(3, 1, 1)),
        (Period.next, date(9998, 12, 1)),
    ],
)
@pytest.mark.parametrize("grain", Grain)
def test_walking_off_the_calendar_is_a_period_error(
    move: Callable[[Period], Period], edge: date, grain: Grain
) -> None:
    period = Period.containing(edge, grain, SEOUL)

    def walk(steps: int, period: Period) -> None:
        for _ in range(steps):
            period = move(period)

    with pytest.raises(PeriodError):
        walk(800, period)


# On the clock


def test_a_period_runs_from_its_first_to_its_last_instant() -> None:
    november = seoul("2026-11")

    assert november.is_future(november.starts_at - timedelta(microseconds=1))
    assert november.is_running(november.starts_at)
    assert november.is_running(november.ends_at - timedelta(microseconds=1))
    assert november.is_over(november.ends_at)


@given(periods, instants)
def test_a_period_is_future_running_or_over(period: Period, instant: datetime) -> None:
    states = (period.is_future(instant), period.is_running(instant), period.is_over(instant))

    assert sum(states) == 1
    assert period.is_running(instant) == (period.starts_at <= instant < period.ends_at)


def test_the_elapsed_part_includes_today() -> None:
    elapsed = seoul("2026-Q4").elapsed(at(date(2026, 11, 21)))

    assert elapsed.code == "2026-10-01..2026-11-21"
    assert elapsed.days == 52


def test_on_its_last_day_a_period_has_elapsed_whole() -> None:
    assert seoul("2026-Q4").elapsed(at(date(2026, 12, 31))) == seoul("2026-Q4")


@given(periods, instants)
def test_the_elapsed_part_lies_inside(period: Period, instant: datetime) -> None:
    elapsed = period.elapsed(instant)

    assert elapsed.start == period.start
    assert period.start < elapsed.end <= period.end
    if not period.is_running(instant):
        assert elapsed == period


def test_the_share_gone_counts_working_days() -> None:
    november = seoul("2026-11")

    assert november.working_days == 21
    assert november.share_gone(at(date(2026, 11, 1))) == 0
    assert november.share_gone(at(date(2026, 11, 6))) == Decimal(5) / 21
    assert november.share_gone(at(date(2026, 11, 8))) == Decimal(5) / 21
    assert november.share_gone(at(date(2026, 11, 30))) == 1
    assert november.share_gone(at(date(2026, 12, 1))) == 1
    assert november.share_gone(at(date(2026, 10, 31))) == 0


def test_without_working_days_the_share_gone_counts_days() -> None:
    weekend = seoul("2026-11-21..2026-11-22")

    assert weekend.share_gone(at(date(2026, 11, 21))) == Decimal("0.5")


# Parts


@given(periods, grains)
def test_splitting_tiles_a_period_exactly(period: Period, grain: Grain) -> None:
    pieces = period.split(grain)

    assert pieces[0].start == period.start
    assert pieces[-1].end == period.end
    for piece, following in pairwise(pieces):
        assert piece.end == following.start
        assert piece.days > 0


@given(periods, grains)
def test_pieces_are_whole_units_but_at_the_edges(period: Period, grain: Grain) -> None:
    for piece in period.split(grain)[1:-1]:
        assert piece.grain == grain


def test_a_quarter_splits_into_months_and_cut_weeks() -> None:
    quarter = seoul("2026-Q4")

    assert [p.code for p in quarter.split(Grain.MONTH)] == ["2026-10", "2026-11", "2026-12"]
    weeks = [p.code for p in quarter.split(Grain.WEEK)]
    assert weeks[:2] == ["2026-10-01..2026-10-04", "2026-W41"]
    assert weeks[-1] == "2026-12-28..2026-12-31"


def test_a_period_within_one_unit_stays_whole() -> None:
    assert seoul("2026-11").split(Grain.YEAR) == (seoul("2026-11"),)


@given(ranges(), st.integers(min_value=0, max_value=900))
def test_a_head_is_never_longer_than_its_period(period: Period, days: int) -> None:
    assert period.head(days).days == min(days, period.days)


# Filters


def test_instants_are_filtered_half_open() -> None:
    expected = Q(
        closed_at__gte=datetime(2026, 10, 31, 15, tzinfo=UTC),
        closed_at__lt=datetime(2026, 11, 30, 15, tzinfo=UTC),
    )

    assert seoul("2026-11").covers("closed_at") == expected


def test_days_are_filtered_half_open() -> None:
    expected = Q(deal__day__gte=date(2026, 11, 1), deal__day__lt=date(2026, 12, 1))

    assert seoul("2026-11").covers_days("deal__day") == expected


@given(units())
def test_periods_are_values(period: Period) -> None:
    same = Period(period.start, period.end, period.grain, period.calendar)

    assert same == period
    assert len({same, period}) == 1
