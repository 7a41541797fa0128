"""How the demo's people promise: each with a bias of their own, which their lead knows in part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.demo.timeline import Floats, Ints


class Temperament(NamedTuple):
    """`bias` and `noise` are logarithms of what one makes of the work that is left.

    `spread` is how much a kind's people differ, `skips` how often they let a week pass,
    `begins` in which week of a quarter they call it for the first time.
    """

    share: int
    bias: float
    spread: float
    noise: float
    skips: float
    begins: int


REALIST = Temperament(4, 0.0, 0.06, 0.12, 0.06, -1)
SANDBAGGER = Temperament(3, -0.45, 0.1, 0.12, 0.08, -1)
OPTIMIST = Temperament(3, 0.35, 0.1, 0.15, 0.08, -2)
ERRATIC = Temperament(2, -0.05, 0.1, 0.45, 0.22, 0)
RELUCTANT = Temperament(1, 0.1, 0.1, 0.3, 0.6, 5)
KINDS = (REALIST, SANDBAGGER, OPTIMIST, ERRATIC, RELUCTANT)


@dataclass(frozen=True)
class Traits:
    """What each person is like, by position."""

    bias: Floats
    noise: Floats
    skips: Floats
    begins: Ints
    habit: Ints
    """Days after Monday on which they submit."""


def draw_traits(dice: np.random.Generator, count: int) -> Traits:
    """Every kind comes up among any dozen people or so."""
    mix = np.repeat(np.arange(len(KINDS)), [kind.share for kind in KINDS])
    hands = [dice.permutation(mix) for _hand in range(count // len(mix) + 1)]
    kinds = [KINDS[kind] for kind in np.concatenate(hands)[:count]]
    return Traits(
        bias=np.array([dice.normal(kind.bias, kind.spread) for kind in kinds]),
        noise=np.array([kind.noise for kind in kinds]),
        skips=np.array([kind.skips for kind in kinds]),
        begins=np.array([kind.begins for kind in kinds]),
        habit=dice.choice(3, count, p=(0.6, 0.25, 0.15)),
    )
