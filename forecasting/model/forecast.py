"""From a history to the outcomes of a period: learn, see where it stands, play it to its end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from forecasting.model.coming import Coming, expect
from forecasting.model.history import History, moment
from forecasting.model.learning import Learned, TooLittle, learn, snapshot_of
from forecasting.model.simulation import (
    USUAL,
    Leaf,
    Outcomes,
    Spread,
    Standing,
    Tempo,
    simulate,
)
from forecasting.model.spread import learn_spread
from periods import Period


@dataclass(frozen=True)
class Model:
    """Everything that was learned for a period at an instant."""

    learned: Learned
    coming: Coming
    spread: Spread

    def written(self) -> dict[str, Any]:
        """As JSON can hold it."""
        parts = {"learned": self.learned.written(), "coming": self.coming.written()}
        return {**parts, "spread": asdict(self.spread)}

    @classmethod
    def read(cls, written: dict[str, Any]) -> Model:
        """What `written` gave."""
        learned, coming = Learned.read(written["learned"]), Coming.read(written["coming"])
        return cls(learned, coming, Spread(**written["spread"]))


def learn_model(history: History, period: Period, at: datetime) -> Model | TooLittle:
    """Learn for what remains of `period` at `at`, by a history read no later than that."""
    learned = learn(history, period, at)
    if isinstance(learned, TooLittle):
        return learned
    spread = learn_spread(history, learned, period, at)
    return Model(learned, expect(history, period, at), spread)


def stands(
    model: Model,
    history: History,
    period: Period,
    at: datetime,
    leaves: Collection[Leaf] = (),
) -> Standing:
    """Where the period stands at `at`, by the leaves that have anything in it and by `leaves`.

    Deals without a price for their currency count nothing.
    """
    rows = history.open_at(moment(at))
    snapshot = snapshot_of(period, at)
    won = history.won_in(moment(period.starts_at), min(moment(at), moment(period.ends_at)))
    pairs = [_pairs(history, each) for each in (rows, won)]
    found = sorted({*leaves, *model.coming.leaves, *pairs[0], *pairs[1]})
    place = {leaf: n for n, leaf in enumerate(found)}
    open_leaf, won_leaf = (np.array([place[pair] for pair in each], dtype=int) for each in pairs)
    booked = np.bincount(
        won_leaf, np.nan_to_num(history.won_worth(won)), minlength=len(found)
    ).astype(float)
    order = np.argsort(open_leaf, kind="stable")
    chance = model.learned.chances(history, rows, snapshot)
    worth = np.nan_to_num(history.worth(rows, np.datetime64(snapshot.day)))
    return Standing(
        leaves=tuple(found),
        booked=booked,
        chance=chance[order].astype(np.float32),
        worth=worth[order].astype(np.float32),
        leaf=open_leaf[order],
    )


def _pairs(history: History, rows: Any) -> list[tuple[int, int]]:
    owners, teams = history["owner"][rows].tolist(), history["team"][rows].tolist()
    return list(zip(owners, teams, strict=True))


def play(model: Model, standing: Standing, *, seed: int, tempo: Tempo = USUAL) -> Outcomes:
    """The outcomes that a period may have from where it stands."""
    ratios = model.learned.ratios
    return simulate(standing, model.coming, ratios, model.spread, seed=seed, tempo=tempo)


def seed_of(period: Period) -> int:
    """The seed of a period's draws, so that the same facts give the same figures."""
    return period.start.toordinal() * 1000 + period.days
