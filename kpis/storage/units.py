"""The months and weeks that values are stored for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpis.models import Unit
from periods import Calendar, Grain, Period

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class StoredSpan:
    """One month or week by its first day. Months are the same in every fiscal year."""

    unit: Unit
    start: date

    def period(self, calendar: Calendar) -> Period:
        return Period.containing(self.start, Grain(self.unit), calendar)


def spans_holding(first: date, last: date, calendar: Calendar) -> Iterator[StoredSpan]:
    """Every month and week that holds one of the days from `first` to `last`."""
    for unit in Unit:
        period = Period.containing(first, Grain(unit), calendar)
        while period.start <= last:
            yield StoredSpan(unit, period.start)
            period = period.next()


def spans_of_instant(
    instant: datetime, before: timedelta, after: timedelta, calendar: Calendar
) -> Iterator[StoredSpan]:
    """Every month and week that holds a day near an instant."""
    first, last = (calendar.business_day(instant + by) for by in (-before, after))
    return spans_holding(first, last, calendar)


def units_of(period: Period) -> set[Unit]:
    """Of which whole units a period is made: months, weeks, both or neither."""
    first, after = period.start, period.end
    found = {
        Unit.MONTH: first.day == after.day == 1,
        Unit.WEEK: first.weekday() == after.weekday() == 0,
    }
    return {unit for unit, is_whole in found.items() if is_whole and period.days}


def spans_within(period: Period, unit: Unit) -> set[StoredSpan]:
    """The units that a period is made of."""
    return {StoredSpan(unit, part.start) for part in period.split(Grain(unit))}
