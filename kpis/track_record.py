"""What a figure came to before, and the growth that it has shown: what makes a goal plausible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from charts.numbers import Unit
from kpis.declarations import Kpi
from kpis.evaluate import answer
from kpis.questions import Question
from periods import Grain, Period

SEASONS = {
    Grain.YEAR: (6, 1),
    Grain.HALF: (10, 2),
    Grain.QUARTER: (16, 4),
    Grain.MONTH: (24, 12),
}
"""How many periods are read, and how many of them make a year; growth is over that many."""
OTHERS = (13, 1)
FEWEST = 3
TOP = Decimal("0.95")


@dataclass(frozen=True)
class Base:
    """An earlier figure, above zero; `steps` are the growths from its period to the goal's."""

    period: Period
    value: Decimal
    steps: int


@dataclass(frozen=True)
class Record:
    """A KPI over the completed periods before a goal's, oldest first, and in the running one.

    Growth is over `lag` periods; the goal's period is `ahead` periods after the last completed.
    """

    kpi: Kpi
    periods: tuple[Period, ...]
    values: tuple[Decimal | None, ...]
    running: Decimal | None
    lag: int
    ahead: int

    @property
    def has_data(self) -> bool:
        return any((*self.values, self.running))

    @property
    def growths(self) -> list[Decimal]:
        """The improvement of each period on the comparable one before it, smallest first."""
        pairs = zip(self.values[: -self.lag], self.values[self.lag :], strict=True)
        found = [self.growth(before, now) for before, now in pairs]
        return sorted(growth for growth in found if growth is not None)

    @property
    def base(self) -> Base | None:
        """What a goal is held against: the same season before it, else the last figure."""
        seasons = -(-self.ahead // self.lag)
        season = len(self.values) + self.ahead - 1 - self.lag * seasons
        for place, steps in ((season, seasons), (len(self.values) - 1, 1)):
            value = self.values[place]
            if value is not None and value > 0:
                return Base(self.periods[place], value, steps)
        return None

    def needed(self, base: Base, goal: Decimal) -> Decimal | None:
        """The growth that a goal needs, spread evenly over the steps to it."""
        growth = self.growth(base.value, goal)
        if growth is None or base.steps == 1:
            return growth
        if self.kpi.unit is Unit.PERCENT:
            return growth / base.steps
        return (1 + growth) ** (Decimal(1) / base.steps) - 1

    def growth(self, before: Decimal | None, now: Decimal | None) -> Decimal | None:
        """How much better `now` is: in points of a rate, else as a fraction of what was."""
        if before is None or now is None:
            return None
        if self.kpi.unit is Unit.PERCENT:
            return now - before if self.kpi.up_is_good else before - now
        if not self.kpi.up_is_good:
            before, now = now, before
        return (now - before) / before if before > 0 else None

    def share_below(self, growth: Decimal) -> Decimal:
        """The share of past growths that were smaller."""
        growths = self.growths
        return Decimal(sum(1 for each in growths if each < growth)) / len(growths)

    @property
    def top(self) -> Decimal:
        """The 95th percentile of past growth, between two of them by their distance."""
        growths = self.growths
        place = TOP * (len(growths) - 1)
        below = int(place)
        above = min(below + 1, len(growths) - 1)
        return growths[below] + (growths[above] - growths[below]) * (place - below)


def track_record(question: Question, *, viewer: User, at: datetime) -> Record:
    """The record of the figure that `question` asks for, up to `at`, in one batch."""
    count, lag = SEASONS.get(question.period.grain, OTHERS) if question.period.grain else OTHERS
    last, ahead = question.period.previous(), 1
    while not last.is_over(at):
        last, ahead = last.previous(), ahead + 1
    periods = last.trailing(count)
    asked = [replace(question, period=period) for period in (*periods, last.next())]
    *values, running = [each.value for each in answer(asked, viewer=viewer, at=at)]
    return Record(question.declared, periods, tuple(values), running, lag, ahead)
