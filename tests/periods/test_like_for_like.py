"""A running period against the same elapsed part of another, in working days."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from periods import Period
from tests.periods.strategies import at, instants, ranges, seoul, units


def worked(period: Period) -> list[date]:
    """The naive reading: every working day of a period, one by one."""
    days = (period.start + timedelta(days=n) for n in range(period.days))
    return [day for day in days if period.calendar.is_working_day(day)]


def test_the_earlier_quarter_is_cut_after_as_many_working_days() -> None:
    # 2026 has five working days in 1–8 October less 5 (substitute); 2025 has 추석 on 3–9 October.
    running, other = seoul("2026-Q4"), seoul("2025-Q4")

    part = running.like_for_like(other, at(date(2026, 10, 8)))

    assert running.elapsed(at(date(2026, 10, 8))).working_days == 5
    assert part.code == "2025-10-01..2025-10-14"
    assert part.working_days == 5


def test_new_year_may_move_between_months() -> None:
    # 설: 16–18 February 2026, 28–30 January 2025.
    part = seoul("2026-02").like_for_like(seoul("2025-02"), at(date(2026, 2, 20)))

    assert part.code == "2025-02-01..2025-02-18"


def test_a_weekend_is_matched_by_the_weekend() -> None:
    week, week_before = seoul("2026-W47"), seoul("2026-W46")

    parts = [
        week.like_for_like(week_before, at(date(2026, 11, day))).last_day for day in (20, 21, 22)
    ]

    assert parts == [date(2026, 11, 13), date(2026, 11, 14), date(2026, 11, 15)]


def test_a_holiday_at_the_start_is_matched_by_the_same_holiday() -> None:
    part = seoul("2026").like_for_like(seoul("2025"), at(date(2026, 1, 1)))

    assert part.code == "2025-01-01..2025-01-01"


def test_before_the_first_working_day_nothing_may_be_comparable() -> None:
    part = seoul("2026-11").like_for_like(seoul("2026-10"), at(date(2026, 11, 1)))

    assert part.days == 0
    assert part.starts_at == part.ends_at == seoul("2026-10").starts_at


def test_a_shorter_period_is_compared_whole() -> None:
    february = seoul("2026-02")

    assert seoul("2026-03").like_for_like(february, at(date(2026, 3, 31))) == february


def test_a_period_that_does_not_run_is_compared_whole() -> None:
    quarter, before = seoul("2026-Q3"), seoul("2025-Q3")

    assert quarter.like_for_like(before, at(date(2026, 11, 22))) == before
    assert before.like_for_like(quarter, at(date(2024, 11, 22))) == quarter


@given(units(), instants)
def test_both_parts_hold_the_same_working_days(period: Period, instant: datetime) -> None:
    assert period.grain
    running = Period.containing(
        period.calendar.business_day(instant), period.grain, period.calendar
    )
    for other in (running.previous(), running.year_ago()):
        part = running.like_for_like(other, instant)
        expected = min(len(worked(running.elapsed(instant))), len(worked(other)))
        assert len(worked(part)) == expected == part.working_days
        assert part.start == other.start
        assert part.end <= other.end


@given(ranges(), st.data())
def test_the_parts_differ_only_by_days_off(running: Period, data: st.DataObject) -> None:
    today = running.start + timedelta(days=data.draw(st.integers(0, running.days - 1)))
    instant = running.calendar.start_of(today)
    other = running.previous()

    part = running.like_for_like(other, instant)

    assert worked(part) == worked(other)[: len(worked(running.elapsed(instant)))]
