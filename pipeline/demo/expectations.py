"""What owners say about their deals: when they will close, and how sure that is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.plan import Plan
from pipeline.demo.setup import LAST_OPEN, STEPS
from pipeline.demo.timeline import Bools, Dates, Floats, Ints
from pipeline.models import Category

CATEGORIES = ("", *(category.value for category in Category))
NOT_SAID = -1

_RESTATED, _RESTATED_WHEN_PAST = 0.4, 0.85
_MONTH_END = 0.5
_PUSHES = 4
_LAG_DAYS = 8.0
_OVERRIDE, _OWN_PROBABILITY = 0.16, 0.03
_OWN_PROBABILITIES = np.array([25, 30, 50, 70, 75])

# Working days from entering a stage to winning, as one would tell a new colleague.
_VISIT_DAYS = np.array([0.0, *(step.days * 1.28 for step in STEPS)])
_TO_GO = np.cumsum(_VISIT_DAYS[::-1])[::-1].copy()


class Expectations:
    """Expected closes of the open visits of a batch of deals.

    `visits` has deal, moment, stage and ends; `deals` tempo, optimism, diligence, due (a date
    that the deal itself brings, or NaT), wins and finish.
    """

    def __init__(
        self, plan: Plan, dice: np.random.Generator, deals: pd.DataFrame, visits: pd.DataFrame
    ) -> None:
        self.plan, self.dice, self.deals = plan, dice, deals
        self._tempo = deals["tempo"].to_numpy()
        self._view = 1 - deals["optimism"].to_numpy()
        self._diligence = deals["diligence"].to_numpy()
        self._due = deals["due"].to_numpy()
        self._finish = np.where(deals["wins"], deals["finish"], np.nan)
        self._visits = visits[visits["stage"] <= LAST_OPEN]

    def of_visits(self, visits: pd.DataFrame) -> Dates:
        """The dates said on entering stages; NaT where nothing new is said."""
        deal, moment = visits["deal"].to_numpy(), visits["moment"].to_numpy()
        stage = visits["stage"].to_numpy()
        first = np.append(True, deal[1:] != deal[:-1])
        said = self._guess(deal, moment, stage)
        known = self._due[deal]
        said = np.where(first & ~np.isnat(known), known, said)
        spoken = first | (self.dice.random(len(deal)) < _RESTATED)
        past = _carried(said, spoken) < self.plan.timeline.dates(moment)
        spoken |= past & (self.dice.random(len(deal)) < _RESTATED_WHEN_PAST)
        return np.where(spoken & (stage <= LAST_OPEN), said, np.datetime64("NaT"))

    def pushes(self, visits: pd.DataFrame, said: Dates) -> pd.DataFrame:
        """Dates put off after they passed: deal, moment, expected. Some owners never do."""
        standing = _carried(said, ~np.isnat(said))
        open_ = visits["stage"].to_numpy() <= LAST_OPEN
        deal, stage = visits["deal"].to_numpy()[open_], visits["stage"].to_numpy()[open_]
        ends = np.minimum(visits["ends"].to_numpy()[open_], self.plan.now)
        after, expected = visits["moment"].to_numpy()[open_], standing[open_]
        rounds = []
        for _push in range(_PUSHES):
            moment = np.maximum(self.plan.timeline.moments(expected) + 1, after)
            moment = moment + self.dice.exponential(_LAG_DAYS, len(deal))
            put_right = self.dice.random(len(deal)) < self._diligence[deal]
            kept = put_right & (moment < ends)
            deal, stage, ends, after = deal[kept], stage[kept], ends[kept], moment[kept]
            expected = self._guess(deal, after, stage)
            rounds.append(pd.DataFrame({"deal": deal, "moment": after, "expected": expected}))
        return pd.concat(rounds, ignore_index=True)

    def _guess(self, deal: Ints, moment: Floats, stage: Ints) -> Dates:
        """Half rule of thumb and half knowledge of the deal, coloured by the owner's hopes."""
        usual = _TO_GO[stage] * self._tempo[deal]
        left = self._finish[deal] - moment
        informed = np.where(np.isnan(left), usual, 0.5 * usual + 0.5 * left)
        noise = self.dice.lognormal(0, 0.25, len(deal))
        days = np.maximum(informed * noise * self._view[deal], 1.5)
        dates = self.plan.timeline.dates(moment + days)
        month_ends = (dates.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
        return np.where(self.dice.random(len(deal)) < _MONTH_END, month_ends, dates)

    def categories(self, visits: pd.DataFrame) -> Ints:
        """What owners call a deal against its stage, as positions in CATEGORIES; 0 for nothing."""
        stage = visits["stage"].to_numpy()
        hope = 1 - self._view[visits["deal"].to_numpy()]
        bold = (hope > 0.2) & np.isin(stage, (3, 5))
        shy = (hope < 0.05) & (stage == LAST_OPEN - 1)
        chosen = self.dice.random(len(stage)) < _OVERRIDE
        commit, best_case = map(CATEGORIES.index, (Category.COMMIT, Category.BEST_CASE))
        raised = np.where(stage == 5, commit, best_case)
        return np.select([bold & chosen, shy & chosen], [raised, best_case], 0)

    def probabilities(self, visits: pd.DataFrame) -> Ints:
        """Probabilities of their own, in percent; NOT_SAID for the stage's."""
        stage = visits["stage"].to_numpy()
        chosen: Bools = (stage >= 4) & (stage < LAST_OPEN)
        chosen &= self.dice.random(len(stage)) < _OWN_PROBABILITY
        return np.where(chosen, self.dice.choice(_OWN_PROBABILITIES, len(stage)), NOT_SAID)


def _carried(values: Dates, told: Bools) -> Dates:
    """Each value where it was told, else the last one told before."""
    place = np.where(told, np.arange(len(values)), 0)
    return values[np.maximum.accumulate(place)]
