"""How large the demo company is, from which seed, and until when it has lived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zlib import crc32

import numpy as np

from periods import Calendar, Grain, Period
from pipeline.demo.timeline import Timeline

YEARS = 3
DEFAULT_DEALS = 20_000
_LEAD_IN_DAYS = 760
_HORIZON_DAYS = 1100


@dataclass(frozen=True)
class Plan:
    """Everything that decides the rows: the same plan gives the same rows."""

    deals: int
    seed: int
    until: datetime
    calendar: Calendar

    @cached_property
    def today(self) -> date:
        """The business day that the history ends in."""
        return self.calendar.business_day(self.until)

    @cached_property
    def quarters(self) -> tuple[Period, ...]:
        """The quarters of the history, the running one last."""
        running = Period.containing(self.today, Grain.QUARTER, self.calendar)
        return running.trailing(4 * YEARS + 1)

    @property
    def start(self) -> date:
        """The first day of the first whole quarter of the history."""
        return self.quarters[0].start

    @cached_property
    def reorganised_on(self) -> date:
        """The first of a month, some 14 months ago: teams and people changed places."""
        return (self.today - timedelta(days=425)).replace(day=1)

    @cached_property
    def timeline(self) -> Timeline:
        """Working time from well before the history until well after it."""
        return Timeline.build(
            self.calendar,
            self.start - timedelta(days=_LEAD_IN_DAYS),
            self.today + timedelta(days=_HORIZON_DAYS),
        )

    @cached_property
    def until_second(self) -> np.datetime64:
        """The end of the history, to the second, in UTC."""
        return np.datetime64(int(self.until.timestamp()), "s")

    @cached_property
    def now(self) -> float:
        """The end of the history as a moment of the timeline."""
        return self.timeline.moment_of(self.until_second)

    @property
    def size(self) -> float:
        """How many times the company of a default demo this one is."""
        return self.deals / DEFAULT_DEALS

    def random(self, part: str) -> np.random.Generator:
        """The dice of one part, so that parts do not disturb each other."""
        return np.random.default_rng([self.seed, self.deals, crc32(part.encode())])
