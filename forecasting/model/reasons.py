"""Why the model gives a deal its chance, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _

from forecasting.model.arrays import Floats
from forecasting.model.features import NAMES
from forecasting.model.history import KINDS
from forecasting.model.learning import Learned

_WEIGHTY = 0.15
_MOST = 3

# What features tell together, and how that is said where it helps and where it hurts.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "stage": ("stage_odds", "time_left_late"),
    "age": ("age", "long_age", "deal_age"),
    "amount": ("amount", "estimated"),
    "close": ("closes_in_time", "overdue", "closes_later", "days_overdue", "closes_when"),
    "pushes": ("pushed_once", "pushed_often"),
    "category": ("raised", "lowered"),
    "owner": ("owner",),
    "kind": KINDS,
}
_WORDS = {
    "stage": (_("far along in the process"), _("still early in the process")),
    "age": (_("moving at a good pace"), _("long in its stage")),
    "amount": (_("an amount that is often won"), _("a large or uncertain amount")),
    "close": (_("expected to close in time"), _("expected to close late or overdue")),
    "pushes": (_("its close was put off, and it went on"), _("its close was put off")),
    "category": (_("its owner's own forecast category"), _("its owner's own forecast category")),
    "owner": (_("its owner wins more than most"), _("its owner wins less than most")),
    "kind": (_("a kind of deal that is often won"), _("a kind of deal that is rarely won")),
}


@dataclass(frozen=True)
class Reason:
    """One reason: whether it helps, and how strongly in log-odds."""

    words: str
    effect: float

    @property
    def helps(self) -> bool:
        return self.effect > 0


def reasons(features: Floats, learned: Learned) -> list[list[Reason]]:
    """The main reasons of each deal, the weightiest first; a row of features a deal."""
    effects = (features - np.array(learned.means)) * np.array(learned.weights)
    grouped = {name: effects[:, columns].sum(axis=1) for name, columns in _columns(learned).items()}
    return [
        _main({name: float(effect[row]) for name, effect in grouped.items()})
        for row in range(len(features))
    ]


def _columns(learned: Learned) -> dict[str, list[int]]:
    """The columns of each group; those of the single stages belong to the stage."""
    columns = {name: [NAMES.index(each) for each in told] for name, told in _GROUPS.items()}
    columns["stage"] += range(len(NAMES), len(NAMES) + len(learned.stages))
    return columns


def _main(effects: Mapping[str, float]) -> list[Reason]:
    weighty = sorted(effects.items(), key=lambda item: -abs(item[1]))[:_MOST]
    return [
        Reason(str(_WORDS[name][effect < 0]), effect)
        for name, effect in weighty
        if abs(effect) >= _WEIGHTY
    ]
