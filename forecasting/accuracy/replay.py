"""What each method would have said of a period at an instant, by what was known then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from forecasting.model.arrays import Floats, Ints
from forecasting.model.forecast import Model, learn_model, play, stands
from forecasting.model.history import OMITTED, History, moment
from forecasting.model.learning import TooLittle, earlier_periods
from forecasting.model.simulation import Leaf, Outcomes
from periods import Period

_RANGE = (0.1, 0.5, 0.9)
_MEAN_OF = 4
_USUAL_OF = 8


@dataclass(frozen=True)
class Said:
    """What was said of one node, in company money; None where a method had nothing to go by.

    `usual` is the median of the node's earlier periods: what anybody could say who knows
    nothing of its deals.
    """

    booked: float
    stage_weighted: float
    same_quarter_last_year: float | None
    run_rate: float | None
    usual: float | None
    model: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Replay:
    """All methods at one instant, by leaf, so that any node is a sum of its leaves.

    `past` has a row per earlier period, oldest first, and a column per leaf.
    """

    leaves: tuple[Leaf, ...]
    booked: Floats
    weighted: Floats
    last_year: Floats | None
    past: Floats
    share_gone: float
    is_start: bool
    outcomes: Outcomes | None

    @cached_property
    def position(self) -> dict[Leaf, int]:
        """Where each leaf stands."""
        return {leaf: n for n, leaf in enumerate(self.leaves)}

    def of(self, places: Sequence[int]) -> Said:
        """What each method said of the leaves at these places together."""
        chosen = list(places)
        booked = float(self.booked[chosen].sum())
        past = self.past[:, chosen].sum(axis=1)
        low, middle, high = self._quantiles(chosen)
        last_year = None if self.last_year is None else float(self.last_year[chosen].sum())
        usual = float(np.median(past[-_USUAL_OF:])) if len(past) else None
        return Said(
            booked=booked,
            stage_weighted=booked + float(self.weighted[chosen].sum()),
            same_quarter_last_year=last_year,
            run_rate=self._run_rate(booked, past),
            usual=usual,
            model=middle,
            low=low,
            high=high,
        )

    def _run_rate(self, booked: float, past: Floats) -> float | None:
        if self.is_start:
            return float(past[-_MEAN_OF:].mean()) if len(past) >= _MEAN_OF else None
        return booked / self.share_gone if self.share_gone else None

    def _quantiles(self, chosen: list[int]) -> tuple[float | None, ...]:
        if self.outcomes is None:
            return None, None, None
        return tuple(np.quantile(self.outcomes.of(chosen), _RANGE).tolist())


def replay(
    history: History,
    period: Period,
    at: datetime,
    *,
    is_start: bool,
    seed: int,
    standing: History | None = None,
) -> Replay:
    """Replay `period` at `at` with a history that was read as it was known then.

    `standing` has every deal that was open then or closed since the period's start, where the
    history itself is a sample.
    """
    now = standing or history
    model = learn_model(history, period, at)
    earlier = earlier_periods(history, period)
    leaves = _leaves(history, now)
    booked = _won(now, period.starts_at, min(at, period.ends_at), leaves)
    past = [_won(history, each.starts_at, each.ends_at, leaves) for each in earlier]
    year_ago = period.year_ago()
    known = {each.start: won for each, won in zip(earlier, past, strict=True)}
    return Replay(
        leaves=leaves,
        booked=booked,
        weighted=_weighted(now, period, at, leaves),
        last_year=known.get(year_ago.start),
        past=np.array(past) if past else np.zeros((0, len(leaves))),
        share_gone=float(period.share_gone(at - timedelta(microseconds=1))),
        is_start=is_start,
        outcomes=_outcomes(model, now, period, at, leaves, seed),
    )


def _outcomes(
    model: Model | TooLittle,
    history: History,
    period: Period,
    at: datetime,
    leaves: tuple[Leaf, ...],
    seed: int,
) -> Outcomes | None:
    if isinstance(model, TooLittle):
        return None
    return play(model, stands(model, history, period, at, leaves), seed=seed)


def _leaves(*histories: History) -> tuple[Leaf, ...]:
    pairs: set[Leaf] = set()
    for each in histories:
        pairs.update(zip(each["owner"].tolist(), each["team"].tolist(), strict=True))
    return tuple(sorted(pairs))


def _won(history: History, start: datetime, end: datetime, leaves: tuple[Leaf, ...]) -> Floats:
    rows = history.won_in(moment(start), moment(end))
    worth = np.nan_to_num(history.won_worth(rows)) / history.share
    return _summed(history, rows, worth, leaves)


def _weighted(history: History, period: Period, at: datetime, leaves: tuple[Leaf, ...]) -> Floats:
    """Open deals expected to close in the period, omitted ones left out, by probability."""
    rows = history.open_at(moment(at))
    expected = history["expected"][rows]
    closing = (expected >= np.datetime64(period.start)) & (expected < np.datetime64(period.end))
    rows = rows[closing & (history.category(rows) != OMITTED)]
    today = np.datetime64(period.calendar.business_day(at))
    worth = np.nan_to_num(history.worth(rows, today)) * history.probability(rows)
    return _summed(history, rows, worth, leaves)


def _summed(history: History, rows: Ints, worth: Floats, leaves: tuple[Leaf, ...]) -> Floats:
    place = {leaf: n for n, leaf in enumerate(leaves)}
    owners, teams = history["owner"][rows].tolist(), history["team"][rows].tolist()
    where = np.array([place[pair] for pair in zip(owners, teams, strict=True)], dtype=int)
    return np.bincount(where, worth, minlength=len(leaves)).astype(float)
