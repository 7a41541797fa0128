"""Histories of imagined companies, without a database.

The demo's own tables, as `seed_demo` writes them, are read as the model reads versions; so the
model can be tried on many companies in little time. `tests/forecasting/test_frames.py` proves
that reading the written company gives the same arrays.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecasting.model.history import CATEGORIES, KINDS, OUTCOMES, History, Prices, Step, moment
from periods import Calendar, Grain, Period
from pipeline.demo.plan import Plan
from pipeline.demo.rates import Rates
from pipeline.demo.seeding import imagine
from pipeline.demo.tables import Picked, Rows
from pipeline.eight_steps import STEPS
from pipeline.models import Deal

SEOUL = Calendar(ZoneInfo("Asia/Seoul"))
UNTIL = SEOUL.start_of(date(2026, 11, 21)) - timedelta(seconds=1)
LAST_QUARTER = Period.containing(date(2026, 9, 30), Grain.QUARTER, SEOUL)
STAGES = {
    place: Step(float(step.probability), CATEGORIES.index(step.category))
    for place, step in enumerate(STEPS, start=1)
}


def demo(deals: int, seed: int) -> History:
    """The whole history of a demo company."""
    plan = Plan(deals, seed, UNTIL, SEOUL)
    table = next(table for table in imagine(plan, password_hash="") if table.model is Deal)
    assert table.past is not None
    rates = Rates.build(plan)
    return History(
        _versions(table.past), STAGES, (Prices(rates.days, rates.cents / 100),), SEOUL, UNTIL
    )


def _versions(past: Rows) -> pd.DataFrame:
    texts = {name: _values(column) for name, column in past.columns.items()}
    return pd.DataFrame(
        {
            "deal": texts["row"],
            "began": texts["valid_from"],
            "stage": texts["stage"],
            "outcome": _places(texts["outcome"], OUTCOMES),
            "real": ~np.isin(texts["lost_reason"], ("duplicate", "mistake")),
            "amount": texts["amount"].astype(float),
            "currency": np.where(texts["currency"] == "USD", 0, -1),
            "owner": texts["owner"],
            "team": texts["team"],
            "expected": texts["expected_close"].astype("datetime64[D]"),
            "category": _places(texts["category"], CATEGORIES),
            "probability": pd.to_numeric(texts["probability"]),
            "kind": _places(texts["kind"], KINDS),
            "estimated": texts["amount_estimated"],
            "created": texts["created_at"],
        }
    )


def _values(column: Any) -> Any:
    return column.texts[column.places] if isinstance(column, Picked) else column


def _places(texts: Any, names: tuple[str, ...]) -> Any:
    return np.array([names.index(text) for text in texts.tolist()])


def known_at(history: History, at: datetime) -> History:
    """What was known of it at an instant."""
    kept = history["began"] <= moment(at)
    versions = history.versions[kept].reset_index(drop=True)
    return History(versions, history.steps, history.prices, history.calendar, at)


def noise(deals: int, seed: int, teams: int = 8) -> History:
    """A company whose deals tell nothing: whether, when and for how much one is won has nothing
    to do with its stage, age, owner, amount or expected close, and every quarter is drawn alike.
    """
    dice = np.random.default_rng(seed)
    start, end = (moment(SEOUL.start_of(day)) for day in (date(2023, 10, 1), date(2026, 11, 21)))
    span = (end - start).astype(int)
    created = start + np.sort(dice.integers(0, span, deals)).astype("timedelta64[s]")
    parts = [_looked_at(dice, created, n) for n in range(3)] + [_closed(dice, created)]
    versions = pd.concat(parts, ignore_index=True)
    versions["team"] = 1 + versions["deal"] % teams
    versions["owner"] = 1 + versions["deal"] % (2 * teams)
    versions["created"] = created[versions["deal"].to_numpy() - 1]
    versions = versions[versions["began"] < moment(UNTIL)]
    versions = versions.sort_values(["deal", "began"], ignore_index=True)
    return History(versions, STAGES, (), SEOUL, UNTIL)


def _looked_at(dice: np.random.Generator, created: Any, number: int) -> pd.DataFrame:
    """An open version of every deal, in any stage and at any amount."""
    count = len(created)
    began = created + (number * dice.integers(3, 20, count)).astype("timedelta64[D]")
    expected = began + dice.integers(5, 150, count).astype("timedelta64[D]")
    return _drawn(dice, began, dice.integers(1, 8, count), 0, expected)


def _closed(dice: np.random.Generator, created: Any) -> pd.DataFrame:
    count = len(created)
    won = dice.random(count) < 0.3
    began = created + dice.integers(40, 160, count).astype("timedelta64[D]")
    return _drawn(dice, began, np.where(won, 8, 9), np.where(won, 1, 2), began)


def _drawn(
    dice: np.random.Generator, began: Any, stage: Any, outcome: Any, expected: Any
) -> pd.DataFrame:
    count = len(began)
    return pd.DataFrame(
        {
            "deal": np.arange(1, count + 1),
            "began": began.astype("datetime64[s]"),
            "stage": stage,
            "outcome": outcome,
            "real": True,
            "amount": np.round(dice.lognormal(16, 1.0, count)),
            "currency": -1,
            "expected": expected.astype("datetime64[D]"),
            "category": 0,
            "probability": np.nan,
            "kind": dice.integers(0, 4, count),
            "estimated": False,
        }
    )
