"""How deals go through the stages: on, past one, back, lost, taken up again, won.

All deals of a batch take their next step together, so the work is a few dozen passes over
arrays however many deals there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.setup import LAST_OPEN, LOST, STEPS, WON
from pipeline.demo.timeline import Bools, Floats, Ints

_MOST_STEPS = 30
_BACK, _SKIP = 0.055, 0.08
_NO_PAPERWORK_MISSING = 0.55
_REOPENED, _SHORTEST_DAYS, _LONGEST_DAYS = 0.035, 0.04, 85.0
_STALLED, _SPREAD = 0.08, 0.7
_LINGERS_BEFORE_LOSS = 1.35

_DAYS = np.array([0.0, *(step.days for step in STEPS)])
_LOSS = np.array([0.5, *(min(max(step.loss, 1e-3), 1 - 1e-3) for step in STEPS)])


@dataclass(frozen=True)
class Lives:
    """Stage visits, ordered by deal and moment: positions of deals, moments, stages.

    A visit lasts until `ends`; the visits of a close never end.
    """

    deal: Ints
    moment: Floats
    stage: Ints
    ends: Floats


def live(
    dice: np.random.Generator, born: Floats, entry: Ints, edge: Floats, tempo: Floats
) -> Lives:
    """Whole lives of deals born at moments in stages, also where they reach past today.

    `edge` is log-odds of surviving a stage, `tempo` multiplies the days in each.
    """
    alive = np.arange(len(born))
    moment, stage, fresh = born.copy(), entry.copy(), np.ones(len(born), dtype=bool)
    passed: list[tuple[Ints, Floats, Ints]] = []
    for _step in range(_MOST_STEPS):
        passed.append((alive, moment, stage))
        going = (stage <= LAST_OPEN) | ((stage == LOST) & fresh & _chance(dice, _REOPENED, stage))
        alive, moment, stage, fresh = alive[going], moment[going], stage[going], fresh[going]
        if not len(alive):
            break
        stays, after = _step_on(dice, stage, edge[alive])
        fresh = fresh & (stage != LOST)
        moment = moment + np.clip(stays * tempo[alive], _SHORTEST_DAYS, _LONGEST_DAYS)
        stage = after
    return _in_order(passed)


def _step_on(dice: np.random.Generator, stage: Ints, edge: Floats) -> tuple[Floats, Ints]:
    """How long each visit lasts before tempo, and the stage that follows it."""
    odds = np.log(_LOSS[stage] / (1 - _LOSS[stage])) - edge
    lost = dice.random(len(stage)) < 1 / (1 + np.exp(-odds))
    luck = dice.random(len(stage))
    ahead = np.where(luck < _SKIP, stage + 2, stage + 1)
    ahead = np.where((luck > 1 - _BACK) & (stage > 1), stage - 1, ahead)
    smooth = (stage == LAST_OPEN - 1) & (luck < _NO_PAPERWORK_MISSING)
    ahead = np.where(smooth | (ahead > WON), WON, ahead)
    after = np.where(lost, LOST, ahead)
    again = stage == LOST
    after = np.where(again, dice.integers(2, 5, len(stage)), after)
    days = np.where(again, 28.0, _DAYS[stage]) * dice.lognormal(0, _SPREAD, len(stage))
    days *= np.where(lost, _LINGERS_BEFORE_LOSS, 1.0)
    return _stall(dice, days), after


def _stall(dice: np.random.Generator, days: Floats) -> Floats:
    stalled = dice.random(len(days)) < _STALLED
    return np.where(stalled, days * dice.uniform(2.5, 5, len(days)), days)


def _chance(dice: np.random.Generator, share: float, like: Ints) -> Bools:
    return dice.random(len(like)) < share


def _in_order(passed: list[tuple[Ints, Floats, Ints]]) -> Lives:
    deal = np.concatenate([each[0] for each in passed])
    # Each pass is a later step of its deals, so a stable sort by deal keeps the steps in order.
    order = np.argsort(deal, kind="stable")
    deal = deal[order]
    moment = np.concatenate([each[1] for each in passed])[order]
    ends = np.append(moment[1:], np.inf)
    ends[np.append(deal[1:] != deal[:-1], True)] = np.inf
    return Lives(deal, moment, np.concatenate([each[2] for each in passed])[order], ends)
