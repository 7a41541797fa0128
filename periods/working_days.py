"""Which days are worked, and how many of them a span holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from holidays import country_holidays, list_supported_countries

from periods.grain import PeriodError
from periods.spans import days_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from periods.calendar import Calendar
    from periods.period import Period


@dataclass(frozen=True)
class PublicHolidays:
    """Says whether a day is a public holiday of `country` (ISO 3166-1, such as "KR").

    A value, not a closure, so that calendars compare equal and travel to workers.
    """

    country: str

    def __post_init__(self) -> None:
        if self.country not in list_supported_countries(include_aliases=False):
            raise PeriodError(f"No holidays are known for country {self.country!r}")

    def __call__(self, day: date) -> bool:
        return day in _holidays(self.country, day.year)


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(country_holidays(country, years=year))


def days_between(start: date, end: date) -> Iterator[date]:
    """Every day of the half-open span."""
    return map(date.fromordinal, range(start.toordinal(), end.toordinal()))


def same_elapsed_part(running: Period, other: Period, at: date) -> Period:
    """The head of `other` that holds as many working days as `running` up to and with day `at`.

    Days off that end the elapsed part (a weekend, say) are matched by as many days off after
    the head's last working day, where there are any. `other` whole where it is too short;
    an empty period where nothing comparable has begun.
    """
    calendar = running.calendar
    elapsed = list(days_between(running.start, days_after(at, 1)))
    worked = sum(map(calendar.is_working_day, elapsed))
    days_off = sum(1 for _ in takewhile(calendar.is_day_off, reversed(elapsed)))
    return other.head(_length(other, worked, days_off))


def _length(other: Period, worked: int, days_off: int) -> int:
    """How many days of `other` hold `worked` working days and then up to `days_off` days off."""
    calendar: Calendar = other.calendar
    length = 0
    for day in days_between(other.start, other.end):
        if calendar.is_working_day(day):
            if worked == 0:
                break
            worked -= 1
        elif worked == 0:
            if days_off == 0:
                break
            days_off -= 1
        length += 1
    return length
