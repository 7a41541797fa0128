"""Date arithmetic on half-open spans, with one error for whatever leaves the calendar."""

from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import TypeAlias

from periods.grain import MONTHS, Grain, PeriodError

Span: TypeAlias = tuple[date, date]


def days_after(day: date, days: int) -> date:
    """`day` moved by `days`, which may be negative; PeriodError beyond the years 1 to 9999."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise PeriodError(f"{days} days from {day} is out of range") from None


def months_after(day: date, months: int) -> date:
    """The first day of the month that lies `months` from the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise PeriodError(f"{months} months from {day} is out of range")
    return date(year, month + 1, 1)


def span_of(grain: Grain, day: date, first_month: int) -> Span:
    """The unit of `grain` that holds `day`, where the fiscal year starts in `first_month`."""
    if grain is Grain.DAY:
        return day, days_after(day, 1)
    if grain is Grain.WEEK:
        monday = days_after(day, -day.weekday())
        return monday, days_after(monday, 7)
    length = MONTHS[grain]
    start = months_after(day, -((day.month - first_month) % length))
    return start, months_after(start, length)


def fiscal_year(day: date, first_month: int) -> int:
    """The fiscal year that holds `day`, named by the year in which it starts."""
    return day.year if day.month >= first_month else day.year - 1


def weeks_in(iso_year: int) -> int:
    """52 or 53; 28 December is always in the last ISO week of its year."""
    return date(iso_year, 12, 28).isocalendar().week


def year_before(day: date) -> date:
    """The same day of the year before; 28 February for 29 February."""
    if day.year == MINYEAR:
        raise PeriodError(f"There is no year before {day}")
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def week_year_before(monday: date) -> Span:
    """The ISO week of the same number one ISO year earlier; week 52 for week 53."""
    year, week, _ = monday.isocalendar()
    if year == MINYEAR:
        raise PeriodError(f"There is no year before {monday}")
    start = date.fromisocalendar(year - 1, min(week, weeks_in(year - 1)), 1)
    return start, days_after(start, 7)
