"""A thousand ways in which a period may end, drawn at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.model.arrays import Floats, Ints, log_odds
from forecasting.model.coming import Coming

DRAWS = 1000
_AT_ONCE = 2_000_000
_CERTAIN = 1e-6

Leaf = tuple[int, int]


@dataclass(frozen=True)
class Standing:
    """Where a period stands: open deals with chance, worth and leaf; what leaves have won.

    `leaf` and `booked` refer to positions in `leaves`, (owner, team) each.
    """

    leaves: tuple[Leaf, ...]
    booked: Floats
    chance: Floats
    worth: Floats
    leaf: Ints


@dataclass(frozen=True)
class Spread:
    """How far whole periods stray, as standard deviations of log-odds: all teams together, and
    each by itself."""

    company: float
    team: float


@dataclass(frozen=True)
class Outcomes:
    """The drawn ends of a period, a row per draw and a column per leaf, in company money."""

    leaves: tuple[Leaf, ...]
    draws: Floats

    def of(self, leaves: Sequence[int]) -> Floats:
        """The draws of some leaves together."""
        total: Floats = self.draws[:, list(leaves)].sum(axis=1)
        return total


def simulate(
    standing: Standing,
    coming: Coming,
    ratios: Sequence[float],
    spread: Spread,
    *,
    seed: int,
    draws: int = DRAWS,
) -> Outcomes:
    """Play the rest of the period `draws` times; the same seed gives the same ends."""
    dice = np.random.default_rng(seed)
    shocks = _shocks(dice, standing.leaves, spread, draws)
    ends = np.tile(standing.booked, (draws, 1))
    ends += _from_open(dice, standing, np.asarray(ratios), shocks)
    ends += _from_coming(dice, standing.leaves, coming, shocks)
    return Outcomes(standing.leaves, ends)


def _shocks(
    dice: np.random.Generator, leaves: tuple[Leaf, ...], spread: Spread, draws: int
) -> Floats:
    """What befalls a leaf's deals together: its team's luck and the company's."""
    teams, place = np.unique([team for _owner, team in leaves], return_inverse=True)
    common = dice.normal(0, spread.company, (draws, 1))
    own = dice.normal(0, spread.team, (draws, len(teams)))
    shocks: Floats = common + own[:, place]
    return shocks


def _from_open(
    dice: np.random.Generator, standing: Standing, ratios: Floats, shocks: Floats
) -> Floats:
    """What open deals bring: won or not, at what is expected times how amounts end."""
    order = np.argsort(standing.leaf, kind="stable")
    leaf = standing.leaf[order]
    odds = log_odds(np.clip(standing.chance[order], _CERTAIN, 1 - _CERTAIN)).astype(np.float32)
    worth = standing.worth[order].astype(np.float32)
    brought = np.zeros(shocks.shape)
    if not len(order):
        return brought
    starts = np.flatnonzero(np.append(True, leaf[1:] != leaf[:-1]))
    step = max(_AT_ONCE // len(order), 1)
    for start in range(0, len(shocks), step):
        part = shocks[start : start + step, leaf].astype(np.float32)
        luck = dice.random(part.shape, dtype=np.float32)
        won = luck * (1 + np.exp(-(odds + part))) < 1
        ends = ratios[dice.integers(0, len(ratios), part.shape)].astype(np.float32)
        money = np.add.reduceat(np.where(won, worth * ends, 0), starts, axis=1, dtype=np.float64)
        brought[start : start + step, leaf[starts]] = money
    return brought


def _from_coming(
    dice: np.random.Generator, leaves: tuple[Leaf, ...], coming: Coming, shocks: Floats
) -> Floats:
    """What deals bring that are not open yet: so many wins, each of a size drawn."""
    brought = np.zeros(shocks.shape)
    places = {leaf: place for place, leaf in enumerate(leaves)}
    sizes = np.asarray(coming.sizes)
    for leaf, rate, scale in zip(coming.leaves, coming.rates, coming.scales, strict=True):
        place = places[leaf]
        count = dice.poisson(rate * np.exp(shocks[:, place]))
        drawn = sizes[dice.integers(0, len(sizes), int(count.sum()))] * scale
        which = np.repeat(np.arange(len(count)), count)
        brought[:, place] = np.bincount(which, drawn, minlength=len(count))
    return brought
