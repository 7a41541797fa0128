"""The versions of deals: everything that happened to them, in order, one row a change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.demo.expectations import Expectations
from pipeline.demo.lives import Lives
from pipeline.demo.organisation import Organisation
from pipeline.demo.plan import Plan
from pipeline.demo.setup import LAST_OPEN, LOST
from pipeline.demo.timeline import Bools, Floats, Ints
from pipeline.models import LostReason

_REVALUED, _DISCOUNTED, _CORRECTED = 0.33, 0.4, 0.1
_LOST_REASONS = {
    LostReason.PRICE: 0.21,
    LostReason.COMPETITOR: 0.22,
    LostReason.NO_BUDGET: 0.16,
    LostReason.NO_DECISION: 0.17,
    LostReason.TIMING: 0.09,
    LostReason.PRODUCT_FIT: 0.07,
    LostReason.OTHER: 0.03,
    LostReason.DUPLICATE: 0.03,
    LostReason.MISTAKE: 0.02,
}
REASONS = tuple(_LOST_REASONS)
NO_REASON = -1
_SAME = ["stage", "expected", "factor", "category", "chance", "owner", "team"]


@dataclass(frozen=True)
class Telling:
    """What a history is told with: the plan, its dice, who holds which seat."""

    plan: Plan
    dice: np.random.Generator
    organisation: Organisation

    def handovers(self, seats: Ints, born: Floats) -> tuple[Ints, Floats]:
        """The mornings on which work born at moments gets another holder or team, if it is
        still open: positions and moments."""
        places, mornings = [], []
        timeline = self.plan.timeline
        for change in range(1, self.organisation.handovers.shape[1]):
            noon = self.organisation.handovers[:, change] + np.timedelta64(12, "h")
            days = np.minimum(noon.astype("datetime64[D]"), timeline.days[-1])
            moments = timeline.moments(days)[seats]
            moments = moments + self.dice.uniform(0.001, 0.06, len(seats))
            place = np.flatnonzero((moments > born) & (moments < self.plan.now))
            places.append(place)
            mornings.append(moments[place])
        return np.concatenate(places), np.concatenate(mornings)


def tell(telling: Telling, deals: pd.DataFrame, lives: Lives) -> pd.DataFrame:
    """Every version of a batch of deals, ordered by deal and instant.

    `at` is when it began; `factor` what the amount is of the deal's base; `reason` a position
    in REASONS; `chance` a percentage; `entered` whether a stage was entered.
    """
    visits = _visits(telling, lives)
    events = pd.concat(
        [visits, _pushes(telling, deals, visits), *_edits(telling, deals, visits)],
        ignore_index=True,
    )
    events = _ordered(events)
    events = _while_open(events)
    return _without_repetition(_credited(telling, deals, _dated(telling, events)))


def _visits(telling: Telling, lives: Lives) -> pd.DataFrame:
    """The visits up to now, with how they change the amount."""
    begun = lives.moment < telling.plan.now
    visits = pd.DataFrame(
        {
            "deal": lives.deal[begun],
            "moment": lives.moment[begun],
            "stage": lives.stage[begun],
            "ends": lives.ends[begun],
        }
    )
    visits["factor"] = _revaluations(telling.dice, visits)
    visits["reason"] = _reasons(telling.dice, visits["stage"].to_numpy())
    return visits


def _revaluations(dice: np.random.Generator, visits: pd.DataFrame) -> Floats:
    stage = visits["stage"].to_numpy()
    count = len(stage)
    scoped = np.isin(stage, (3, 4)) & (dice.random(count) < _REVALUED)
    haggled = np.isin(stage, (5, 6)) & (dice.random(count) < _DISCOUNTED)
    grown, cut = dice.lognormal(0.01, 0.14, count), dice.uniform(0.86, 0.99, count)
    return np.select([scoped, haggled], [grown, cut], 1.0)


def _reasons(dice: np.random.Generator, stage: Ints) -> Ints:
    shares = np.array(list(_LOST_REASONS.values()))
    drawn = dice.choice(len(REASONS), size=len(stage), p=shares / shares.sum())
    return np.where(stage == LOST, drawn, NO_REASON)


def _pushes(telling: Telling, deals: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Put-off dates as events; fills in what the visits themselves say."""
    said = Expectations(telling.plan, telling.dice, deals, visits)
    visits["expected"] = said.of_visits(visits)
    visits["category"] = said.categories(visits)
    visits["chance"] = said.probabilities(visits)
    return said.pushes(visits, visits["expected"].to_numpy())


