"""A thousand ways in which a period may end, drawn at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.model.arrays import Floats, Ints
from forecasting.model.coming import Coming

DRAWS = 1000
_AT_ONCE = 100_000
_CERTAIN = 1e-6
_WINS_AT_ONCE = 16
_LOW_BITS, _HIGH_BITS, _LOW = 8, 24, np.uint32(255)
# What each kind of chance is drawn from, so that none depends on how much of another is drawn.
_COMPANY, _TEAM, _OPEN, _COMING = range(4)

Leaf = tuple[int, int]


@dataclass(frozen=True)
class Standing:
    """Where a period stands: open deals with chance, worth and leaf; what leaves have won.

    `leaf` and `booked` refer to positions in `leaves`, (owner, team) each; deals stand in the
    order of their leaves.
    """

    leaves: tuple[Leaf, ...]
    booked: Floats
    chance: Floats
    worth: Floats
    leaf: Ints

    def part(self, leaves: Sequence[int]) -> Standing:
        """The same of some leaves alone."""
        kept = sorted(leaves)
        deals = np.isin(self.leaf, kept)
        return Standing(
            leaves=tuple(self.leaves[place] for place in kept),
            booked=self.booked[kept],
            chance=self.chance[deals],
            worth=self.worth[deals],
            leaf=np.searchsorted(kept, self.leaf[deals]),
        )


@dataclass(frozen=True)
class Spread:
    """How far whole periods stray, as standard deviations of log-odds: all teams together, and
    each by itself."""

    company: float
    team: float


@dataclass(frozen=True)
class Tempo:
    """How much faster the rest of a period goes than is usual: `pace` of open deals towards being
    won, `volume` of new wins. Faster is never less in any single draw."""

    pace: float = 1.0
    volume: float = 1.0


USUAL = Tempo()


@dataclass(frozen=True)
class Outcomes:
    """The drawn ends of a period in company money: what is booked, a figure per leaf, and what
    comes to it, a row per draw and a column per leaf."""

    leaves: tuple[Leaf, ...]
    booked: Floats
    brought: Floats

    def of(self, leaves: Sequence[int]) -> Floats:
        """The draws of some leaves together."""
        return self.booked_by(leaves) + self.brought_by(leaves)

    def booked_by(self, leaves: Sequence[int]) -> float:
        return float(self.booked[sorted(leaves)].sum())

    def brought_by(self, leaves: Sequence[int]) -> Floats:
        """What comes to what is booked; summed in one order, so that parts agree to the bit."""
        total: Floats = self.brought[:, sorted(leaves)].sum(axis=1)
        return total


def simulate(
    standing: Standing,
    coming: Coming,
    ratios: Sequence[float],
    spread: Spread,
    *,
    seed: int,
    tempo: Tempo = USUAL,
    draws: int = DRAWS,
) -> Outcomes:
    """Play the rest of the period `draws` times; the same seed gives the same ends.

    What is drawn for a leaf does not depend on which other leaves are played, nor on the tempo.
    """
    shocks = _shocks(standing.leaves, spread, seed, draws)
    brought = np.zeros((draws, len(standing.leaves)))
    starts = np.searchsorted(standing.leaf, np.arange(len(standing.leaves) + 1))
    new = {leaf: n for n, leaf in enumerate(coming.leaves)}
    sizes = np.asarray(coming.sizes)
    for place, leaf in enumerate(standing.leaves):
        luck = np.exp(shocks[leaf[1]])
        if starts[place] < starts[place + 1]:
            deals = slice(starts[place], starts[place + 1])
            dice = _dice(seed, _OPEN, leaf)
            brought[:, place] += _from_open(dice, standing, deals, ratios, luck, tempo.pace)
        if leaf in new:
            rate = coming.rates[new[leaf]] * tempo.volume * luck
            scaled = sizes * coming.scales[new[leaf]]
            brought[:, place] += _from_coming(_dice(seed, _COMING, leaf), rate, scaled)
    return Outcomes(standing.leaves, standing.booked, brought)


def _dice(seed: int, kind: int, leaf: Leaf = (0, 0)) -> np.random.Generator:
    return np.random.default_rng((seed, kind, *leaf))


def _shocks(leaves: tuple[Leaf, ...], spread: Spread, seed: int, draws: int) -> dict[int, Floats]:
    """What befalls a team's deals together, in log-odds: its own luck and the company's."""
    common = _dice(seed, _COMPANY).normal(0, spread.company, draws)
    return {
        team: common + _dice(seed, _TEAM, (team, 0)).normal(0, spread.team, draws)
        for team in sorted({team for _owner, team in leaves})
    }


def _from_open(
    dice: np.random.Generator,
    standing: Standing,
    deals: slice,
    ratios: Sequence[float],
    luck: Floats,
    pace: float,
) -> Floats:
    """What a leaf's open deals bring: won or not, at what is expected times how amounts end.

    A deal is won in a draw where its patience, drawn once, is at most `pace` × its hazard: with
    the usual chance p, by 1 − (1 − p) ^ pace.
    """
    chance = np.clip(standing.chance[deals].astype(float), _CERTAIN, 1 - _CERTAIN)
    odds = (chance / (1 - chance)).astype(np.float32)[:, None]
    worth = standing.worth[deals].astype(np.float32)
    fortune, ends = luck.astype(np.float32), _finely(ratios)
    brought = np.zeros(len(luck))
    step = max(_AT_ONCE // len(luck), 1)
    for start in range(0, len(odds), step):
        part = slice(start, start + step)
        noise = _noise(dice, (len(odds[part]), len(luck)))
        won = _patience(noise, pace) <= odds[part] * fortune
        brought += worth[part] @ (won * ends.take(noise & _LOW, mode="clip"))
    return brought


def _noise(dice: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.uint32]:
    """32 random bits each: the low ones say how an amount ends, the others whether it is won."""
    deals, draws = shape
    raw = dice.bit_generator.random_raw(deals * (draws + draws % 2) // 2)
    return raw.view(np.uint32).reshape(deals, -1)[:, :draws]


def _patience(noise: NDArray[np.uint32], pace: float) -> NDArray[np.float32]:
    """The odds from which on a deal is won at a pace, where chance leaves it at odds of its own."""
    left = (noise >> _LOW_BITS).astype(np.float32)
    left += np.float32(0.5)
    left *= np.float32(2.0**-_HIGH_BITS)
    np.log(left, out=left)
    left *= np.float32(-1 / pace)
    # Beyond all numbers is beyond all odds.
    with np.errstate(over="ignore"):
        return np.expm1(left, out=left)


def _finely(ratios: Sequence[float]) -> NDArray[np.float32]:
    """Quantiles for each value of the low bits."""
    places = np.linspace(0, len(ratios) - 1, int(_LOW) + 1)
    return np.interp(places, np.arange(len(ratios)), ratios).astype(np.float32)


def _from_coming(dice: np.random.Generator, rate: Floats, sizes: Floats) -> Floats:
    """What a leaf's deals bring that are not open yet: `rate` wins in each draw, each of a size.

    They come one after another: a higher rate has those of a lower one come, and more.
    """
    brought, reached = np.zeros(len(rate)), np.zeros(len(rate))
    while (reached < rate).any():
        shape = (_WINS_AT_ONCE, len(rate))
        arrivals = reached + np.cumsum(dice.standard_exponential(shape), axis=0)
        money = sizes[dice.integers(0, len(sizes), shape)]
        brought += np.where(arrivals <= rate, money, 0.0).sum(axis=0)
        reached = arrivals[-1]
    return brought
