"""When, within a period, forecasts of every method are held against its outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from periods import Period

_WORKED_IN = 5
_DAYS_BEFORE_END = 14


class Horizon(StrEnum):
    """`start` ends with the fifth working day, `middle` is half-way, `minus14` two weeks before
    the end."""

    START = "start"
    MIDDLE = "middle"
    MINUS14 = "minus14"

    def instant(self, period: Period) -> datetime:
        """The beginning of the business day after what is known then."""
        calendar = period.calendar
        match self:
            case Horizon.START:
                eve = period.start - timedelta(days=1)
                fifth = calendar.add_working_days(eve, _WORKED_IN)
                return calendar.start_of(fifth + timedelta(days=1))
            case Horizon.MIDDLE:
                return calendar.start_of(period.start + timedelta(days=period.days // 2))
        return calendar.start_of(period.end - timedelta(days=_DAYS_BEFORE_END))
