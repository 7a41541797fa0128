"""Past quarters of imagined companies, forecast by what was known at their horizons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.replay import Said, replay
from forecasting.accuracy.skill import Compared
from forecasting.model.history import History, moment
from periods import Period
from tests.forecasting.imagined import known_at

RIVALS = ("stage_weighted", "same_quarter_last_year", "run_rate", "usual")


@dataclass(frozen=True)
class Tried:
    """A team's quarter: what was said of it, and what came."""

    said: Said
    actual: float


def tried(history: History, quarter: Period, horizon: Horizon) -> Iterator[Tried]:
    at = horizon.instant(quarter)
    known = known_at(history, at)
    said = replay(known, quarter, at, is_start=horizon is Horizon.START, seed=1)
    wins = history.won_in(moment(quarter.starts_at), moment(quarter.ends_at))
    came = history.won_worth(wins)
    for team in sorted({team for _owner, team in said.leaves}):
        places = [n for n, leaf in enumerate(said.leaves) if leaf[1] == team]
        yield Tried(said.of(places), float(came[history["team"][wins] == team].sum()))


def wape(tried: list[Tried], method: str) -> float:
    errors = [abs(float(getattr(each.said, method)) - each.actual) for each in tried]
    return sum(errors) / sum(each.actual for each in tried)


def is_held(tried: Tried) -> bool:
    said = tried.said
    assert said.low is not None
    assert said.high is not None
    return said.low <= tried.actual <= said.high


def compared(cases: Sequence[Tried]) -> list[Compared]:
    """The model against each of its rivals."""
    told = [each for each in cases if each.said.model is not None]
    return [
        Compared(
            rival,
            np.array([abs(float(each.said.model or 0) - each.actual) for each in told]),
            np.array([abs(float(getattr(each.said, rival)) - each.actual) for each in told]),
            np.array([each.actual for each in told]),
        )
        for rival in RIVALS
    ]
