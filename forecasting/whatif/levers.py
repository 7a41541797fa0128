"""The levers of a what-if, and what today's rates become under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from forecasting.model.simulation import Tempo

TODAY = Decimal(100)
LEAST, MOST = Decimal(10), Decimal(300)
_WHOLE = Decimal(1)


@dataclass(frozen=True)
class Levers:
    """What each rate is, in percent of what it is today."""

    win_rate: Decimal = TODAY
    deal_size: Decimal = TODAY
    cycle: Decimal = TODAY
    leads: Decimal = TODAY
    churn: Decimal = TODAY

    def times(self, name: str) -> Decimal:
        """The factor of one lever."""
        percent: Decimal = getattr(self, name)
        return percent / TODAY

    @property
    def moved(self) -> dict[str, Decimal]:
        """Those that are not as today, by name."""
        return {name: value for name, value in self.told.items() if value != TODAY}

    @property
    def told(self) -> dict[str, Decimal]:
        """All of them by name."""
        return {name: getattr(self, name) for name in NAMES}

    @classmethod
    def of(cls, percents: Mapping[str, Decimal]) -> Levers:
        """Those of a mapping; what it does not name is as today."""
        return cls(**{name: percents[name] for name in NAMES if name in percents})


NAMES = tuple(field.name for field in fields(Levers))


@dataclass(frozen=True)
class Rates:
    """What the levers move, as measured over a window; None where it is not known.

    `win_rate`, `conversion` and `churn` are shares, `deal_size` is money, `cycle` days, `leads`
    a number a month. `churn` is the share by value of what falls due that is not renewed.
    """

    win_rate: Decimal | None = None
    deal_size: Decimal | None = None
    cycle: Decimal | None = None
    leads: Decimal | None = None
    churn: Decimal | None = None
    conversion: Decimal | None = None

    def under(self, levers: Levers) -> Rates:
        """What they become; no share exceeds the whole."""
        moved = {
            name: value * levers.times(name)
            for name in NAMES
            if (value := getattr(self, name)) is not None
        }
        for name in ("win_rate", "churn"):
            if name in moved:
                moved[name] = min(moved[name], _WHOLE)
        return replace(self, **moved)

    def tempo(self, levers: Levers) -> Tempo:
        """How the rest of the period goes under the levers.

        More wins and shorter cycles bring open deals further in the time that is left; new wins
        come with more leads, too. A win rate that reaches 100 % goes no higher.
        """
        wins = levers.times("win_rate")
        if self.win_rate:
            wins = min(wins, _WHOLE / self.win_rate)
        pace = wins / levers.times("cycle")
        return Tempo(float(pace), float(pace * levers.times("leads")))
