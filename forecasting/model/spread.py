"""How far whole periods strayed from what their deals led to expect."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from forecasting.model.arrays import Floats
from forecasting.model.history import History, moment
from forecasting.model.learning import (
    Learned,
    brought_by,
    earlier_periods,
    like_instant,
    snapshot_of,
)
from forecasting.model.simulation import Spread
from periods import Period

# What is believed before any period is seen, and for how many periods that counts.
_USUAL = 0.15
_BELIEVED = 6.0


def learn_spread(history: History, learned: Learned, period: Period, at: datetime) -> Spread:
    """By how much outcomes of earlier periods strayed more than chance alone explains."""
    strayed = [
        _strayed(history, learned, earlier, like_instant(period, earlier, at))
        for earlier in earlier_periods(history, period)
    ]
    company = _excess([each.sum(axis=1, keepdims=True) for each in strayed])
    team = _excess(strayed)
    return Spread(
        round(_settled(company, len(strayed)), 6),
        round(_settled(max(team - company, 0.0), len(strayed)), 6),
    )


def _strayed(history: History, learned: Learned, earlier: Period, like: datetime) -> Floats:
    """By team: what was brought, expected, its variance, and its steepness in log-odds."""
    snapshot = snapshot_of(earlier, like)
    rows = history.open_at(snapshot.at)
    share = learned.chances(history, rows, snapshot)
    worth = np.nan_to_num(history.worth(rows, np.datetime64(snapshot.day)))
    worth = worth * float(np.mean(learned.ratios))
    came = np.nan_to_num(brought_by(history, rows, snapshot.at, moment(earlier.ends_at)))
    doubt = share * (1 - share)
    teams, place = np.unique(history["team"][rows], return_inverse=True)
    parts = (came, share * worth, doubt * worth**2, doubt * worth)
    return np.stack([np.bincount(place, part, minlength=len(teams)) for part in parts])


def _excess(strayed: list[Floats]) -> float:
    """The variance of log-odds that remains after what chance explains."""
    came, expected, variance, steep = np.concatenate(strayed, axis=1)
    beyond = ((came - expected) ** 2 - variance).sum()
    return float(max(beyond / max((steep**2).sum(), 1e-9), 0.0))


def _settled(variance: float, periods: int) -> float:
    """The deviation, drawn to the usual one where few periods tell."""
    total = variance * periods + _USUAL**2 * _BELIEVED
    return float(np.sqrt(total / (periods + _BELIEVED)))