def _edits(telling: Telling, deals: pd.DataFrame, visits: pd.DataFrame) -> list[pd.DataFrame]:
    """Amounts corrected between moves, and seats changing hands."""
    edited = visits[telling.dice.random(len(visits)) < _CORRECTED]
    edited = edited[edited["stage"] <= LAST_OPEN]
    until = np.minimum(edited["ends"], telling.plan.now)
    share = telling.dice.uniform(0.1, 0.9, len(edited))
    corrected = pd.DataFrame(
        {
            "deal": edited["deal"],
            "moment": edited["moment"] + share * (until - edited["moment"]),
            "factor": telling.dice.lognormal(0, 0.1, len(edited)),
        }
    )
    seats, born = deals["seat"].to_numpy(), deals["born"].to_numpy()
    deal, moment = telling.handovers(seats, born)
    return [corrected, pd.DataFrame({"deal": deal, "moment": moment})]


def _ordered(events: pd.DataFrame) -> pd.DataFrame:
    """In order, with every event carrying on what it does not say itself."""
    order = np.lexsort((events["moment"].to_numpy(), events["deal"].to_numpy()))
    events = events.iloc[order].reset_index(drop=True)
    events["entered"] = events["stage"].notna()
    for column in ("stage", "expected", "category", "chance", "reason"):
        events[column] = events[column].ffill()
    for column in ("stage", "category", "chance", "reason"):
        events[column] = events[column].astype(np.int64)
    events["factor"] = events["factor"].fillna(1.0)
    return events


def _while_open(events: pd.DataFrame) -> pd.DataFrame:
    """Without what would have happened to closed deals; factors multiplied up."""
    events = events[events["entered"] | (events["stage"] <= LAST_OPEN)].copy()
    logs = np.cumsum(np.log(events["factor"].to_numpy()))
    first = first_of(events["deal"].to_numpy())
    base = (logs - np.log(events["factor"].to_numpy()))[first]
    events["factor"] = np.exp(logs - base[np.cumsum(first) - 1])
    return events


def _dated(telling: Telling, events: pd.DataFrame) -> pd.DataFrame:
    """With instants that are later by a second at least for each further change."""
    deal = events["deal"].to_numpy()
    first = first_of(deal)
    place = np.arange(len(deal))
    rank = place - place[first][np.cumsum(first) - 1]
    instants = telling.plan.timeline.instants(events["moment"].to_numpy())
    events["at"] = instants + rank.astype("timedelta64[s]")
    return events[first | (events["at"].to_numpy() <= telling.plan.until_second)]


def _credited(telling: Telling, deals: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    seats = deals["seat"].to_numpy()[events["deal"].to_numpy()]
    owner, team = telling.organisation.holders(seats, events["at"].to_numpy())
    return events.assign(owner=owner, team=team).drop(columns=["moment", "ends"])


def _without_repetition(events: pd.DataFrame) -> pd.DataFrame:
    """Without events that change nothing."""
    changed = first_of(events["deal"].to_numpy())
    for column in _SAME:
        values = events[column].to_numpy()
        changed[1:] |= values[1:] != values[:-1]
    return events[changed].reset_index(drop=True)


def first_of(deal: Ints) -> Bools:
    """Whether a row is the first of its deal."""
    return np.append(True, deal[1:] != deal[:-1])


def last_of(deal: Ints) -> Bools:
    """Whether a row is the last of its deal."""
    return np.append(deal[1:] != deal[:-1], True)
