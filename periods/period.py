"""A span of business days, and its neighbours, parts and filters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q

from periods.grain import Grain, PeriodError
from periods.spans import (
    Span,
    days_after,
    fiscal_year,
    months_after,
    span_of,
    week_year_before,
    year_before,
)
from periods.working_days import same_elapsed_part

if TYPE_CHECKING:
    from datetime import date, datetime

    from periods.calendar import Calendar


@dataclass(frozen=True)
class Period:
    """The business days from `start` up to but not including `end`, on one calendar.

    `grain` is set only for a whole unit of that calendar; a range of days has None.
    `start == end` is an empty period, which only a comparison yields.
    """

    start: date
    end: date
    grain: Grain | None
    calendar: Calendar

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(f"A period cannot end ({self.end}) before it starts ({self.start})")
        if self.grain and (self.start, self.end) != self._unit(self.grain, self.start):
            raise PeriodError(f"{self.start} to {self.end} is not a whole {self.grain}")

    def __str__(self) -> str:
        return self.code

    @classmethod
    def containing(cls, day: date, grain: Grain, calendar: Calendar) -> Period:
        """The unit of `grain` that holds `day`."""
        return cls(*span_of(grain, day, calendar.fiscal_year_start), grain, calendar)

    # What it is called and how long it is

    @cached_property
    def code(self) -> str:
        """Its text form, which `Calendar.parse` reads back (save for an empty period)."""
        match self.grain:
            case Grain.YEAR:
                return f"{self.fiscal_year:04d}"
            case Grain.HALF:
                return f"{self.fiscal_year:04d}-H{self.number}"
            case Grain.QUARTER:
                return f"{self.fiscal_year:04d}-Q{self.number}"
            case Grain.MONTH:
                return self.start.isoformat()[:7]
            case Grain.WEEK:
                return f"{self.start.isocalendar().year:04d}-W{self.number:02d}"
            case Grain.DAY:
                return self.start.isoformat()
        return f"{self.start.isoformat()}..{self.last_day.isoformat()}"

    @property
    def fiscal_year(self) -> int:
        """The fiscal year in which it starts."""
        return fiscal_year(self.start, self.calendar.fiscal_year_start)

    @property
    def number(self) -> int:
        """Which half, quarter or month of its fiscal year, or which ISO week, it is; from 1."""
        if self.grain is Grain.WEEK:
            return self.start.isocalendar().week
        months_in = (self.start.month - self.calendar.fiscal_year_start) % 12
        return months_in // {Grain.HALF: 6, Grain.QUARTER: 3}.get(self.grain or Grain.MONTH, 1) + 1

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return days_after(self.end, -1)

    @property
    def days(self) -> int:
        """How many calendar days it has."""
        return (self.end - self.start).days

    @cached_property
    def working_days(self) -> int:
        """How many of its days are worked."""
        return self.calendar.working_days(self.start, self.end)

    # Where it stands on the clock

    @property
    def starts_at(self) -> datetime:
        """The first instant that belongs to it, aware."""
        return self.calendar.start_of(self.start)

    @property
    def ends_at(self) -> datetime:
        """The first instant that no longer belongs to it, aware."""
        return self.calendar.start_of(self.end)

    @property
    def last_instant(self) -> datetime:
        """The last instant that belongs to it: how things stood at its end."""
        return self.calendar.end_of(self.last_day)

    @property
    def eve(self) -> datetime:
        """The last instant before it: how things stood when it began."""
        return self.calendar.end_of(days_after(self.start, -1))

    def is_running(self, at: datetime) -> bool:
        """Whether it has begun but not ended at the instant `at`."""
        return self.start <= self.calendar.business_day(at) < self.end

    def is_over(self, at: datetime) -> bool:
        """Whether it has ended at the instant `at`."""
        return self.calendar.business_day(at) >= self.end

    def is_future(self, at: datetime) -> bool:
        """Whether it has not begun at the instant `at`."""
        return not self.is_running(at) and not self.is_over(at)

    # Its neighbours

    def previous(self) -> Period:
        """The unit before it; for a range of days, as many days directly before it."""
        if self.grain:
            return self._sibling(self._unit(self.grain, days_after(self.start, -1)))
        return self._sibling((days_after(self.start, -self.days), self.start))

    def next(self) -> Period:
        """The unit after it; for a range of days, as many days directly after it."""
        if self.grain:
            return self._sibling(self._unit(self.grain, self.end))
        return self._sibling((self.end, days_after(self.end, self.days)))

    def year_ago(self) -> Period:
        """The same unit one year earlier; ISO weeks by number, ranges day by day."""
        match self.grain:
            case Grain.WEEK:
                return self._sibling(week_year_before(self.start))
            case Grain.DAY | None:
                return self._sibling(self._days_year_before())
        return self._sibling((months_after(self.start, -12), months_after(self.end, -12)))

    def trailing(self, n: int) -> tuple[Period, ...]:
        """The `n` periods of the same length that end with this one, oldest first."""
        if n < 1:
            raise PeriodError("trailing() needs at least one period")
        periods = [self]
        while len(periods) < n:
            periods.append(periods[-1].previous())
        return tuple(reversed(periods))

    # Its parts

    def head(self, days: int) -> Period:
        """Its first `days` days; all of it where it has no more."""
        if days >= self.days:
            return self
        return Period(self.start, days_after(self.start, days), None, self.calendar)

    def elapsed(self, at: datetime) -> Period:
        """While it runs, the part up to and with the business day of `at`; else all of it."""
        if not self.is_running(at):
            return self
        return self.head((self.calendar.business_day(at) - self.start).days + 1)

    def share_gone(self, at: datetime) -> Decimal:
        """The share from 0 to 1 of its working days that have come by `at`, today's included.

        Calendar days count where it has no working day at all.
        """
        if self.is_future(at):
            return Decimal(0)
        gone = self.elapsed(at)
        if not self.working_days:
            return Decimal(gone.days) / Decimal(self.days or 1)
        return Decimal(gone.working_days) / Decimal(self.working_days)

    def like_for_like(self, other: Period, at: datetime) -> Period:
        """The part of `other` to compare this one with at `at`.

        While this one runs: the head of `other` with as many working days as have come here,
        so that moving holidays do not count against either. Else all of `other`.
        """
        if not self.is_running(at):
            return other
        return same_elapsed_part(self, other, self.calendar.business_day(at))

    def split(self, grain: Grain) -> tuple[Period, ...]:
        """Its days by units of `grain`, in order and without a gap.

        A unit that reaches over either edge is cut there and becomes a range of days.
        """
        pieces = []
        start = self.start
        while start < self.end:
            piece = self._piece(start, grain)
            pieces.append(piece)
            start = piece.end
        return tuple(pieces)

    # Filters

    def covers(self, field: str) -> Q:
        """Rows whose instant in `field` falls into it."""
        return Q(**{f"{field}__gte": self.starts_at, f"{field}__lt": self.ends_at})

    def covers_days(self, field: str) -> Q:
        """Rows whose business day (a date column) in `field` falls into it."""
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})

    def _unit(self, grain: Grain, day: date) -> Span:
        return span_of(grain, day, self.calendar.fiscal_year_start)

    def _sibling(self, span: Span) -> Period:
        return Period(*span, self.grain, self.calendar)

    def _days_year_before(self) -> Span:
        start = year_before(self.start)
        if not self.days:
            return start, start
        return start, days_after(year_before(self.last_day), 1)

    def _piece(self, day: date, grain: Grain) -> Period:
        start, end = self._unit(grain, day)
        if self.start <= start and end <= self.end:
            return Period(start, end, grain, self.calendar)
        if start <= self.start and self.end <= end:
            return self
        return Period(max(start, self.start), min(end, self.end), None, self.calendar)
