"""Which periods the model forecasts, and which past ones are replayed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.models import Company
from forecasting.accuracy.horizons import Horizon
from forecasting.models import ModelRun, Replayed
from periods import Grain, Period

GRAINS = (Grain.QUARTER, Grain.MONTH)
REPLAYED_QUARTERS = 8
# A close that is entered or mended late still counts for so long.
_SETTLES = timedelta(days=45)


def forecast_periods(at: datetime) -> list[Period]:
    """The running quarter and month, and the next ones."""
    calendar = Company.current().calendar
    running = [Period.containing(calendar.business_day(at), grain, calendar) for grain in GRAINS]
    return [each for period in running for each in (period, period.next())]


def not_learned(at: datetime) -> list[Period]:
    """Those for which nothing was learned yet on the business day of `at`."""
    day = Company.current().calendar.business_day(at)
    learned = set(ModelRun.objects.filter(day=day).values_list("start", "end"))
    return [each for each in forecast_periods(at) if (each.start, each.end) not in learned]


def replayed_quarters(at: datetime) -> tuple[Period, ...]:
    """The quarters before the running one that accuracy is told of, oldest first."""
    calendar = Company.current().calendar
    running = Period.containing(calendar.business_day(at), Grain.QUARTER, calendar)
    return running.previous().trailing(REPLAYED_QUARTERS)


def to_replay(at: datetime) -> Iterator[tuple[Period, Horizon]]:
    """What is to be replayed every night: what is missing, and what may still have changed."""
    quarters = replayed_quarters(at)
    missing = set(not_replayed(at))
    for quarter in quarters:
        for horizon in Horizon:
            if (quarter, horizon) in missing or at - quarter.ends_at < _SETTLES:
                yield quarter, horizon


def not_replayed(at: datetime) -> list[tuple[Period, Horizon]]:
    """The quarters and horizons that were never replayed."""
    done = set(Replayed.objects.filter(team=None, user=None).values_list("start", "end", "horizon"))
    return [
        (quarter, horizon)
        for quarter in replayed_quarters(at)
        for horizon in Horizon
        if (quarter.start, quarter.end, horizon.value) not in done
    ]
