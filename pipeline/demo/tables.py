"""The demo company as rows of the product's tables: what goes where, and since when.

Rows refer to each other by their place in a table, from 1 on, 0 standing for null; `writing`
turns places into ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from django.db import models

from pipeline.demo.timeline import Dates, Ints


@dataclass(frozen=True)
class Table:
    """Rows of a model, and their versions unless `past` is empty.

    `past` has the columns of the model's history, `row`, and `valid_from` in the order of
    rows and instants.
    """

    model: type[models.Model]
    rows: pd.DataFrame
    past: pd.DataFrame = field(default_factory=pd.DataFrame)


def once(rows: pd.DataFrame, names: tuple[str, ...], since: Dates | np.datetime64) -> pd.DataFrame:
    """Versions of rows that never changed."""
    past = rows[list(names)].copy()
    past["row"], past["valid_from"] = np.arange(1, len(rows) + 1), since
    return past


def until_next(past: pd.DataFrame) -> Dates:
    """When each version ended: with the next one of its row, else not yet."""
    row, since = past["row"].to_numpy(), past["valid_from"].to_numpy()
    ends = np.append(since[1:], np.datetime64("NaT"))
    ends[np.append(row[1:] != row[:-1], True)] = np.datetime64("NaT")
    return ends


def labels(prefix: str, count: int) -> list[str]:
    """External ids, so that scripts can upsert: `prefix-0000001` and so on."""
    return [f"{prefix}-{n:07d}" for n in range(1, count + 1)]


def pick(names: tuple[str, ...], place: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The names at places; the last for -1."""
    return np.array(names, dtype=object)[place]


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices that cover `count` rows."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
