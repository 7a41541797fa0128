"""How much of a target was reached, and what share of it a period is expected to have by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from kpis.declarations import Expectation, Result, ratio
from kpis.plan import Plan
from kpis.selects import Split
from periods import Grain, Period
from pipeline.measures import Measure
from pipeline.reading import Reading

# How many units of each length the last eight quarters are.
TWO_YEARS = {Grain.WEEK: 104, Grain.MONTH: 24, Grain.QUARTER: 8, Grain.HALF: 4, Grain.YEAR: 2}


def attained(actual: Decimal | None, target: Decimal | None, *, up_is_good: bool) -> Result:
    """Actual ÷ target or, where down is good, target ÷ actual; never capped."""
    top, bottom = (actual, target) if up_is_good else (target, actual)
    return ratio({"numerator": top, "denominator": bottom})


def linear_pace(reached: Decimal | None, period: Period, at: datetime) -> Decimal | None:
    """An attainment less the share of the working days gone; None unless the period runs."""
    if reached is None or not period.is_running(at):
        return None
    return reached - period.share_gone(at)


def used(actual: Decimal | None, limit: Decimal | None) -> Decimal | None:
    """What share of a limit, a target of a figure where down is good, is used up."""
    return attained(actual, limit, up_is_good=True).value


def limit_pace(share: Decimal | None, period: Period, at: datetime) -> Decimal | None:
    """The share of the working days gone less that of a limit used; None unless the period runs.

    Half a limit used in half the time is no attainment yet, whatever target ÷ actual says.
    """
    ahead = linear_pace(share, period, at)
    return None if ahead is None else -ahead


@dataclass(frozen=True)
class Expected:
    """The share by the working days gone, or as far as earlier periods had come by then."""

    by: Expectation
    measure: Measure
    reading: Reading

    def ask(self, plan: Plan, periods: Iterable[Period]) -> None:
        """Add what their `share` reads to the plan."""
        for curve in filter(None, map(self._curve, periods)):
            plan.want(self.measure, *curve)

    def share(self, plan: Plan, period: Period) -> Decimal | None:
        """From 0 to 1; None where earlier periods do not tell. NaN for want of a rate."""
        curve = self._curve(period)
        if curve is None:
            known = self.by is Expectation.LINEAR or not period.is_running(self.reading.at)
            return period.share_gone(self.reading.at) if known else None
        reading, split = curve
        found = {
            part: plan.value(self.measure, reading, split, str(place)) or Decimal(0)
            for place, part in enumerate(split.periods, start=1)
        }
        total = sum(found.values(), Decimal(0))
        heads = {self._head(period, each) for each in self._alike(period)}
        early = sum((value for part, value in found.items() if part in heads), Decimal(0))
        return early / total if total else None

    def _alike(self, period: Period) -> tuple[Period, ...]:
        """The periods of its length that began in the two years before it."""
        count = TWO_YEARS.get(period.grain) if period.grain else None
        return period.trailing(count + 1)[:-1] if count else ()

    def _curve(self, period: Period) -> tuple[Reading, Split] | None:
        """Each earlier period in two: as much of it as has gone of this one, and the rest."""
        alike = self._alike(period)
        if self.by is Expectation.LINEAR or not alike or not period.is_running(self.reading.at):
            return None
        parts = tuple(part for each in alike for part in self._halved(period, each))
        whole = Period(alike[0].start, alike[-1].end, None, period.calendar)
        return replace(self.reading, period=whole), Split(periods=parts)

    def _head(self, period: Period, earlier: Period) -> Period:
        return period.like_for_like(earlier, self.reading.at)

    def _halved(self, period: Period, earlier: Period) -> Iterator[Period]:
        head = self._head(period, earlier)
        rest = Period(head.end, earlier.end, None, earlier.calendar)
        yield from (part for part in (head, rest) if part.days)
