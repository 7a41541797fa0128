from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periods import Calendar, PeriodError, PublicHolidays
from tests.periods.strategies import SEOUL, calendars, days, instants

NEW_YORK = Calendar(ZoneInfo("America/New_York"), is_holiday=PublicHolidays("US"))


def test_an_instant_belongs_to_the_day_it_is_in_the_organisations_zone() -> None:
    late_in_utc = datetime(2026, 11, 22, 15, tzinfo=UTC)

    assert SEOUL.business_day(late_in_utc) == date(2026, 11, 23)
    assert SEOUL.business_day(late_in_utc - timedelta(seconds=1)) == date(2026, 11, 22)
    assert NEW_YORK.business_day(late_in_utc) == date(2026, 11, 22)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        SEOUL.business_day(datetime(2026, 11, 22))


def test_days_have_23_and_25_hours_where_the_clocks_change() -> None:
    def hours(day: date) -> float:
        start, end = (NEW_YORK.start_of(d) for d in (day, day + timedelta(days=1)))
        return (end.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)

    assert hours(date(2026, 3, 8)) == 23
    assert hours(date(2026, 11, 1)) == 25
    assert hours(date(2026, 11, 2)) == 24


def test_a_day_starts_at_one_where_midnight_is_skipped() -> None:
    sao_paulo = Calendar(ZoneInfo("America/Sao_Paulo"))
    first_instant = sao_paulo.start_of(date(2018, 11, 4)).astimezone(UTC)

    assert sao_paulo.business_day(first_instant) == date(2018, 11, 4)
    assert sao_paulo.business_day(first_instant - timedelta(seconds=1)) == date(2018, 11, 3)


@given(calendars, days)
def test_a_day_starts_with_its_first_instant(calendar: Calendar, day: date) -> None:
    start = calendar.start_of(day).astimezone(UTC)

    assert calendar.business_day(start) == day
    assert calendar.business_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(calendars, instants)
def test_every_instant_lies_between_its_days_start_and_the_next(
    calendar: Calendar, instant: datetime
) -> None:
    day = calendar.business_day(instant)

    assert calendar.start_of(day) <= instant < calendar.start_of(day + timedelta(days=1))


def test_weekends_and_korean_holidays_are_not_worked() -> None:
    new_year_2026 = [date(2026, 2, day) for day in (14, 15, 16, 17, 18)]

    assert not any(map(SEOUL.is_working_day, new_year_2026))
    assert SEOUL.is_working_day(date(2026, 2, 19))
    assert SEOUL.is_day_off(date(2026, 3, 2)), "the substitute for 1 March, a Sunday"


def test_working_days_are_counted_over_a_half_open_span() -> None:
    assert SEOUL.working_days(date(2026, 11, 16), date(2026, 11, 23)) == 5
    assert SEOUL.working_days(date(2026, 2, 9), date(2026, 2, 23)) == 7
    assert SEOUL.working_days(date(2026, 11, 16), date(2026, 11, 16)) == 0


def test_working_days_are_added_over_weekends_and_holidays() -> None:
    friday_before_new_year = date(2026, 2, 13)

    assert SEOUL.add_working_days(friday_before_new_year, 1) == date(2026, 2, 19)
    assert SEOUL.add_working_days(date(2026, 2, 19), -1) == friday_before_new_year
    assert SEOUL.add_working_days(date(2026, 2, 14), 0) == date(2026, 2, 14)


@given(days, st.integers(min_value=1, max_value=60))
def test_the_nth_working_day_closes_a_span_of_n_working_days(day: date, n: int) -> None:
    reached = SEOUL.add_working_days(day, n)

    assert SEOUL.is_working_day(reached)
    assert SEOUL.working_days(day + timedelta(days=1), reached + timedelta(days=1)) == n


def test_calendars_are_equal_by_zone_fiscal_year_and_country() -> None:
    same = Calendar(ZoneInfo("Asia/Seoul"), 1, PublicHolidays("KR"))

    assert same == SEOUL
    assert hash(same) == hash(SEOUL)
    assert Calendar(SEOUL.zone, 4) != SEOUL
    assert Calendar(SEOUL.zone, 1, PublicHolidays("US")) != SEOUL


def test_holidays_may_be_the_companys_own() -> None:
    founding_day = date(2026, 11, 23)
    calendar = Calendar(SEOUL.zone, is_holiday=founding_day.__eq__)

    assert calendar.is_day_off(founding_day)
    assert calendar.is_working_day(date(2026, 12, 25))


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_fiscal_year_starts_in_a_real_month(month: int) -> None:
    with pytest.raises(PeriodError, match="month 1 to 12"):
        Calendar(SEOUL.zone, month)


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(PeriodError, match="'XX'"):
        PublicHolidays("XX")
