"""Daily prices of the dollar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from pipeline.demo.plan import Plan
from pipeline.demo.timeline import Dates, Floats

CURRENCY = "USD"
_USUAL, _RETURNS, _MOVES = 1365.0, 0.012, 0.0042
_BEFORE_DAYS = 320


@dataclass(frozen=True)
class Rates:
    """Weekdays in order and the won that a dollar cost, in hundredths."""

    days: Dates
    cents: Floats

    @classmethod
    def build(cls, plan: Plan) -> Rates:
        """A price for every weekday: markets abroad know no 설날, and gaps stay short."""
        first = plan.start - timedelta(days=_BEFORE_DAYS)
        days = np.arange(np.datetime64(first), np.datetime64(plan.today) + 1)
        days = days[np.is_busday(days)]
        moves = plan.random("rates").normal(0, _MOVES, len(days))
        price, prices = _USUAL, []
        for move in moves.tolist():
            price *= float(np.exp(move - _RETURNS * np.log(price / _USUAL)))
            prices.append(price)
        return cls(days, np.round(np.array(prices) * 100))

    def on(self, days: Dates) -> Floats:
        """The price in force on days, in won."""
        place = np.searchsorted(self.days, days, side="right") - 1
        return self.cents[np.maximum(place, 0)] / 100

    def table(self) -> pd.DataFrame:
        """A row per day; the price as text, so that it stays exact."""
        cents = self.cents.astype(np.int64).tolist()
        prices = [f"{price // 100}.{price % 100:02d}" for price in cents]
        return pd.DataFrame({"currency": CURRENCY, "day": self.days, "price": prices})
