from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periods import NAMED, Calendar, Grain, Period, PeriodError
from tests.periods.strategies import SEOUL, at, calendars, instants, periods, seoul

APRIL = Calendar(ZoneInfo("Asia/Seoul"), fiscal_year_start=4)
SUNDAY = at(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("code", "start", "end", "grain"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1), Grain.YEAR),
        ("2026-H1", date(2026, 1, 1), date(2026, 7, 1), Grain.HALF),
        ("2026-H2", date(2026, 7, 1), date(2027, 1, 1), Grain.HALF),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), Grain.QUARTER),
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1), Grain.MONTH),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 5), Grain.WEEK),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 23), Grain.WEEK),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4), Grain.WEEK),
        ("2026-11-03", date(2026, 11, 3), date(2026, 11, 4), Grain.DAY),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1), Grain.DAY),
        ("2026-10-01..2026-11-15", date(2026, 10, 1), date(2026, 11, 16), None),
        ("2026-10-01..2026-10-01", date(2026, 10, 1), date(2026, 10, 2), None),
    ],
)
def test_codes_read_as_half_open_spans(
    code: str, start: date, end: date, grain: Grain | None
) -> None:
    period = seoul(code)

    assert period == Period(start, end, grain, SEOUL)
    assert str(period) == period.code == code


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("2026", date(2026, 4, 1), date(2027, 4, 1)),
        ("2026-H2", date(2026, 10, 1), date(2027, 4, 1)),
        ("2026-Q1", date(2026, 4, 1), date(2026, 7, 1)),
        ("2026-Q4", date(2027, 1, 1), date(2027, 4, 1)),
        ("2026-01", date(2026, 1, 1), date(2026, 2, 1)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 5)),
    ],
)
def test_a_fiscal_year_is_named_by_the_year_in_which_it_starts(
    code: str, start: date, end: date
) -> None:
    period = APRIL.parse(code, at=SUNDAY)

    assert (period.start, period.end, period.code) == (start, end, code)


@given(periods)
def test_every_period_reads_back_from_its_code(period: Period) -> None:
    assert period.calendar.parse(period.code, at=SUNDAY) == period


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("today", "2026-11-22"),
        ("yesterday", "2026-11-21"),
        ("tomorrow", "2026-11-23"),
        ("this-week", "2026-W47"),
        ("last-week", "2026-W46"),
        ("next-week", "2026-W48"),
        ("this-month", "2026-11"),
        ("last-month", "2026-10"),
        ("next-month", "2026-12"),
        ("this-quarter", "2026-Q4"),
        ("last-quarter", "2026-Q3"),
        ("next-quarter", "2027-Q1"),
        ("this-half", "2026-H2"),
        ("last-half", "2026-H1"),
        ("next-half", "2027-H1"),
        ("this-year", "2026"),
        ("last-year", "2025"),
        ("next-year", "2027"),
        ("month-to-date", "2026-11-01..2026-11-22"),
        ("quarter-to-date", "2026-10-01..2026-11-22"),
        ("year-to-date", "2026-01-01..2026-11-22"),
        ("last-7-days", "2026-11-16..2026-11-22"),
        ("last-30-days", "2026-10-24..2026-11-22"),
        ("last-90-days", "2026-08-25..2026-11-22"),
        ("last-12-months", "2025-11-23..2026-11-22"),
    ],
)
def test_names_mean_a_period_seen_from_today(name: str, code: str) -> None:
    assert SEOUL.parse(name, at=SUNDAY).code == code


def test_names_follow_the_fiscal_year() -> None:
    assert APRIL.parse("this-quarter", at=SUNDAY).code == "2026-Q3"
    assert APRIL.parse("next-year", at=SUNDAY).start == date(2027, 4, 1)
    assert APRIL.parse("year-to-date", at=SUNDAY).code == "2026-04-01..2026-11-22"


def test_names_turn_at_the_organisations_midnight() -> None:
    midnight_in_seoul = datetime(2026, 12, 31, 15, tzinfo=UTC)

    assert SEOUL.parse("this-year", at=midnight_in_seoul).code == "2027"
    assert SEOUL.parse("this-year", at=midnight_in_seoul - timedelta(seconds=1)).code == "2026"


@given(st.sampled_from(sorted(NAMED)), calendars, instants)
def test_every_name_resolves_to_a_period_with_a_code(
    name: str, calendar: Calendar, instant: datetime
) -> None:
    period = calendar.parse(name, at=instant)

    assert calendar.parse(period.code, at=instant) == period


def test_codes_are_read_with_spaces_around_and_names_in_any_case() -> None:
    assert seoul(" 2026-Q4\n").code == "2026-Q4"
    assert seoul("This-Quarter").code == "2026-Q4"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "is not a period"),
        ("2026-Q5", "is not a period"),
        ("2026-Q0", "is not a period"),
        ("2026-H3", "is not a period"),
        ("26", "is not a period"),
        ("2026-1", "is not a period"),
        ("２０２６", "is not a period"),
        ("2026-Q4; drop table", "is not a period"),
        ("this-fortnight", "is not a period"),
        ("2026-13", "there is no day 2026-13-01"),
        ("2026-02-29", "there is no day 2026-02-29"),
        ("2025-W53", "2025 has the weeks W01 to W52"),
        ("2026-W00", "2026 has the weeks W01 to W53"),
        ("2026-11-15..2026-10-01", "2026-10-01 is before 2026-11-15"),
        ("0000", "years go from 1900 to 2199"),
        ("9999-12-31", "years go from 1900 to 2199"),
        ("9999-Q4", "years go from 1900 to 2199"),
        ("9999-W52", "years go from 1900 to 2199"),
        ("2026-01-01..9999-12-31", "years go from 1900 to 2199"),
    ],
)
def test_other_codes_are_refused_with_what_is_accepted(code: str, reason: str) -> None:
    with pytest.raises(PeriodError, match=reason) as refusal:
        seoul(code)

    for accepted in ("2026-H1", "2026-Q4", "2026-W47", "2026-10-01..2026-11-15", "this-quarter"):
        assert accepted in str(refusal.value)


def test_a_refusal_does_not_repeat_an_endless_code() -> None:
    with pytest.raises(PeriodError) as refusal:
        seoul("9" * 10_000)

    assert len(str(refusal.value)) < 600


ALMOST_CODES = st.from_regex(
    r"[0-9]{4}(-[HQW]?[0-9]{1,2}(-[0-9]{2})?)?(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?", fullmatch=True
)


@given(st.text() | ALMOST_CODES, calendars)
def test_any_text_is_a_period_or_a_period_error(text: str, calendar: Calendar) -> None:
    try:
        period = calendar.parse(text, at=SUNDAY)
    except PeriodError:
        return
    for neighbour in (period.previous(), period.next(), period.year_ago()):
        assert neighbour.starts_at < neighbour.ends_at
