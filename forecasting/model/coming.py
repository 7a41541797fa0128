"""Business that is not open yet: what earlier periods won after the like day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from forecasting.model.arrays import Floats, Ints
from forecasting.model.history import History, moment
from forecasting.model.learning import earlier_periods, like_instant
from periods import Period

_LATELY = 6
# A period counts this much of the one after it, so that trends are followed.
_FADES = 0.85
_AS_OTHERS, _AS_OTHERS_PER_OWNER = 1.0, 2.0
_SIZES, _OWN_SIZES = 201, 8.0


@dataclass(frozen=True)
class Coming:
    """How many wins of deals yet to come a period brings to each leaf, and of what size.

    `sizes` are quantiles of what such wins bring in the company; `scale` says how much larger
    they are in a leaf's team.
    """

    leaves: tuple[tuple[int, int], ...]
    rates: tuple[float, ...]
    scales: tuple[float, ...]
    sizes: tuple[float, ...]

    def written(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def read(cls, written: dict[str, Any]) -> Coming:
        """What `written` gave."""
        leaves = tuple((owner, team) for owner, team in written["leaves"])
        lists = {name: tuple(written[name]) for name in ("rates", "scales", "sizes")}
        return cls(leaves=leaves, **lists)


@dataclass(frozen=True)
class _Arrived:
    """Wins of deals that were not open on the like day: credit, worth, weight of the period."""

    owner: Ints
    team: Ints
    worth: Floats
    weight: Floats
    periods: float
    """The weights of all periods together."""


def expect(history: History, period: Period, at: datetime) -> Coming:
    """What is yet to come in `period` after `at`, as lately in the periods before it."""
    came = _arrived(history, period, at)
    leaves = _working(history)
    teams = sorted({team for _owner, team in leaves})
    by_team = {team: came.weight[came.team == team].sum() for team in teams}
    usual = sum(by_team.values()) / max(len(teams), 1) / max(came.periods, 1e-9)
    rates, scales = [], []
    sizes = _sizes(came)
    for team in teams:
        heads = [leaf for leaf in leaves if leaf[1] == team]
        rate = (by_team[team] + _AS_OTHERS * usual) / (came.periods + _AS_OTHERS)
        rates += [(leaf, rate * share) for leaf, share in _shares(came, heads).items()]
        scales.append(_scale(came, team))
    known = dict(rates)
    scale_of = dict(zip(teams, scales, strict=True))
    return Coming(
        leaves=tuple(leaves),
        rates=tuple(round(known[leaf] / history.share, 6) for leaf in leaves),
        scales=tuple(round(scale_of[leaf[1]], 6) for leaf in leaves),
        sizes=tuple(np.round(sizes, 2).tolist()),
    )


def _working(history: History) -> list[tuple[int, int]]:
    """The leaves that had open work, or won, within the last half year."""
    now = moment(history.until)
    recent = history.ended > now - np.timedelta64(182, "D")
    recent &= (history["outcome"] == 0) | (history["began"] > now - np.timedelta64(182, "D"))
    pairs = {
        (owner, team)
        for owner, team in zip(
            history["owner"][recent].tolist(), history["team"][recent].tolist(), strict=True
        )
    }
    return sorted(pairs)


def _arrived(history: History, period: Period, at: datetime) -> _Arrived:
    periods = earlier_periods(history, period)[-_LATELY:]
    parts, total = [], 0.0
    for age, earlier in enumerate(reversed(periods)):
        weight = _FADES**age
        total += weight
        rows = _new_wins(history, earlier, like_instant(period, earlier, at))
        parts.append((rows, np.full(len(rows), weight)))
    rows = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    weight_of = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0)
    worth = np.nan_to_num(history.won_worth(rows))
    return _Arrived(history["owner"][rows], history["team"][rows], worth, weight_of, total)


def _new_wins(history: History, earlier: Period, like: datetime) -> Ints:
    start = moment(like)
    wins = history.won_in(max(start, moment(earlier.starts_at)), moment(earlier.ends_at))
    known = history["deal"][history.open_at(start)]
    return wins[~np.isin(history["deal"][wins], known)]


def _shares(came: _Arrived, heads: list[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """What each owner of a team takes of its new business; drawn to equal parts."""
    team = heads[0][1]
    own = {leaf: came.weight[(came.team == team) & (came.owner == leaf[0])].sum() for leaf in heads}
    each = _AS_OTHERS_PER_OWNER
    total = sum(own.values()) + each * len(heads)
    return {leaf: (brought + each) / total for leaf, brought in own.items()}


def _sizes(came: _Arrived) -> Floats:
    if not len(came.worth):
        return np.zeros(1)
    return np.quantile(came.worth, np.linspace(0, 1, _SIZES))


def _scale(came: _Arrived, team: int) -> float:
    """How much larger a team's new wins are than all; drawn to 1 where there are few."""
    usual = came.worth.mean() if len(came.worth) else 0.0
    own = came.worth[came.team == team]
    if not usual:
        return 1.0
    return float((own.sum() + _OWN_SIZES * usual) / (len(own) + _OWN_SIZES) / usual)
