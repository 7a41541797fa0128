"""The one table of periods that are named from today: it resolves and labels them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from periods.grain import Grain
from periods.period import Period
from periods.spans import days_after, year_before

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from periods.calendar import Calendar

    Resolve = Callable[[date, Calendar], Period]


@dataclass(frozen=True)
class NamedPeriod:
    """A period that moves with today: its code, its labels, and how it is found."""

    code: str
    en: str
    ko: str
    resolve: Resolve


def _unit(grain: Grain, offset: int) -> Resolve:
    def resolve(today: date, calendar: Calendar) -> Period:
        period = Period.containing(today, grain, calendar)
        return {-1: period.previous, 0: lambda: period, 1: period.next}[offset]()

    return resolve


def _to_date(grain: Grain) -> Resolve:
    def resolve(today: date, calendar: Calendar) -> Period:
        start = Period.containing(today, grain, calendar).start
        return Period(start, days_after(today, 1), None, calendar)

    return resolve


def _last_days(days: int) -> Resolve:
    def resolve(today: date, calendar: Calendar) -> Period:
        end = days_after(today, 1)
        return Period(days_after(end, -days), end, None, calendar)

    return resolve


def _last_year_of_days(today: date, calendar: Calendar) -> Period:
    end = days_after(today, 1)
    return Period(year_before(end), end, None, calendar)


_TABLE = (
    NamedPeriod("today", "Today", "오늘", _unit(Grain.DAY, 0)),
    NamedPeriod("yesterday", "Yesterday", "어제", _unit(Grain.DAY, -1)),
    NamedPeriod("tomorrow", "Tomorrow", "내일", _unit(Grain.DAY, 1)),
    NamedPeriod("this-week", "This week", "이번 주", _unit(Grain.WEEK, 0)),
    NamedPeriod("last-week", "Last week", "지난주", _unit(Grain.WEEK, -1)),
    NamedPeriod("next-week", "Next week", "다음 주", _unit(Grain.WEEK, 1)),
    NamedPeriod("this-month", "This month", "이번 달", _unit(Grain.MONTH, 0)),
    NamedPeriod("last-month", "Last month", "지난달", _unit(Grain.MONTH, -1)),
    NamedPeriod("next-month", "Next month", "다음 달", _unit(Grain.MONTH, 1)),
    NamedPeriod("this-quarter", "This quarter", "이번 분기", _unit(Grain.QUARTER, 0)),
    NamedPeriod("last-quarter", "Last quarter", "지난 분기", _unit(Grain.QUARTER, -1)),
    NamedPeriod("next-quarter", "Next quarter", "다음 분기", _unit(Grain.QUARTER, 1)),
    NamedPeriod("this-half", "This half-year", "이번 반기", _unit(Grain.HALF, 0)),
    NamedPeriod("last-half", "Last half-year", "지난 반기", _unit(Grain.HALF, -1)),
    NamedPeriod("next-half", "Next half-year", "다음 반기", _unit(Grain.HALF, 1)),
    NamedPeriod("this-year", "This year", "올해", _unit(Grain.YEAR, 0)),
    NamedPeriod("last-year", "Last year", "작년", _unit(Grain.YEAR, -1)),
    NamedPeriod("next-year", "Next year", "내년", _unit(Grain.YEAR, 1)),
    NamedPeriod("month-to-date", "Month to date", "이번 달 누적", _to_date(Grain.MONTH)),
    NamedPeriod("quarter-to-date", "Quarter to date", "이번 분기 누적", _to_date(Grain.QUARTER)),
    NamedPeriod("year-to-date", "Year to date", "올해 누적", _to_date(Grain.YEAR)),
    NamedPeriod("last-7-days", "Last 7 days", "최근 7일", _last_days(7)),
    NamedPeriod("last-30-days", "Last 30 days", "최근 30일", _last_days(30)),
    NamedPeriod("last-90-days", "Last 90 days", "최근 90일", _last_days(90)),
    NamedPeriod("last-12-months", "Last 12 months", "최근 12개월", _last_year_of_days),
)

NAMED = {named.code: named for named in _TABLE}
