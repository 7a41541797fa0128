"""The demo company as rows of the product's tables: what goes where, and since when.

Rows refer to each other by their place in a table, from 1 on, 0 standing for null; `writing`
turns places into ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db import models
from numpy.typing import NDArray

from pipeline.demo.timeline import Dates, Ints

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Picked:
    """A column that repeats few values: the text at each place (None: null), the last for -1."""

    texts: Texts
    places: Ints

    @classmethod
    def of(cls, texts: Sequence[str | None], places: Ints) -> Picked:
        """A text for every place."""
        return cls(np.array(texts, dtype=object), places)


Column = NDArray[Any] | Picked | list[str] | str | int
"""Numbers, instants or places; texts; or one text or number for all rows."""


@dataclass(frozen=True)
class Rows:
    """So many rows, by column."""

    count: int
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Rows:
        """The rows of a frame; what is not known in it is null."""
        return cls(len(frame), {str(name): _column(frame[name]) for name in frame.columns})


def _column(values: pd.Series[Any]) -> NDArray[Any]:
    if values.dtype.kind in "iubM":
        return values.to_numpy()
    return values.astype(object).where(values.notna(), None).to_numpy()


@dataclass(frozen=True)
class Table:
    """Rows of a model, and their versions where it keeps its history.

    `past` has the columns of the model's history, `row`, and `valid_from` in the order of
    rows and instants.
    """

    model: type[models.Model]
    rows: Rows
    past: Rows | None = None


def once(rows: Rows, names: tuple[str, ...], since: Dates | np.datetime64) -> Rows:
    """Versions of rows that never changed."""
    kept = {name: rows.columns[name] for name in names}
    began = np.broadcast_to(np.asarray(since, dtype="datetime64[s]"), rows.count)
    return Rows(rows.count, {**kept, "row": np.arange(1, rows.count + 1), "valid_from": began})


def labels(prefix: str, count: int) -> list[str]:
    """External ids, so that scripts can upsert: `prefix-0000001` and so on."""
    return [f"{prefix}-{n:07d}" for n in range(1, count + 1)]


def twice(
    first: pd.DataFrame,
    now: pd.DataFrame,
    names: tuple[str, ...],
    *,
    since: Dates | np.datetime64,
    changed: Dates,
) -> Rows:
    """Versions of rows as they were `first` until they `changed` (NaT: never), and as `now`."""
    place = np.arange(1, len(now) + 1)
    before = first[list(names)].assign(row=place, valid_from=since)
    after = now[list(names)].assign(row=place, valid_from=changed)
    past = pd.concat([before, after[~np.isnat(changed)]])
    return Rows.of(past.sort_values(["row", "valid_from"], ignore_index=True))
