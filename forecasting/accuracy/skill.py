"""Whether the model has shown on this company's past that it knows more than simple methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.model.arrays import Floats

FEWEST_CASES, FEWEST_PERIODS = 20, 4
_TRIALS, _SEED = 2000, 20
_LUCK = 0.05


@dataclass(frozen=True)
class Compared:
    """Errors of the model and of one rival over the same nodes and periods, and what came."""

    rival: str
    model: Floats
    other: Floats
    actual: Floats

    @property
    def wapes(self) -> tuple[float, float] | None:
        """The model's and the rival's; None where nothing came."""
        came = float(self.actual.sum())
        if not came:
            return None
        return float(self.model.sum()) / came, float(self.other.sum()) / came

    @property
    def luck(self) -> float:
        """How often the model would be no better, were the same cases drawn anew."""
        gained = self.other - self.model
        drawn = np.random.default_rng(_SEED).integers(0, len(gained), (_TRIALS, len(gained)))
        return float((gained[drawn].sum(axis=1) <= 0).mean())


@dataclass(frozen=True)
class Verdict:
    """Whether skill is claimed; the hardest `rival` and both errors, None with too few cases."""

    is_skilled: bool
    cases: int
    rival: str = ""
    model: float | None = None
    other: float | None = None


def judge(compared: Sequence[Compared], *, periods: int) -> Verdict:
    """Claim skill only where the model beats every rival by more than luck would have it."""
    told = [each for each in compared if each.wapes and len(each.model) >= FEWEST_CASES]
    cases = max((len(each.model) for each in compared), default=0)
    if not told or periods < FEWEST_PERIODS:
        return Verdict(is_skilled=False, cases=cases)
    hardest = max(told, key=lambda each: each.luck)
    mine, others = hardest.wapes or (0.0, 0.0)
    beaten = len(told) == len(compared) and hardest.luck < _LUCK
    return Verdict(beaten, len(hardest.model), hardest.rival, mine, others)
