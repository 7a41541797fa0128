"""Working time: when people act, how busy the days are, and which days are quiet.

A *moment* is a real number of typical working days since the timeline began. Busy days hold
more of it than quiet ones, so whatever happens evenly over moments happens most at the ends of
quarters and in December, less in August, and hardly in the weeks of 설날 and 추석.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from periods import Calendar, Grain, Period

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]

_OPENS, _LUNCH, _AFTER_LUNCH = 9 * 3600, 12 * 3600, 13 * 3600
_WORKED = 8 * 3600
_MORNING = _LUNCH - _OPENS

# How likely a working day sees something begin, by month, and how far things move on it.
_BEGINNINGS = (0.88, 0.92, 1.12, 1.02, 0.95, 1.08, 0.86, 0.74, 1.06, 1.06, 1.12, 0.98)
_PROGRESS = (0.88, 0.95, 1.05, 1.0, 0.98, 1.05, 0.92, 0.78, 1.05, 1.02, 1.1, 1.15)
_QUIET = 0.35
_YEARLY_GROWTH = 0.08
_A_MINUTE = 1 / 480


@dataclass(frozen=True)
class Timeline:
    """The working days of a span, as arrays of equal length (`gone` has one more)."""

    days: Dates
    opens: Ints
    """Seconds since 1970 at which the business day begins."""
    gone: Floats
    """Moments gone before each day."""
    beginnings: Floats
    """Weights of the days for what begins on them."""

    @classmethod
    def build(cls, calendar: Calendar, first: date, last: date) -> Timeline:
        """The working days of [first, last)."""
        span = [first + timedelta(days=n) for n in range((last - first).days)]
        worked = [day for day in span if calendar.is_working_day(day)]
        quiet = np.array([_is_quiet(day, calendar) for day in worked])
        months = np.array([day.month - 1 for day in worked])
        ages = np.array([(day - first).days / 365 for day in worked])
        damp = np.where(quiet, _QUIET, 1.0)
        progress = np.array(_PROGRESS)[months] * damp * _rush(worked, calendar)
        return cls(
            days=np.array(worked, dtype="datetime64[D]"),
            opens=np.array([int(calendar.start_of(day).timestamp()) for day in worked]),
            gone=np.concatenate([[0.0], np.cumsum(progress / progress.mean())]),
            beginnings=np.array(_BEGINNINGS)[months] * damp * (1 + _YEARLY_GROWTH) ** ages,
        )

    def instants(self, moments: Floats) -> Dates:
        """When moments are, to the second in UTC: within working hours of working days."""
        day, part = self._split(moments)
        worked = (part * _WORKED).astype(np.int64)
        second = np.where(worked < _MORNING, _OPENS + worked, _AFTER_LUNCH + worked - _MORNING)
        return (self.opens[day] + second).astype("datetime64[s]")

    def dates(self, moments: Floats) -> Dates:
        """The business days of moments."""
        return self.days[self._split(moments)[0]]

    def moments(self, dates: Dates) -> Floats:
        """The moments at which business days begin (the next working day's for days off)."""
        return self.gone[np.searchsorted(self.days, dates)]

    def moment_of(self, instant: np.datetime64) -> float:
        """The moment of one instant; the end of the day for one after hours."""
        second = int(instant.astype(np.int64))
        day = int(np.searchsorted(self.opens, second, side="right")) - 1
        clock = second - int(self.opens[day])
        worked = min(max(clock - _OPENS, 0), _MORNING) + min(
            max(clock - _AFTER_LUNCH, 0), _WORKED - _MORNING
        )
        return float(self.gone[day] + worked / _WORKED * (self.gone[day + 1] - self.gone[day]))

    def draw_beginnings(
        self, dice: np.random.Generator, count: int, first: float, last: float
    ) -> Floats:
        """Random moments of [first, last), as often as days see things begin, ascending but
        for those of the last minute."""
        weights = np.where((self.gone[1:] > first) & (self.gone[:-1] < last), self.beginnings, 0)
        weights = weights * dice.gamma(12, 1 / 12, len(weights))
        shares = np.concatenate([[0.0], np.cumsum(weights / weights.sum())])
        drawn = np.interp(np.sort(dice.random(count)), shares, self.gone)
        return np.clip(drawn, first, last - _A_MINUTE * dice.random(count))

    def _split(self, moments: Floats) -> tuple[Ints, Floats]:
        day = np.searchsorted(self.gone, moments, side="right") - 1
        day = np.clip(day, 0, len(self.days) - 1)
        part = (moments - self.gone[day]) / (self.gone[day + 1] - self.gone[day])
        return day, np.clip(part, 0, 0.9999)


def _is_quiet(day: date, calendar: Calendar) -> bool:
    """Whether its week has two holidays or more on weekdays, as 설날 and 추석 have."""
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=n) for n in range(5)]
    return sum(calendar.is_day_off(each) for each in week) >= 2


def _rush(days: list[date], calendar: Calendar) -> Floats:
    """Quarters begin slowly and end in a rush."""
    ends = {}
    for day in days:
        quarter = Period.containing(day, Grain.QUARTER, calendar)
        ends[day] = ((quarter.end - day).days, (day - quarter.start).days)
    return np.array(
        [
            1.75 if left <= 10 else 1.2 if left <= 21 else 0.82 if gone <= 14 else 0.95
            for left, gone in (ends[day] for day in days)
        ]
    )
