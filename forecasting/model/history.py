"""The past of deals as arrays: every version of every deal, as it was known at one instant.

No database here, so that the model can be tried on any company that can be imagined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.model.arrays import Bools, Dates, Floats, Ints, Moment
from periods import Calendar

OPEN, WON, LOST = range(3)
CATEGORIES = ("", "omitted", "pipeline", "best_case", "commit", "closed")
OMITTED = CATEGORIES.index("omitted")
KINDS = ("new", "renewal", "upsell", "cross_sell")
OUTCOMES = ("open", "won", "lost")
COLUMNS = (
    "deal", "began", "stage", "outcome", "real", "amount", "currency", "owner", "team",
    "expected", "category", "probability", "kind", "estimated", "created",
)  # fmt: skip
_PRICE_LASTS = np.timedelta64(7, "D")
NEVER = np.datetime64("2200-01-01", "s")


@dataclass(frozen=True)
class Step:
    """A stage as the company has set it up: its probability and its place in CATEGORIES."""

    probability: float
    category: int


@dataclass(frozen=True)
class Prices:
    """What one unit of a currency cost: days in order, and the price from each on."""

    days: Dates
    prices: Floats

    def on(self, days: Dates) -> Floats:
        """The price in force on each day: the latest, at most seven days old; else NaN."""
        if not len(self.days):
            return np.full(len(days), np.nan)
        place = np.searchsorted(self.days, days, side="right") - 1
        latest = np.maximum(place, 0)
        fresh = (place >= 0) & (np.subtract(days, self.days[latest]) <= _PRICE_LASTS)
        return np.where(fresh, self.prices[latest], np.nan)


@dataclass(frozen=True)
class History:
    """Versions in the order of deals and instants, one row a version, columns as in COLUMNS.

    `began` and `created` are instants in UTC to the second, `expected` dates, `outcome`,
    `category` and `kind` positions in their tuples, `currency` a position in `prices` (-1: the
    company's own), `owner` and `team` ids (0: none). `until` is the instant that the history
    was read at: nothing in it is from later.
    """

    versions: pd.DataFrame
    steps: Mapping[int, Step]
    prices: tuple[Prices, ...]
    calendar: Calendar
    until: datetime
    share: float = 1.0
    """How much of the company's deals this holds, where it is a sample."""

    columns: dict[str, NDArray[Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        columns = {name: self.versions[name].to_numpy() for name in COLUMNS}
        object.__setattr__(self, "columns", columns)

    def __len__(self) -> int:
        return len(self.versions)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    @cached_property
    def first(self) -> Bools:
        """Whether a version is the first of its deal."""
        deal = self["deal"]
        return np.append(True, deal[1:] != deal[:-1]) if len(deal) else np.zeros(0, dtype=bool)

    @cached_property
    def ended(self) -> Dates:
        """When each version gave way to the next of its deal."""
        ended = np.append(self["began"][1:], NEVER)
        ended[np.append(self.first[1:], True)] = NEVER
        return ended[: len(self)]

    @cached_property
    def since(self) -> Dates:
        """When the deal came to the stage that a version has it in."""
        stage = self["stage"]
        came = self.first.copy()
        came[1:] |= stage[1:] != stage[:-1]
        place = np.maximum.accumulate(np.where(came, np.arange(len(self)), 0))
        since: Dates = self["began"][place]
        return since

    @cached_property
    def pushes(self) -> Ints:
        """How often the expected close had been put off by then."""
        expected = self["expected"]
        pushed = np.zeros(len(self), dtype=np.int64)
        pushed[1:] = (expected[1:] > expected[:-1]) & ~self.first[1:]
        count = np.cumsum(pushed)
        before = (count - pushed)[self.first][np.cumsum(self.first) - 1]
        pushes: Ints = count - before
        return pushes

    @cached_property
    def closings(self) -> Ints:
        """The versions with which deals were won or lost."""
        closed = self["outcome"] != OPEN
        fresh = closed.copy()
        fresh[1:] &= self.first[1:] | (self["outcome"][1:] != self["outcome"][:-1])
        closings: Ints = np.flatnonzero(fresh)
        return closings

    @cached_property
    def wins(self) -> Ints:
        """The versions with which deals were won."""
        wins: Ints = self.closings[self["outcome"][self.closings] == WON]
        return wins

    def instant(self, day: date) -> Moment:
        """The beginning of a business day, as `began` writes it."""
        return moment(self.calendar.start_of(day))

    def open_at(self, at: Moment) -> Ints:
        """The versions of the deals that were open at an instant."""
        standing = (self["began"] <= at) & (self.ended > at) & (self["outcome"] == OPEN)
        return np.flatnonzero(standing)

    def won_in(self, start: Moment, end: Moment) -> Ints:
        """The versions with which deals were won in [start, end)."""
        began = self["began"][self.wins]
        return self.wins[(began >= start) & (began < end)]

    def worth(self, rows: Ints, on: Dates | Moment) -> Floats:
        """What versions are worth in the company's currency on days, one for all or one each.

        NaN where there is no price; an amount that is not known is as usual.
        """
        amount = self["amount"][rows]
        worth = np.where(np.isnan(amount), self.usual_amount, amount)
        currency = self["currency"][rows]
        days = np.broadcast_to(on, len(rows))
        for place, prices in enumerate(self.prices):
            foreign = currency == place
            worth[foreign] *= prices.on(days[foreign])
        return worth

    def won_worth(self, rows: Ints) -> Floats:
        """What wins are worth at the prices of the days of their closes."""
        closed = pd.DatetimeIndex(self["began"][rows]).tz_localize("UTC")
        local = closed.tz_convert(self.calendar.zone).tz_localize(None)
        return self.worth(rows, local.to_numpy().astype("datetime64[D]"))

    @cached_property
    def usual_amount(self) -> float:
        """The median amount of deals in the company's own currency; 0 where none is known."""
        amount = self["amount"][self["currency"] < 0]
        known = amount[~np.isnan(amount)]
        return float(np.median(known)) if len(known) else 0.0

    def category(self, rows: Ints) -> Ints:
        """How versions count in the forecast: their own category, else their stage's."""
        own = self["category"][rows]
        return np.where(own > 0, own, self.stage_category(rows))

    def stage_category(self, rows: Ints) -> Ints:
        """The categories of their stages."""
        return self._of_stage(rows, lambda step: step.category)

    def probability(self, rows: Ints) -> Floats:
        """The deal's own if set, else its stage's."""
        own = self["probability"][rows]
        return np.where(np.isnan(own), self._of_stage(rows, lambda s: s.probability), own)

    def _of_stage(self, rows: Ints, of: Callable[[Step], float]) -> NDArray[Any]:
        stages, place = np.unique(self["stage"][rows], return_inverse=True)
        known = [self.steps.get(stage, Step(0.0, OMITTED)) for stage in stages.tolist()]
        values = np.array([of(step) for step in known])
        return values[place] if len(values) else np.zeros(0)


def moment(instant: datetime) -> Moment:
    """An aware instant as the arrays write it."""
    return np.datetime64(int(instant.timestamp()), "s")
