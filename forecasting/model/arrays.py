"""Names for the arrays that the model computes with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
Numbers = NDArray[Any]
"""Floats, or what counts as 0 and 1."""

Moment = np.datetime64

A_DAY = np.timedelta64(1, "D")


def log_odds(share: Floats) -> Floats:
    """Of shares strictly between 0 and 1."""
    odds: Floats = np.log(share / (1 - share))
    return odds


def chance(odds: Floats) -> Floats:
    """The share from 0 to 1 that log-odds stand for."""
    share: Floats = 1 / (1 + np.exp(-odds))
    return share
