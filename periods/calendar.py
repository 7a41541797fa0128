"""The organisation's calendar: its time zone, fiscal year and working days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from periods import codes
from periods.grain import PeriodError
from periods.period import Period
from periods.spans import days_after
from periods.working_days import PublicHolidays, days_between

SATURDAY = 5
# The finest that databases tell instants apart by.
TICK = timedelta(microseconds=1)
KOREA = PublicHolidays("KR")


@dataclass(frozen=True)
class Calendar:
    """Turns instants into business days; nothing else does.

    `fiscal_year_start` is a month from 1 to 12. `is_holiday` says which days besides Saturdays
    and Sundays are not worked; calendars are equal where all three are.
    """

    zone: ZoneInfo
    fiscal_year_start: int = 1
    is_holiday: Callable[[date], bool] = KOREA

    def __post_init__(self) -> None:
        if not 1 <= self.fiscal_year_start <= 12:
            raise PeriodError(f"A fiscal year starts in month 1 to 12: {self.fiscal_year_start}")

    def business_day(self, instant: datetime) -> date:
        """The day it is in the organisation's zone; ValueError for an instant without a zone."""
        if instant.tzinfo is None:
            raise ValueError(f"An instant needs a time zone: {instant.isoformat()}")
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The first instant of the business day, in the organisation's zone.

        Also right where the clocks skip or repeat midnight: fold 0 is the earlier instant.
        """
        return datetime.combine(day, time.min, tzinfo=self.zone)

    def end_of(self, day: date) -> datetime:
        """The last instant of the business day: what is so from midnight on is not of it."""
        turn = self.start_of(days_after(day, 1))
        return (turn.astimezone(UTC) - TICK).astimezone(self.zone)

    def reached_by(self, instant: datetime) -> datetime:
        """How far time has come by an instant: with a day's last one to the turn of the day."""
        turn = self.start_of(days_after(self.business_day(instant), 1))
        return turn if turn - instant <= TICK else instant

    def is_working_day(self, day: date) -> bool:
        """Whether it is neither a weekend nor a holiday."""
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def is_day_off(self, day: date) -> bool:
        """Whether it is a weekend or a holiday."""
        return not self.is_working_day(day)

    def working_days(self, start: date, end: date) -> int:
        """How many days of the half-open span are worked."""
        return sum(map(self.is_working_day, days_between(start, end)))

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`, or before it for a negative n; `day` itself for 0."""
        step = 1 if n > 0 else -1
        while n:
            day = days_after(day, step)
            if self.is_working_day(day):
                n -= step
        return day

    def parse(self, code: str, *, at: datetime) -> Period:
        """The period that `code` means at the instant `at`; PeriodError says what is accepted."""
        return codes.parse(code, self.business_day(at), self)
