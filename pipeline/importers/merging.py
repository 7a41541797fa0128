"""From converted rows to a merge into their table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
from django.db import models

from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, objects

Prepare = Callable[[pd.DataFrame, Rows, Session], pd.DataFrame]
Step = Callable[[str], None]


def merge_rows(
    rows: Rows,
    session: Session,
    model: type[models.Model],
    prepare: Prepare,
    *,
    key: tuple[str, ...] = ("external_id",),
    only_new: Iterable[str] = (),
    extras: Mapping[str, str] | None = None,
    first: Step | None = None,
    then: Step | None = None,
) -> None:
    """Stream every chunk, prepared as rows of `model`, into one merge and count it.

    All frames that `prepare` makes have the same columns, named like fields of the model;
    for `extras`, `first` and `then` see `BulkWriter.merge`.
    """
    frames = (prepare(values, rows, session) for values in rows.chunks())
    head = next(frames, None)
    if head is None:
        return
    columns = [name for name in head.columns if name not in (extras or {})]
    counts = session.bulk.merge(
        model,
        columns,
        _tuples(model, [*columns, *(extras or {})], head, frames),
        key=key,
        only_new=[name for name in only_new if name in columns],
        extras=extras,
        first=first,
        then=then,
    )
    rows.count(counts)


def _tuples(
    model: type[models.Model],
    columns: list[str],
    first: pd.DataFrame,
    others: Iterator[pd.DataFrame],
) -> Iterator[tuple[Any, ...]]:
    blanks = [_blank(model, name) for name in columns]
    for frame in _chained(first, others):
        filled = [
            frame[name] if blank is None else objects(_filled(frame[name], blank), frame.index)
            for name, blank in zip(columns, blanks, strict=True)
        ]
        yield from zip(*filled, strict=True)


def _chained(first: pd.DataFrame, others: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    yield first
    yield from others


def _filled(values: Iterable[Any], blank: Any) -> Iterator[Any]:
    return (blank if value is None else value for value in values)


def _blank(model: type[models.Model], name: str) -> Any:
    """What an empty cell means to a field that cannot be null: its default, else no text."""
    field = next((f for f in model._meta.concrete_fields if f.name == name), None)
    if field is None or field.null:
        return None
    return field.get_default()
