"""The drawn ends of a period, told as figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from forecasting.model.arrays import Floats

_CENT, _SHARE = Decimal("0.01"), Decimal("0.0001")
_RANGE = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Ends:
    """Where a period may end in company money, a number per draw."""

    draws: Floats

    @cached_property
    def _range(self) -> list[Decimal]:
        return [money(value) for value in np.quantile(self.draws, _RANGE).tolist()]

    @property
    def p10(self) -> Decimal:
        return self._range[0]

    @property
    def p50(self) -> Decimal:
        return self._range[1]

    @property
    def p90(self) -> Decimal:
        return self._range[2]

    def chance_of(self, target: Decimal) -> Decimal:
        """The share of the draws that reach a target, from 0 to 1."""
        reached = float((self.draws >= float(target)).mean())
        return Decimal(reached).quantize(_SHARE)


def money(value: float) -> Decimal:
    """To the cent, as figures are kept."""
    return Decimal(value).quantize(_CENT)
