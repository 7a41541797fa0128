"""Calendars and periods as value objects; knows nothing of Django but Q."""

from periods.calendar import Calendar
from periods.grain import YEARS, Grain, PeriodError
from periods.named import NAMED, NamedPeriod
from periods.period import Period
from periods.working_days import PublicHolidays

__all__ = [
    "NAMED",
    "YEARS",
    "Calendar",
    "Grain",
    "NamedPeriod",
    "Period",
    "PeriodError",
    "PublicHolidays",
]
