"""What the demo's people said, from what stood then and what they are like."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pandas as pd

from forecasting.demo.temperaments import Traits
from pipeline.demo.plan import Plan
from pipeline.demo.timeline import Floats

_CENT = Decimal("0.01")
# What is left of a quarter as somebody sees it who knows the customers: so much of what is open,
# and of what usually came, for deals that are not there yet.
_OF_COMMIT, _OF_BEST_CASE, _OF_PIPELINE, _OF_USUAL = 0.58, 0.24, 0.21, 0.63
_USUAL_OF = 4
_WEEKLY = 0.3
_DIGITS = 100
_SILENT = 24
NOTES = (
    "큰 건 하나가 이번 분기 안에 들어올 것 같아요.", "구매팀 일정이 한 주 밀렸어요.",
    "계약서 검토가 끝나서 올렸어요.", "경쟁사가 들어와서 보수적으로 잡았어요.",
    "지난주와 같아요.", "추가 수량을 협의하고 있어요.",
)  # fmt: skip
REASONS_LOWER = (
    "늘 높게 잡는 편이라 낮췄어요.", "큰 건은 다음 분기로 밀릴 것 같아요.",
    "계약 절차가 아직 시작되지 않았어요.",
)  # fmt: skip
REASONS_HIGHER = (
    "늘 낮게 잡는 편이라 올렸어요.", "고객사 예산이 확정됐다고 들었어요.",
    "이미 구두 합의가 된 건이 빠져 있어요.",
)  # fmt: skip
REASONS_BACK = ("다시 제출한 값이 맞아 보여요.", "직접 확인하고 되돌렸어요.")


def submitted(
    plan: Plan,
    dice: np.random.Generator,
    traits: Traits,
    occasions: pd.DataFrame,
    came: pd.DataFrame,
) -> pd.DataFrame:
    """The occasions with what was submitted and what the system had, as tables keep them.

    `came` is what everybody had closed at the end of each quarter.
    """
    person = occasions["person"].to_numpy()
    luck = _luck(dice, traits, plan, occasions)
    left = _left(plan, occasions, _usual(plan, traits, came))
    closed = _floats(occasions["closed"])
    commit = _rounded(closed + left * np.exp(traits.bias[person] + luck), closed)
    more = 0.6 * _floats(occasions["best_case"]) + 0.25 * _floats(occasions["pipeline"])
    best_case = _rounded(commit + more * np.exp(0.7 * traits.bias[person] + luck / 2), commit)
    total = occasions["closed"] + occasions["commit"]
    noted = dice.integers(-_SILENT, len(NOTES), len(left)).clip(-1)
    return occasions.assign(
        commit=_amounts(commit),
        best_case=_amounts(best_case),
        note=np.array([*NOTES, ""], dtype=object)[noted],
        base_closed=occasions["closed"].map(_kept),
        base_commit=total.map(_kept),
        base_best_case=(total + occasions["best_case"]).map(_kept),
    )


def _luck(dice: np.random.Generator, traits: Traits, plan: Plan, occasions: pd.DataFrame) -> Floats:
    """How far off somebody is besides their bias: for the whole quarter, and each week anew."""
    person, quarter = occasions["person"].to_numpy(), occasions["quarter"].to_numpy()
    whole = dice.normal(0, 1, (len(traits.bias), len(plan.quarters)))[person, quarter]
    weekly = dice.normal(0, _WEEKLY, len(occasions))
    luck: Floats = traits.noise[person] * (whole + weekly)
    return luck


def _usual(plan: Plan, traits: Traits, came: pd.DataFrame) -> Floats:
    """What somebody (a row) closed in the mean of the quarters before each one (a column)."""
    won = np.full((len(traits.bias), len(plan.quarters)), np.nan)
    won[came["person"], came["quarter"]] = _floats(came["closed"])
    known = pd.DataFrame(won.T).rolling(_USUAL_OF, min_periods=1).mean().shift(1)
    usual: Floats = known.fillna(0).to_numpy().T
    return usual


def _left(plan: Plan, occasions: pd.DataFrame, usual: Floats) -> Floats:
    """What is still to come in the quarter, to the best of one's knowledge."""
    person, quarter = occasions["person"].to_numpy(), occasions["quarter"].to_numpy()
    starts = np.array([each.starts_at.timestamp() for each in plan.quarters])[quarter]
    ends = np.array([each.ends_at.timestamp() for each in plan.quarters])[quarter]
    left = np.clip((ends - occasions["at"].to_numpy()) / (ends - starts), 0, 1)
    expected: Floats = (
        _OF_COMMIT * _floats(occasions["commit"])
        + _OF_BEST_CASE * _floats(occasions["best_case"])
        + _OF_PIPELINE * _floats(occasions["pipeline"])
        + _OF_USUAL * usual[person, quarter] * left**1.5
    )
    return expected


def adjusted(
    dice: np.random.Generator, traits: Traits, reviews: pd.DataFrame, said: pd.DataFrame
) -> pd.DataFrame:
    """The reviews with the value that replaced each column's figure (None: taken back).

    A lead knows a part of each person's bias and takes that out of what is not closed yet.
    """
    keys = ["person", "team", "quarter"]
    last = pd.merge_asof(
        reviews.sort_values("at"), said.sort_values("at")[[*keys, "at", "commit", "best_case"]],
        on="at", by=keys, suffixes=("_open", ""),
    )  # fmt: skip
    number = last.groupby(keys).cumcount().to_numpy()
    back = last["back"].to_numpy(dtype=bool) & (number > 0) & ~_was_taken_back(last, keys)
    known = traits.bias[last["person"]] * dice.uniform(0.35, 0.85, len(last))
    closed, low = _floats(last["closed"]), np.zeros(len(last))
    values = {}
    for column in ("commit", "best_case"):
        submitted = _floats(last[column])
        low = np.maximum(low, closed)
        low = values[column] = _rounded(
            closed + np.maximum(submitted - closed, 0) * np.exp(-known), low
        )
    reasons = _reasons(dice, known, back)
    parts = [
        last.assign(
            column=column,
            number=number + 1,
            base=last[column],
            value=_amounts(value, unless=back),
            reason=reasons,
        )
        for column, value in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _was_taken_back(reviews: pd.DataFrame, keys: list[str]) -> Any:
    """Whether the one before of the same cell was taken back already."""
    return reviews.groupby(keys)["back"].shift(1, fill_value=False).to_numpy(dtype=bool)


def _reasons(dice: np.random.Generator, known: Floats, back: Any) -> list[str]:
    luck = dice.integers(0, 6, len(known)).tolist()
    pools = np.where(back, 2, np.where(known > 0, 0, 1)).tolist()
    texts = (REASONS_LOWER, REASONS_HIGHER, REASONS_BACK)
    return [texts[pool][n % len(texts[pool])] for pool, n in zip(pools, luck, strict=True)]


def _rounded(values: Floats, lowest: Floats) -> Floats:
    """To three digits, as people say figures, but not below the lowest."""
    step = 10.0 ** np.floor(np.log10(np.maximum(values, 1))) / _DIGITS
    step = np.maximum(step, 1)
    rounded: Floats = np.maximum(np.round(values / step) * step, np.ceil(lowest))
    return rounded


def _floats(amounts: Any) -> Floats:
    found: Floats = amounts.to_numpy().astype(np.float64)
    return found


def _amounts(values: Floats, unless: Any = False) -> Any:
    found = np.array([Decimal(int(value)) for value in values.tolist()], dtype=object)
    found[np.broadcast_to(unless, len(found))] = None
    return found


def _kept(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_EVEN)
