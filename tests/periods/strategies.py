"""Calendars, days, periods and instants for property tests."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from periods import Calendar, Grain, Period

SEOUL = Calendar(ZoneInfo("Asia/Seoul"))

ZONES = ("Asia/Seoul", "America/New_York", "America/Sao_Paulo", "Atlantic/Azores", "UTC")

calendars = st.builds(
    Calendar, st.sampled_from(ZONES).map(ZoneInfo), st.integers(min_value=1, max_value=12)
)
days = st.dates(date(1950, 1, 1), date(2090, 12, 31))
grains = st.sampled_from(Grain)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))


@st.composite
def units(draw: st.DrawFn) -> Period:
    return Period.containing(draw(days), draw(grains), draw(calendars))


@st.composite
def ranges(draw: st.DrawFn) -> Period:
    start = draw(days)
    length = draw(st.integers(min_value=1, max_value=800))
    return Period(start, date.fromordinal(start.toordinal() + length), None, draw(calendars))


periods = units() | ranges()


def at(day: date, hour: int = 12) -> datetime:
    """A moment of that day in Seoul."""
    return datetime.combine(day, time(hour), tzinfo=SEOUL.zone)


def seoul(code: str) -> Period:
    """The period of that code on Seoul's calendar."""
    return SEOUL.parse(code, at=at(date(2026, 11, 22)))
