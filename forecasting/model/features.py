"""What the model looks at in a deal, as numbers.

Everything is of the instant of a snapshot and of what was known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from forecasting.model.arrays import A_DAY, Dates, Floats, Ints, Moment, Numbers, log_odds
from forecasting.model.history import KINDS, WON, History

_USUAL_WORKING_DAYS = 60.0
_LOST_IN = 60
_OWN_DEALS = 10.0
# Probabilities are held off 0 and 1, whose log-odds have no end.
_SUREST = 0.02


@dataclass(frozen=True)
class Snapshot:
    """A day's beginning `day` at the instant `at`; what is sought are wins before `end`."""

    at: Moment
    day: date
    end: date
    working_days: int
    """From `day` until `end`."""


@dataclass(frozen=True)
class Scale:
    """What features are held against: the stages there are, and the usual (log) amount."""

    stages: tuple[int, ...]
    usual: float


NAMES = (
    "always", "stage_odds", "time_left", "time_left_late", "age", "long_age", "deal_age", "amount",
    "closes_in_time", "overdue", "closes_later", "days_overdue", "closes_when", "pushed_once",
    "pushed_often", "raised", "lowered", "owner", "estimated",
    *KINDS,
)  # fmt: skip
# How strongly each is held to nothing, in deals' worth of doubt; the first are what stages say.
DOUBTS = (1.0, 1.0, 2.0, 2.0, 8.0, 8.0, 8.0, 8.0, 4.0, 4.0, 4.0, 4.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0,
          12.0, *[8.0] * len(KINDS))  # fmt: skip
STAGE_DOUBT = 4.0


def matrix(
    history: History, rows: Ints, snapshot: Snapshot, scale: Scale, owners: Mapping[int, float]
) -> Floats:
    """A row per open deal, a column per name in NAMES and then per stage of the scale.

    `owners` are log-odds by which owners win more than others.
    """
    columns = [
        *_of_stage(history, rows, snapshot),
        *_of_age(history, rows, snapshot),
        _amount(history, rows, snapshot, scale),
        *_of_close(history["expected"][rows], snapshot),
        *_of_promises(history, rows),
        np.array([owners.get(owner, 0.0) for owner in history["owner"][rows].tolist()]),
        history["estimated"][rows].astype(float),
        *(history["kind"][rows] == place for place in range(len(KINDS))),
        *(history["stage"][rows] == stage for stage in scale.stages),
    ]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def doubts(scale: Scale) -> Floats:
    """How strongly each column is held to nothing."""
    return np.array([*DOUBTS, *[STAGE_DOUBT] * len(scale.stages)])


def _of_stage(history: History, rows: Ints, snapshot: Snapshot) -> Sequence[Numbers]:
    said = np.clip(history.probability(rows), _SUREST, 1 - _SUREST)
    left = np.log(max(snapshot.working_days, 1) / _USUAL_WORKING_DAYS)
    time = np.full(len(rows), left)
    return np.ones(len(rows)), log_odds(said), time, time * said


def _of_age(history: History, rows: Ints, snapshot: Snapshot) -> Sequence[Numbers]:
    in_stage = _days(history.since[rows], snapshot.at)
    alive = _days(history["created"][rows], snapshot.at)
    return np.log1p(in_stage) - 3, in_stage > _LOST_IN, np.log1p(alive) - 4


def _days(since: Dates, until: Moment) -> Floats:
    days = np.subtract(until, since) / A_DAY
    return np.where(np.isnan(days), 0.0, np.maximum(days, 0.0))


def _amount(history: History, rows: Ints, snapshot: Snapshot, scale: Scale) -> Floats:
    worth = history.worth(rows, np.datetime64(snapshot.day))
    known = np.where(np.isnan(worth), np.exp(scale.usual), worth)
    return np.log(np.maximum(known, 1.0)) - scale.usual


def _of_close(expected: Dates, snapshot: Snapshot) -> Sequence[Numbers]:
    """Where the expected close lies: within the span, before it, after it, and how far."""
    ahead = _days_of(expected, snapshot.day)
    beyond = _days_of(expected, snapshot.end)
    span = max((snapshot.end - snapshot.day).days, 1)
    said = ~np.isnat(expected)
    within, overdue, later = said & (ahead >= 0) & (beyond < 0), said & (ahead < 0), beyond >= 0
    return (
        within,
        overdue,
        np.where(later, np.log1p(np.maximum(beyond, 0) / 30), 0.0),
        np.where(overdue, np.log1p(np.maximum(-ahead, 0) / 14), 0.0),
        np.where(within, ahead / span, 0.0),
    )


def _days_of(days: Dates, since: date) -> Floats:
    """So many days after `since`; -1 where no day is said."""
    span = (days - np.datetime64(since)).astype("timedelta64[D]")
    return np.where(np.isnat(days), -1.0, span.astype(np.int64).astype(float))


def _of_promises(history: History, rows: Ints) -> Sequence[Numbers]:
    """Pushes, and a category of the deal's own above or below its stage's."""
    pushes, own = history.pushes[rows], history["category"][rows]
    stage = history.stage_category(rows)
    is_own = own > 0
    return pushes == 1, pushes > 1, is_own & (own > stage), is_own & (own < stage)


def owner_odds(history: History, before: Moment) -> dict[int, float]:
    """By how much owners win more than others, of deals closed before an instant.

    Drawn to 0 where an owner closed few: as if everybody had closed ten more as all do.
    """
    rows = history.closings[history["began"][history.closings] < before]
    rows = rows[history["real"][rows]]
    won = (history["outcome"][rows] == WON).astype(float)
    usual = (won.sum() + 3.0) / (len(won) + 10.0)
    owners, place = np.unique(history["owner"][rows], return_inverse=True)
    count = np.bincount(place, minlength=len(owners))
    wins = np.bincount(place, won, minlength=len(owners))
    share = (wins + _OWN_DEALS * usual) / (count + _OWN_DEALS)
    odds = log_odds(share) - log_odds(np.array(usual))
    return dict(zip(owners.tolist(), odds.tolist(), strict=True))
