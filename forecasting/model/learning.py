"""What the model learns from a company's history, and when there is too little of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from forecasting.model.arrays import Floats, Ints, chance
from forecasting.model.features import Scale, Snapshot, doubts, matrix, owner_odds
from forecasting.model.history import LOST, OPEN, WON, History, moment
from periods import Period

FEWEST_PERIODS, FEWEST_WON, FEWEST_LOST = 4, 30, 30
MOST_PERIODS = 12
MOST_ROWS = 60_000
# Every earlier period is also looked at this many days before and after the like day.
_BESIDE = (-14, 0, 14)
_ROUNDS, _CLOSE_ENOUGH = 30, 1e-6
_RATIOS = 101
_QUIET_START = np.timedelta64(14, "D")


@dataclass(frozen=True)
class Learned:
    """What was learned: a weight per feature, owners' odds, how amounts end.

    `ratios` are quantiles of the amount won by the amount expected. It says which `periods`
    and how many open deals (`rows`) and closed ones it was learned from.
    """

    weights: tuple[float, ...]
    stages: tuple[int, ...]
    usual: float
    owners: dict[int, float]
    ratios: tuple[float, ...]
    means: tuple[float, ...]
    """Of the features over all deals, which reasons are held against."""

    periods: int
    rows: int
    won: int
    lost: int

    @property
    def scale(self) -> Scale:
        return Scale(self.stages, self.usual)

    def chances(self, history: History, rows: Ints, snapshot: Snapshot) -> Floats:
        """How likely open deals are won before the snapshot's end."""
        return chance(matrix(history, rows, snapshot, self.scale, self.owners) @ self.weights)

    def written(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def read(cls, written: dict[str, Any]) -> Learned:
        """What `written` gave."""
        lists = {name: tuple(value) for name, value in written.items() if isinstance(value, list)}
        owners = {int(owner): odds for owner, odds in written["owners"].items()}
        return cls(**{**written, **lists, "owners": owners})


@dataclass(frozen=True)
class TooLittle:
    """Why nothing can be learned yet: what there is of what is needed."""

    periods: int
    won: int
    lost: int


def earlier_periods(history: History, period: Period) -> tuple[Period, ...]:
    """The periods of its length before it that the history covers, oldest first."""
    if not len(history.closings):
        return ()
    # Before the first close only deals that were to stay open long are known.
    first = history["began"][history.closings].min() - _QUIET_START
    found: list[Period] = []
    each = period.previous()
    while len(found) < MOST_PERIODS and moment(each.starts_at) >= first:
        if moment(each.ends_at) <= moment(history.until):
            found.append(each)
        each = each.previous()
    return tuple(reversed(found))


def snapshot_of(period: Period, at: datetime) -> Snapshot:
    """The rest of a period from the business day that begins at (or holds) an instant."""
    day = period.calendar.business_day(at)
    left = period.calendar.working_days(max(day, period.start), period.end)
    return Snapshot(moment(at), day, period.end, left)


def like_instant(period: Period, earlier: Period, at: datetime) -> datetime:
    """The instant at which as much of an earlier period had gone as of `period` at `at`."""
    if period.is_future(at):
        return earlier.starts_at - (period.starts_at - at)
    calendar = period.calendar
    yesterday = at - timedelta(microseconds=1)
    if not period.is_running(yesterday):
        return earlier.starts_at
    return calendar.start_of(period.like_for_like(earlier, yesterday).end)


def learn(history: History, period: Period, at: datetime) -> Learned | TooLittle:
    """Learn how likely deals that are open at `at` (in or before `period`) are won by its end.

    Only from periods that were over when the history was read.
    """
    periods = earlier_periods(history, period)
    closings = history["outcome"][history.closings]
    won, lost = int((closings == WON).sum()), int((closings == LOST).sum())
    if len(periods) < FEWEST_PERIODS or won < FEWEST_WON or lost < FEWEST_LOST:
        return TooLittle(len(periods), won, lost)
    scale = Scale(_stages(history), _usual(history))
    parts = list(_examples(history, periods, period, at, scale))
    features, wins, ratios = (np.concatenate([part[n] for part in parts]) for n in range(3))
    features, wins = _thinned(features, wins)
    weights = fit(features, wins, 1 / len(_BESIDE), doubts(scale))
    return Learned(
        weights=_rounded(weights),
        stages=scale.stages,
        usual=scale.usual,
        owners=owner_odds(history, moment(history.until)),
        ratios=_rounded(np.quantile(ratios, np.linspace(0, 1, _RATIOS)) if len(ratios) else [1.0]),
        means=_rounded(features.mean(axis=0)),
        periods=len(periods),
        rows=len(features),
        won=won,
        lost=lost,
    )


def _stages(history: History) -> tuple[int, ...]:
    return tuple(np.unique(history["stage"][history["outcome"] == OPEN]).tolist())


def _usual(history: History) -> float:
    worth = history.won_worth(history.wins)
    worth = worth[worth > 0]
    return float(np.median(np.log(worth))) if len(worth) else 0.0


def _examples(
    history: History, periods: Sequence[Period], period: Period, at: datetime, scale: Scale
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Features of the deals open on like days, whether they were won, and how amounts ended."""
    for earlier in periods:
        like = like_instant(period, earlier, at)
        for shift in _BESIDE:
            snapshot = snapshot_of(earlier, like + timedelta(days=shift))
            if snapshot.day < earlier.end:
                yield _example(history, snapshot, moment(earlier.ends_at), scale)


def _example(
    history: History, snapshot: Snapshot, end: np.datetime64, scale: Scale
) -> tuple[Floats, Floats, Floats]:
    rows = history.open_at(snapshot.at)
    owners = owner_odds(history, snapshot.at)
    features = matrix(history, rows, snapshot, scale, owners)
    brought = brought_by(history, rows, snapshot.at, end)
    won = ~np.isnan(brought)
    expected = history.worth(rows, np.datetime64(snapshot.day))
    sound = won & (expected > 0)
    return features, won.astype(float), brought[sound] / expected[sound]


def brought_by(history: History, rows: Ints, start: np.datetime64, end: np.datetime64) -> Floats:
    """What open deals were won for in [start, end); NaN for those that were not."""
    wins = history.won_in(start, end)
    deals, place = np.unique(history["deal"][wins], return_index=True)
    worth = np.append(history.won_worth(wins)[place], np.nan)
    found = np.searchsorted(deals, history["deal"][rows])
    hit = np.append(deals, -1)[found] == history["deal"][rows]
    brought: Floats = worth[np.where(hit, found, len(deals))]
    return brought


def _thinned(features: Floats, wins: Floats) -> tuple[Floats, Floats]:
    """Every so-manieth row, where there are more than learning needs."""
    step = max(-(-len(features) // MOST_ROWS), 1)
    return features[::step], wins[::step]


def fit(features: Floats, wins: Floats, weight: float, held: Floats) -> Floats:
    """Weights of a logistic regression, held to nothing by `held`; by Newton's method."""
    weights = np.zeros(features.shape[1])
    for _round in range(_ROUNDS):
        expected = chance(features @ weights)
        slope = weight * (features.T @ (wins - expected)) - held * weights
        bend = weight * ((features * (expected * (1 - expected))[:, None]).T @ features)
        step = np.linalg.solve(bend + np.diag(held), slope)
        weights = weights + step
        if np.abs(step).max() < _CLOSE_ENOUGH:
            break
    return weights


def _rounded(values: Floats | Sequence[float]) -> tuple[float, ...]:
    return tuple(np.round(np.asarray(values, dtype=float), 6).tolist())
