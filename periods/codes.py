"""Reads the text codes of periods."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from periods.grain import MONTHS, YEARS, Grain, PeriodError
from periods.named import NAMED
from periods.period import Period
from periods.spans import days_after, months_after, weeks_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from periods.calendar import Calendar

    Reader = Callable[[re.Match[str], Calendar], Period]

FORMS = (
    "2026, 2026-H1, 2026-Q4, 2026-11, 2026-W47, 2026-11-03, 2026-10-01..2026-11-15 "
    "(both days included)"
)


def parse(code: str, today: date, calendar: Calendar) -> Period:
    """The period that `code` means on `today`; PeriodError says which codes there are."""
    named = NAMED.get(code.strip().lower())
    if named:
        return named.resolve(today, calendar)
    for pattern, read in _READERS:
        match = pattern.fullmatch(code.strip())
        if match:
            return _read(match, read, calendar)
    raise PeriodError(_refusal(code, "is not a period"))


def _read(match: re.Match[str], read: Reader, calendar: Calendar) -> Period:
    try:
        return read(match, calendar)
    except ValueError as error:
        raise PeriodError(_refusal(match.string, f"is not a period ({error})")) from None


def _refusal(code: str, what: str) -> str:
    shown = code if len(code) <= 40 else f"{code[:40]}…"
    return f"“{shown}” {what}. Write one of {FORMS} or a name: {', '.join(NAMED)}."


def _year(text: str) -> int:
    year = int(text)
    if year not in YEARS:
        raise PeriodError(f"years go from {YEARS[0]} to {YEARS[-1]}")
    return year


def _day(text: str) -> date:
    _year(text[:4])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PeriodError(f"there is no day {text}") from None


def _read_fiscal(match: re.Match[str], calendar: Calendar) -> Period:
    grain = {"H": Grain.HALF, "Q": Grain.QUARTER, None: Grain.YEAR}[match["unit"]]
    number = int(match["number"] or 1)
    year = date(_year(match["year"]), calendar.fiscal_year_start, 1)
    return Period.containing(months_after(year, (number - 1) * MONTHS[grain]), grain, calendar)


def _read_month(match: re.Match[str], calendar: Calendar) -> Period:
    day = _day(f"{match['month']}-01")
    return Period.containing(day, Grain.MONTH, calendar)


def _read_week(match: re.Match[str], calendar: Calendar) -> Period:
    year, week = _year(match["year"]), int(match["week"])
    if not 1 <= week <= weeks_in(year):
        raise PeriodError(f"{year} has the weeks W01 to W{weeks_in(year)}")
    return Period.containing(date.fromisocalendar(year, week, 1), Grain.WEEK, calendar)


def _read_day(match: re.Match[str], calendar: Calendar) -> Period:
    return Period.containing(_day(match["day"]), Grain.DAY, calendar)


def _read_range(match: re.Match[str], calendar: Calendar) -> Period:
    first, last = _day(match["first"]), _day(match["last"])
    if last < first:
        raise PeriodError(f"{last} is before {first}")
    return Period(first, days_after(last, 1), None, calendar)


_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile("(?P<year>[0-9]{4})(-(?P<unit>H)(?P<number>[12]))?"), _read_fiscal),
    (re.compile("(?P<year>[0-9]{4})-(?P<unit>Q)(?P<number>[1-4])"), _read_fiscal),
    (re.compile("(?P<month>[0-9]{4}-[0-9]{2})"), _read_month),
    (re.compile("(?P<year>[0-9]{4})-W(?P<week>[0-9]{2})"), _read_week),
    (re.compile(f"(?P<day>{_DAY})"), _read_day),
    (re.compile(rf"(?P<first>{_DAY})\.\.(?P<last>{_DAY})"), _read_range),
)
