"""The stretches of time that trends are drawn over, and rates taken from."""

from __future__ import annotations

from periods import Grain, Period

MONTHS = 12


def year_to(period: Period) -> Period:
    """The twelve months that end with the period's last month, as one range of days."""
    last = Period.containing(period.last_day, Grain.MONTH, period.calendar)
    first = last.trailing(MONTHS)[0]
    return Period(first.start, last.end, None, period.calendar)


def two_years_to(period: Period) -> Period:
    """The same with the twelve months before them."""
    year = year_to(period)
    return Period(year.year_ago().start, year.end, None, period.calendar)
